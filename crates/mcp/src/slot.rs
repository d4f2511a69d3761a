//! Where a transport leaves what went wrong, since `rmcp` hands on only that something did.

use std::sync::{Arc, Mutex, PoisonError};

use flowstone_core::Error;

/// The last failure of a connection, until somebody takes it.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Error>>>);

/// Stands for a failure that is in the slot.
#[derive(Debug)]
pub(crate) struct Failed(String);

impl Slot {
    /// Keeps a failure and gives what stands for it.
    pub(crate) fn keep(&self, error: Error) -> Failed {
        let said = error.to_string();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        Failed(said)
    }

    /// The failure, which then is gone.
    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}
