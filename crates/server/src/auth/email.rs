//! E-mail addresses, as accounts are told apart by them.

/// The address in lower case, which is how accounts are told apart.
pub(crate) fn email_address(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (name, host) = text.split_once('@')?;
    let plain =
        !text.contains(|it: char| it.is_whitespace() || it.is_control()) && text.len() <= 254;
    let valid = plain
        && !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.');
    (valid && !host.contains('@')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        assert_eq!(email_address(" Ann@Example.com ").as_deref(), Some("ann@example.com"));
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@host",
            "a b@example.com",
            "a@b@example.com",
            "a@.com",
        ] {
            assert_eq!(email_address(text), None, "{text}");
        }
    }
}
