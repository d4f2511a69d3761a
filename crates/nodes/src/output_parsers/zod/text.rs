//! The words, texts and numbers of a Zod schema, one after the other.

use serde_json::{Map, Value};

/// Reads a schema's text from left to right.
pub(super) struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { whole: text, rest: text }
    }

    /// A message with the line it is about.
    pub(super) fn wrong(&self, reason: &str) -> String {
        let read = self.whole.len() - self.rest.len();
        let line = self.whole[..read].matches('\n').count() + 1;
        format!("line {line}: {reason}")
    }

    /// Goes past `mark` where it stands next. A word must end there.
    pub(super) fn take(&mut self, mark: &str) -> bool {
        self.skip();
        let Some(rest) = self.rest.strip_prefix(mark) else { return false };
        if mark.chars().all(is_word) && rest.starts_with(is_word) {
            return false;
        }
        self.rest = rest;
        true
    }

    /// Whether `mark` stands next.
    pub(super) fn at(&mut self, mark: &str) -> bool {
        self.skip();
        self.rest.starts_with(mark)
    }

    /// Goes past `mark`, which must stand next.
    pub(super) fn expect(&mut self, mark: &str) -> Result<(), String> {
        if self.take(mark) {
            return Ok(());
        }
        let found = match self.rest.chars().next() {
            Some(found) => format!("not `{found}`"),
            None => "but the text ends".to_owned(),
        };
        Err(self.wrong(&format!("`{mark}` is expected here, {found}")))
    }

    /// The end of arguments, after a comma or not.
    pub(super) fn close(&mut self, mark: &str) -> Result<(), String> {
        self.take(",");
        self.expect(mark)
    }

    /// The end of a rule's arguments. A message for people, which many rules take last, is left out.
    pub(super) fn close_rule(&mut self) -> Result<(), String> {
        self.take(",");
        if !self.at(")") {
            self.value()?;
        }
        self.close(")")
    }

    /// Nothing more may come.
    pub(super) fn end(&mut self) -> Result<(), String> {
        self.skip();
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(self.wrong("the schema has ended; nothing may follow"))
    }

    /// A word.
    pub(super) fn name(&mut self) -> Result<&'a str, String> {
        self.skip();
        let end = self.rest.find(|it| !is_word(it)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() || name.starts_with(|it: char| it.is_ascii_digit()) {
            return Err(self.wrong("a name is expected here"));
        }
        self.rest = rest;
        Ok(name)
    }

    /// The name of a property, in quotes or not.
    pub(super) fn key(&mut self) -> Result<String, String> {
        if self.at("\"") || self.at("'") { self.string() } else { Ok(self.name()?.to_owned()) }
    }

    /// Text in quotes.
    pub(super) fn string(&mut self) -> Result<String, String> {
        self.skip();
        let quote = self.rest.chars().next().filter(|it| matches!(it, '"' | '\'' | '`'));
        let Some(quote) = quote else {
            return Err(self.wrong("text in quotes is expected here"));
        };
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == quote {
                self.rest = &self.rest[at + quote.len_utf8()..];
                return Ok(text);
            }
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match letters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, '\n')) | None => {}
                Some((_, other)) => text.push(other),
            }
        }
        Err(self.wrong("this text in quotes never ends"))
    }

    /// A number.
    pub(super) fn number(&mut self) -> Result<f64, String> {
        self.skip();
        let part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '-' | '+' | '_');
        let end = self.rest.find(|it| !part(it)).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        let number = digits.replace('_', "").parse::<f64>().ok().filter(|it| it.is_finite());
        let Some(number) = number else {
            return Err(self.wrong("a number is expected here"));
        };
        self.rest = rest;
        Ok(number)
    }

    /// Text, a number, `true`, `false`, `null`, or a list or object of such values.
    pub(super) fn value(&mut self) -> Result<Value, String> {
        if self.at("[") {
            return Ok(self.list(Self::value_inside)?.into());
        }
        if self.take("{") {
            let mut object = Map::new();
            while !self.take("}") {
                let key = self.key()?;
                self.expect(":")?;
                object.insert(key, self.value_inside()?);
                if !self.take(",") {
                    self.expect("}")?;
                    break;
                }
            }
            return Ok(object.into());
        }
        self.value_inside()
    }

    /// As [`value`](Self::value) without lists and objects, so that no text nests without end.
    fn value_inside(&mut self) -> Result<Value, String> {
        if self.at("\"") || self.at("'") || self.at("`") {
            return Ok(self.string()?.into());
        }
        for (word, value) in
            [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
        {
            if self.take(word) {
                return Ok(value);
            }
        }
        for empty in [("[", "]", Value::Array(Vec::new())), ("{", "}", Value::Object(Map::new()))] {
            if self.take(empty.0) {
                self.expect(empty.1)?;
                return Ok(empty.2);
            }
        }
        Ok(flowstone_core::number::as_written(self.number()?))
    }

    /// A list in brackets, of whatever `entry` reads.
    pub(super) fn list<T>(
        &mut self,
        entry: impl Fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.expect("[")?;
        let mut entries = Vec::new();
        while !self.take("]") {
            entries.push(entry(self)?);
            if !self.take(",") {
                self.expect("]")?;
                break;
            }
        }
        if entries.is_empty() {
            return Err(self.wrong("this list is empty"));
        }
        Ok(entries)
    }

    /// Goes past blanks and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let comment = |open: &str, close: &str| {
                let inside = self.rest.strip_prefix(open)?;
                Some(inside.split_once(close).map_or("", |(_, rest)| rest))
            };
            match comment("//", "\n").or_else(|| comment("/*", "*/")) {
                Some(rest) => self.rest = rest,
                None => return,
            }
        }
    }
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_' || it == '$'
}
