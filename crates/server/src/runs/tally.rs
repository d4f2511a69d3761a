//! What a run pays for the flows that it asks, which have runs of their own.

use std::sync::Arc;

use flowstone_core::{Bill, Purse, Result};
use parking_lot::Mutex;

/// Counts what the flows that a run asks have spent, and passes it on to the run that asked it.
pub(crate) struct Tally {
    above: Option<Arc<dyn Purse>>,
    total: Mutex<Bill>,
}

impl Tally {
    /// A tally of nothing.
    pub(crate) fn new(above: Option<Arc<dyn Purse>>) -> Self {
        Self { above, total: Mutex::default() }
    }

    /// What the flows that were asked have spent.
    pub(crate) fn total(&self) -> Bill {
        *self.total.lock()
    }

    /// Whether somebody has asked the run.
    pub(super) fn is_asked(&self) -> bool {
        self.above.is_some()
    }

    /// Tells whoever asked the run what it has spent itself.
    pub(super) fn tell(&self, own: Bill) {
        if let Some(above) = &self.above {
            above.pay(own);
        }
    }
}

impl Purse for Tally {
    fn allow(&self) -> Result<()> {
        self.above.as_ref().map_or(Ok(()), |it| it.allow())
    }

    fn pay(&self, bill: Bill) {
        *self.total.lock() += bill;
        self.tell(bill);
    }
}
