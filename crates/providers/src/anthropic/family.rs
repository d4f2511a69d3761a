//! What Anthropic's documentation says of its models, by their versions.

/// The generation of a model, read from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// Major and minor version; `None` for names that tell none, as gateways give them.
    version: Option<(u32, u32)>,
}

impl Family {
    /// The family of a model such as `claude-3-5-haiku-latest` or `claude-opus-4-7`, also with the
    /// name of a gateway in front.
    pub fn of(model: &str) -> Self {
        let Some((_, name)) = model.split_once("claude-") else { return Self { version: None } };
        // A longer number is a date.
        let number = |word: &str| word.parse().ok().filter(|_| word.len() <= 2);
        let mut words = name.split(['-', '.', '@', ':']);
        let major = words.by_ref().find_map(number);
        let minor = words.next().and_then(number).unwrap_or_default();
        Self { version: major.map(|major| (major, minor)) }
    }

    /// Whether it takes `output_config.format`; others are bound to a schema by a tool.
    pub(super) fn knows_schemas(self) -> bool {
        self.since((4, 1))
    }

    /// Whether it refuses `temperature`, `top_p` and `top_k`.
    pub(super) fn refuses_sampling(self) -> bool {
        self.since((4, 7))
    }

    /// Whether it chooses by itself how long it thinks, and refuses a budget.
    pub fn only_adaptive(self) -> bool {
        self.since((4, 7))
    }

    /// How long an answer may get where nobody says, in tokens: within what the model can write.
    pub fn usual_max_tokens(self) -> u64 {
        match self.version {
            Some(version) if version >= (4, 0) => 16_384,
            Some(version) if version >= (3, 5) => 8192,
            _ => 4096,
        }
    }

    fn since(self, first: (u32, u32)) -> bool {
        self.version.is_some_and(|it| it >= first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_version() {
        for (name, version) in [
            ("claude-opus-4-7", Some((4, 7))),
            ("claude-opus-4-20250514", Some((4, 0))),
            ("claude-opus-4-1-20250805", Some((4, 1))),
            ("claude-3-5-haiku-latest", Some((3, 5))),
            ("claude-3-opus-20240229", Some((3, 0))),
            ("claude-2.1", Some((2, 1))),
            ("claude-sonnet-5", Some((5, 0))),
            ("us.anthropic.claude-haiku-4-5-20251001-v1:0", Some((4, 5))),
            ("anthropic/claude-3.7-sonnet", Some((3, 7))),
            ("claude-next", None),
            ("mock", None),
        ] {
            assert_eq!(Family::of(name), Family { version }, "{name}");
        }
    }

    #[test]
    fn a_version_tells_what_is_taken() {
        let facts = |name| {
            let family = Family::of(name);
            (family.knows_schemas(), family.refuses_sampling(), family.only_adaptive())
        };
        assert_eq!(facts("claude-3-7-sonnet-latest"), (false, false, false));
        assert_eq!(facts("claude-haiku-4-5"), (true, false, false));
        assert_eq!(facts("claude-opus-4-7"), (true, true, true));
        assert_eq!(facts("my-own-name"), (false, false, false));
    }
}
