//! From rows to plain structs and back.

/// Two structs with the same fields, each made from the other.
///
/// A macro, because a function cannot name a struct's fields; it keeps a new column to one word.
macro_rules! same_fields {
    ($row:ident, $plain:path { $($field:ident),* $(,)? }) => {
        impl From<$row> for $plain {
            fn from($row { $($field),* }: $row) -> Self {
                Self { $($field),* }
            }
        }

        impl From<&$plain> for $row {
            fn from(plain: &$plain) -> Self {
                Self { $($field: plain.$field.clone()),* }
            }
        }
    };
}

pub(crate) use same_fields;
