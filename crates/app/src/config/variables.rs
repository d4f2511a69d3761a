//! The environment, a `.env` file and `--NAME=value` flags as one set of named values.
//!
//! The only place of the product that reads the environment, once.

use std::{collections::HashMap, path::Path};

use anyhow::{Result, bail};

/// A variable that the product knows.
pub(crate) struct Variable {
    /// Its name in the environment; `--NAME=value` on the command line.
    pub(crate) name: &'static str,
    /// What stands in for it, in words.
    pub(crate) default: &'static str,
    /// What it does.
    pub(crate) meaning: &'static str,
}

/// Named values; a flag beats the environment, the environment beats `.env`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(HashMap<String, String>);

impl Variables {
    /// Reads the environment, the `.env` file of the working folder and `flags`.
    ///
    /// # Errors
    /// A flag that is not `--NAME=value` or whose name is not in `known`, with the nearest names.
    pub(crate) fn read(flags: &[String], known: &[&Variable]) -> Result<Self> {
        let mut values = HashMap::new();
        if let Ok(text) = std::fs::read_to_string(".env") {
            values.extend(parse_env_file(&text));
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
        values.extend(std::env::vars());
        values.extend(parse_flags(flags, known)?);
        Ok(Self(values))
    }

    /// These values and nothing else, for tests.
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// A value; an empty one counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|it| it.trim()).filter(|it| !it.is_empty())
    }

    /// A switch: `true` or `false`.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(default),
            Some("true" | "1" | "yes") => Ok(true),
            Some("false" | "0" | "no") => Ok(false),
            Some(other) => bail!("{name}: \"{other}\" is neither true nor false"),
        }
    }

    /// A number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> Result<T> {
        match self.get(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) => Ok(number),
                Err(_) => bail!("{name}: \"{text}\" is not a whole number that fits"),
            },
        }
    }

    /// A comma-separated list.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let items = self.get(name).unwrap_or_default().split(',').map(str::trim);
        items.filter(|it| !it.is_empty()).map(str::to_owned).collect()
    }

    /// A path, with `~` as the home folder.
    pub(crate) fn path(&self, name: &str) -> Option<std::path::PathBuf> {
        let text = self.get(name)?;
        match (text.strip_prefix("~/"), self.get("HOME")) {
            (Some(rest), Some(home)) => Some(Path::new(home).join(rest)),
            _ => Some(text.into()),
        }
    }
}

fn parse_flags(flags: &[String], known: &[&Variable]) -> Result<Vec<(String, String)>> {
    let mut values = Vec::new();
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        let Some(name) = flag.strip_prefix("--") else {
            bail!("\"{flag}\" is not a flag: write --NAME=value, such as --PORT=3000");
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, value.to_owned()),
            None => match rest.next() {
                Some(value) => (name, value.clone()),
                None => bail!("--{name} needs a value: write --{name}=value"),
            },
        };
        if !known.iter().any(|it| it.name == name) {
            let lower = name.to_ascii_lowercase();
            // By whole words, or PORT would be found in EXPORTER.
            let holds =
                |text: &str, words: &str| format!("_{text}_").contains(&format!("_{words}_"));
            let near: Vec<&str> = known
                .iter()
                .map(|it| (it.name, it.name.to_ascii_lowercase()))
                .filter(|(_, it)| holds(it, &lower) || holds(&lower, it))
                .map(|(name, _)| name)
                .collect();
            let hint = if near.is_empty() {
                "`flowstone start --help` lists them all".to_owned()
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            bail!("there is no variable {name}: {hint}");
        }
        values.push((name.to_owned(), value));
    }
    Ok(values)
}

/// `NAME=value` lines; `#` starts a comment line, quotes around a value are taken off.
fn parse_env_file(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|it| !it.starts_with('#'));
    lines
        .filter_map(|line| {
            let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
            let value = value.trim();
            let quoted = ['"', '\''].iter().find_map(|quote| {
                value.strip_prefix(*quote).and_then(|it| it.strip_suffix(*quote))
            });
            Some((name.trim().to_owned(), quoted.unwrap_or(value).to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORT: Variable = Variable { name: "PORT", default: "3000", meaning: "port" };

    fn flags(list: &[&str]) -> Result<Vec<(String, String)>> {
        let list: Vec<String> = list.iter().map(|it| (*it).to_owned()).collect();
        parse_flags(&list, &[&PORT])
    }

    #[test]
    fn flags_are_read_in_both_spellings() {
        let expected = vec![("PORT".to_owned(), "1".to_owned())];
        assert_eq!(flags(&["--PORT=1"]).unwrap(), expected);
        assert_eq!(flags(&["--PORT", "1"]).unwrap(), expected);
    }

    #[test]
    fn a_wrong_flag_is_refused_with_a_hint() {
        let said = |list: &[&str]| flags(list).unwrap_err().to_string();
        assert_eq!(said(&["--port=1"]), "there is no variable port: did you mean PORT?");
        assert!(said(&["--COLOUR=red"]).contains("--help"));
        assert!(said(&["PORT=1"]).contains("write --NAME=value"));
        assert!(said(&["--PORT"]).contains("needs a value"));
    }

    #[test]
    fn an_env_file_may_hold_comments_and_quotes() {
        let text = "# comment\nPORT=1\nexport A=\"b c\"\nURL=http://x/?a=b\n\nnonsense";
        let read = parse_env_file(text);
        let pairs: Vec<(&str, &str)> = read.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("PORT", "1"), ("A", "b c"), ("URL", "http://x/?a=b")]);
    }

    #[test]
    fn values_are_read_as_what_they_are() {
        let variables = Variables::of(&[("A", "true"), ("B", "x"), ("C", " 1, ,2 "), ("D", "")]);
        assert!(variables.flag("A", false).unwrap());
        assert_eq!(
            variables.flag("B", false).unwrap_err().to_string(),
            "B: \"x\" is neither true nor false"
        );
        assert_eq!(
            variables.number("B", 1_u16).unwrap_err().to_string(),
            "B: \"x\" is not a whole number that fits"
        );
        assert_eq!(variables.list("C"), ["1", "2"]);
        assert_eq!(variables.get("D"), None);
    }
}
