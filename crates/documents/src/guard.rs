//! The one place where parsers of third parties run.

use std::thread;

use crate::{Error, Result};

/// Room for parsers that call themselves for what is nested, in bytes. Only what is used of it takes
/// memory.
const STACK: usize = 64 << 20;

/// Runs `work` on a thread of its own: a panic in it is a damaged document, and it may go deep.
pub(crate) fn guarded<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name("documents".to_owned()).stack_size(STACK);
        let running = thread.spawn_scoped(scope, work).map_err(|_| {
            Error::TooLarge("this machine cannot run another thread to read it".to_owned())
        })?;
        running.join().unwrap_or_else(|_| {
            Err(Error::damaged("the parser gave up on something that it does not expect"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_damaged_document() {
        let nothing: [u8; 0] = [];
        let read = guarded(|| Ok(nothing[nothing.len()]));
        assert!(matches!(read, Err(Error::Damaged(_))));
        assert_eq!(guarded(|| Ok(1)), Ok(1));
    }
}
