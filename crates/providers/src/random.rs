//! Ids for calls that a vendor gave none.

use std::hash::{BuildHasher, Hasher, RandomState};

/// An id that no other call of the conversation has.
pub(crate) fn call_id() -> String {
    format!("call_{:016x}", RandomState::new().build_hasher().finish())
}
