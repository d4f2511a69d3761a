//! Counts and cuts text as models do: in tokens of the encodings that OpenAI publishes.

use std::collections::HashSet;

use tiktoken_rs::{CoreBPE, tokenizer::Tokenizer};

/// Stands for a number that is no token.
const UNKNOWN: &str = "\u{FFFD}";

/// A published vocabulary. Its tables are made once for the process, at the first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// GPT-2 and GPT-3; also called `gpt2`.
    R50kBase,
    /// Codex and the later GPT-3 models.
    P50kBase,
    /// The same with the marks of edit models.
    P50kEdit,
    /// GPT-3.5, GPT-4 and OpenAI's embedding models.
    Cl100kBase,
    /// GPT-4o and everything after it.
    O200kBase,
}

impl Encoding {
    /// The encoding called `name`, as forms and vendors write it, such as `cl100k_base`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "gpt2" | "r50k_base" => Self::R50kBase,
            "p50k_base" => Self::P50kBase,
            "p50k_edit" => Self::P50kEdit,
            "cl100k_base" => Self::Cl100kBase,
            "o200k_base" => Self::O200kBase,
            _ => return None,
        })
    }

    /// The encoding of a model. Vendors other than OpenAI do not publish theirs in this form: for
    /// them it is the newest, which is near enough to keep a conversation inside a limit.
    pub(crate) fn of_model(model: &str) -> Self {
        match tiktoken_rs::tokenizer::get_tokenizer(model) {
            Some(Tokenizer::Gpt2 | Tokenizer::R50kBase) => Self::R50kBase,
            Some(Tokenizer::P50kBase) => Self::P50kBase,
            Some(Tokenizer::P50kEdit) => Self::P50kEdit,
            Some(Tokenizer::Cl100kBase) => Self::Cl100kBase,
            Some(Tokenizer::O200kBase | Tokenizer::O200kHarmony) | None => Self::O200kBase,
        }
    }

    /// How many tokens `text` is. Marks such as `<|endoftext|>` in it are text like any other.
    pub(crate) fn count(self, text: &str) -> usize {
        self.encode(text).len()
    }

    /// The tokens of `text`, in order.
    pub(crate) fn encode(self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        encode_into(self.tables(), text, &mut tokens);
        tokens
    }

    /// The text of `tokens`. Where they begin or end inside a character, that one is `U+FFFD`.
    pub(crate) fn decode(self, tokens: &[u32]) -> String {
        let tables = self.tables();
        let mut bytes = Vec::new();
        for token in tokens {
            match tables.decode_bytes(&[*token]) {
                Ok(piece) => bytes.extend(piece),
                Err(_) => bytes.extend(UNKNOWN.as_bytes()),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn tables(self) -> &'static CoreBPE {
        match self {
            Self::R50kBase => tiktoken_rs::r50k_base_singleton(),
            Self::P50kBase => tiktoken_rs::p50k_base_singleton(),
            Self::P50kEdit => tiktoken_rs::p50k_edit_singleton(),
            Self::Cl100kBase => tiktoken_rs::cl100k_base_singleton(),
            Self::O200kBase => tiktoken_rs::o200k_base_singleton(),
        }
    }
}

/// The splitting expression gives up on very long runs of blanks; halves of such a text are read
/// one by one, which costs at most a token at each cut.
fn encode_into(tables: &CoreBPE, text: &str, tokens: &mut Vec<u32>) {
    if let Ok((found, _)) = tables.encode(text, &HashSet::new()) {
        tokens.extend(found);
        return;
    }
    let middle = text.floor_char_boundary(text.len() / 2);
    if middle == 0 {
        return;
    }
    let (first, second) = text.split_at(middle);
    encode_into(tables, first, tokens);
    encode_into(tables, second, tokens);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodings_are_found_by_name_and_by_model() {
        for (name, encoding) in [
            ("gpt2", Encoding::R50kBase),
            ("r50k_base", Encoding::R50kBase),
            ("p50k_base", Encoding::P50kBase),
            ("p50k_edit", Encoding::P50kEdit),
            ("cl100k_base", Encoding::Cl100kBase),
            ("o200k_base", Encoding::O200kBase),
        ] {
            assert_eq!(Encoding::named(name), Some(encoding), "{name}");
        }
        assert_eq!(Encoding::named("cl200k"), None);
        assert_eq!(Encoding::of_model("gpt-4-0613"), Encoding::Cl100kBase);
        assert_eq!(Encoding::of_model("gpt-4o-mini"), Encoding::O200kBase);
        assert_eq!(Encoding::of_model("claude-sonnet-4"), Encoding::O200kBase);
    }

    #[test]
    fn tokens_are_those_that_the_vendor_documents() {
        // From OpenAI's own guide to counting tokens.
        let tokens = Encoding::Cl100kBase.encode("tiktoken is great!");
        assert_eq!(tokens, [83, 1609, 5963, 374, 2294, 0]);
        assert_eq!(Encoding::R50kBase.encode("Hello world"), [15496, 995]);
        assert_eq!(Encoding::R50kBase.count("2 + 2 = 4"), 5);
    }

    #[test]
    fn marks_in_a_text_are_text() {
        assert!(Encoding::R50kBase.count("<|endoftext|>") > 1);
    }

    #[test]
    fn a_cut_inside_a_character_is_shown_and_unknown_numbers_too() {
        let tokens = Encoding::R50kBase.encode("🦜");
        assert!(tokens.len() > 1);
        assert_eq!(Encoding::R50kBase.decode(&tokens), "🦜");
        assert!(Encoding::R50kBase.decode(&tokens[..1]).contains('\u{FFFD}'));
        assert_eq!(Encoding::R50kBase.decode(&[u32::MAX]), "\u{FFFD}");
    }

    #[test]
    fn a_long_run_of_blanks_is_counted() {
        let text = format!("a{}b", " ".repeat(200_000));
        assert_eq!(Encoding::R50kBase.decode(&Encoding::R50kBase.encode(&text)), text);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".{0,60}") {
            prop_assert_eq!(Encoding::R50kBase.decode(&Encoding::R50kBase.encode(&text)), text);
        }
    }
}
