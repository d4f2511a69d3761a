//! Whose rows a call may touch, which page of a list it wants, and in which order.

use std::num::NonZeroU64;

/// The workspace on whose behalf a call is made.
///
/// A repository call that takes a scope sees only rows of that workspace: a row of another one
/// answers like a row that does not exist. Make it from what authentication found out, never from
/// a request's body or path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkspaceScope(String);

impl WorkspaceScope {
    /// The scope of the workspace with this id.
    pub fn new(workspace_id: impl Into<String>) -> Self {
        Self(workspace_id.into())
    }

    /// The id of the workspace.
    pub fn workspace_id(&self) -> &str {
        &self.0
    }
}

/// The largest number that every database counts to.
const MOST: u64 = i64::MAX.unsigned_abs();

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: NonZeroU64,
    limit: NonZeroU64,
}

impl Page {
    /// The page with this number, counted from 1, of `limit` rows each.
    ///
    /// `None` if either is 0, which in the API means "all rows".
    pub fn new(number: u64, limit: u64) -> Option<Self> {
        Some(Self { number: NonZeroU64::new(number)?, limit: NonZeroU64::new(limit)? })
    }

    /// How many rows a page holds.
    pub fn limit(self) -> u64 {
        self.limit.get().min(MOST)
    }

    /// How many rows come before this page.
    pub fn offset(self) -> u64 {
        (self.number.get() - 1).saturating_mul(self.limit.get()).min(MOST)
    }
}

/// The order of a list by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_skips_the_rows_before_it() {
        for (number, limit, offset) in
            [(1, 10, 0), (2, 10, 10), (7, 3, 18), (u64::MAX, 2, MOST), (3, MOST, MOST)]
        {
            let page = Page::new(number, limit).unwrap();
            assert_eq!((page.limit(), page.offset()), (limit, offset));
        }
    }

    #[test]
    fn zero_means_no_page() {
        assert_eq!(Page::new(0, 10), None);
        assert_eq!(Page::new(1, 0), None);
    }
}
