//! Whether a text is one statement that only reads.
//!
//! The connection is read-only too: this is the second wall, which also keeps out what reading
//! connections allow, such as writing files, and tells a model what it may not write.

use crate::{Error, Kind, Result};

/// What a statement may begin with.
const READING: &[&str] = &["select", "with", "values", "show", "describe", "desc", "explain"];

/// Words that no reading statement needs and that reach beyond the database.
const REFUSED: &[&str] = &[
    "outfile",
    "dumpfile",
    "load_file",
    "load_extension",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_dir",
    "pg_stat_file",
    "lo_import",
    "lo_export",
    "dblink",
    "dblink_connect",
    "dblink_exec",
    "readfile",
    "writefile",
    "attach",
    "detach",
    "pragma",
];

/// The statement in `text`, without what may stand around it.
///
/// # Errors
/// [`Error::Refused`] where it is none, more than one, or one that does not only read.
pub(crate) fn reading(kind: Kind, text: &str) -> Result<&str> {
    let refused = |reason: String| Err(Error::Refused(reason));
    let text = text.trim().trim_end_matches([';', ' ', '\n', '\r', '\t']);
    let mut words = Words { kind, rest: text };
    let mut first: Option<String> = None;
    while let Some(word) = words.next()? {
        match word {
            Word::End => {
                return refused(
                    "only one statement is run at a time: write one without `;`".to_owned(),
                );
            }
            Word::Name(name) => {
                let name = name.to_ascii_lowercase();
                if REFUSED.contains(&name.as_str()) {
                    return refused(format!("{} is not run here", name.to_uppercase()));
                }
                first.get_or_insert(name);
            }
        }
    }
    match first {
        Some(first) if READING.contains(&first.as_str()) => Ok(text),
        Some(first) => refused(format!(
            "only statements that read are run, such as SELECT, and not {}",
            first.to_uppercase()
        )),
        None => refused("there is no statement".to_owned()),
    }
}

enum Word<'a> {
    /// A word outside of quotes and comments.
    Name(&'a str),
    /// A semicolon outside of quotes and comments.
    End,
}

struct Words<'a> {
    kind: Kind,
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Result<Option<Word<'a>>> {
        loop {
            let Some(next) = self.rest.chars().next() else { return Ok(None) };
            let two = self.rest.get(..2).unwrap_or_default();
            if two == "--" || (next == '#' && self.kind == Kind::MySql) {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if two == "/*" {
                self.comment()?;
            } else if next == ';' {
                self.rest = &self.rest[1..];
                return Ok(Some(Word::End));
            } else if matches!(next, '\'' | '"' | '`') {
                self.quoted(next)?;
            } else if next == '$' && self.kind == Kind::Postgres {
                self.dollar()?;
            } else if is_name(next) {
                let end = self.rest.find(|it| !is_name(it)).unwrap_or(self.rest.len());
                let (name, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Ok(Some(Word::Name(name)));
            } else {
                self.rest = &self.rest[next.len_utf8()..];
            }
        }
    }

    fn comment(&mut self) -> Result<()> {
        // MySQL runs what stands in comments of these kinds.
        if self.rest.starts_with("/*!") || self.rest.starts_with("/*M!") {
            return Err(Error::Refused("comments that are run (/*! … */) are refused".to_owned()));
        }
        // They nest in PostgreSQL only, so nested ones mean different things.
        let Some((inside, rest)) = self.rest[2..].split_once("*/") else {
            return Err(Error::Refused("a comment is never closed".to_owned()));
        };
        if inside.contains("/*") {
            return Err(Error::Refused("comments within comments are refused".to_owned()));
        }
        self.rest = rest;
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<()> {
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' && self.kind == Kind::MySql {
                letters.next();
            } else if letter == quote {
                // A doubled quote ends one text and begins the next: the same for this purpose.
                self.rest = &self.rest[at + letter.len_utf8()..];
                return Ok(());
            }
        }
        Err(Error::Refused(format!("a text in {quote} is never closed")))
    }

    /// `$tag$ … $tag$`.
    fn dollar(&mut self) -> Result<()> {
        let after = &self.rest[1..];
        let tag = after.find('$').map(|it| &after[..it]);
        let Some(tag) = tag.filter(|it| it.chars().all(is_name) && !it.starts_with(digit)) else {
            // `$1` and the like.
            self.rest = after;
            return Ok(());
        };
        let close = format!("${tag}$");
        let Some((_, rest)) = after[tag.len() + 1..].split_once(&close) else {
            return Err(Error::Refused(format!("a text in {close} is never closed")));
        };
        self.rest = rest;
        Ok(())
    }
}

fn is_name(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

fn digit(it: char) -> bool {
    it.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::MySql];

    #[test]
    fn one_reading_statement_passes() {
        for text in [
            "SELECT 1",
            "select * from a where b = 'x;y' ;\n",
            "-- how many\nSELECT count(*) FROM \"odd;name\"",
            "/* all */ WITH x AS (SELECT 1) SELECT * FROM x",
            "(SELECT 1) UNION (SELECT 2)",
            "SELECT 'it''s; fine'",
            "EXPLAIN SELECT 1",
            "SELECT name FROM updates -- the delete; happens elsewhere",
        ] {
            for kind in KINDS {
                let passed = reading(kind, text).unwrap();
                assert!(!passed.ends_with(';'), "{passed}");
            }
        }
        assert!(reading(Kind::Postgres, "SELECT $a$ ; DROP $a$").is_ok());
        assert!(reading(Kind::MySql, "SELECT 'it\\'s; fine' # ;").is_ok());
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "-- nothing",
            "DELETE FROM a",
            "SELECT 1; DELETE FROM a",
            "SELECT 1;;SELECT 2",
            "/* x */ INSERT INTO a VALUES (1)",
            "PRAGMA writable_schema = 1",
            "ATTACH 'x' AS y",
            "VACUUM INTO 'x'",
            "COPY a TO PROGRAM 'sh'",
            "SELECT * FROM a INTO OUTFILE '/tmp/x'",
            "SELECT LOAD_FILE('/etc/passwd')",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT load_extension('x')",
            "SELECT 1 /*! ; DROP TABLE a */",
            "SELECT 1 /* a /* b */ ; DROP TABLE a -- */",
            "SELECT 'never closed",
            "SET GLOBAL x = 1",
            "CALL p()",
            "DO $$ BEGIN END $$",
            "REPLACE INTO a VALUES (1)",
        ] {
            for kind in KINDS {
                assert!(reading(kind, text).is_err(), "{text}");
            }
        }
        assert!(reading(Kind::Sqlite, "SELECT '\\'; DELETE FROM a; --'").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r"[a-z'\x22`$;/*#\\ \n!é-]{0,40}") {
            for kind in KINDS {
                let _ = reading(kind, &text);
                let _ = reading(kind, &format!("SELECT {text}"));
            }
        }

        #[test]
        fn a_second_statement_never_passes(tail in "[a-z ]{1,20}") {
            prop_assume!(!tail.trim().is_empty());
            let text = format!("SELECT 'a' ; {tail}");
            for kind in KINDS {
                prop_assert!(reading(kind, &text).is_err());
            }
        }
    }
}
