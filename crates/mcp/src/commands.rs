//! Which programs flows may start: those that the operator wrote down, word for word.
//!
//! The list is text, one command a line or with `;` between them:
//!
//! ```text
//! npx -y @modelcontextprotocol/server-everything stdio
//! API_TOKEN= LOG_LEVEL=error npx -y @example/server *
//! slackMCP: node /opt/mcp/slack/index.js
//! ```
//!
//! `NAME=` in front lets a flow set the variable, `NAME=value` sets it for every flow. `*` stands for
//! one argument of any value that does not begin with `-`. A name with `:` is a node that starts a
//! program of its own. Quotes keep blanks, `;` and `*` as they are.

use flowstone_core::{Error, Result};

use crate::Program;

/// Longest argument or value, in bytes.
const LONGEST_VALUE: usize = 32 * 1024;

/// The programs that flows may start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands(Vec<Command>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Command {
    node: Option<String>,
    words: Vec<Word>,
    /// Variables that are set to this whatever a flow says.
    fixed: Vec<(String, String)>,
    /// Variables that a flow may set.
    open: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Word {
    Exactly(String),
    AnyValue,
}

/// A program that may be started.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) program: String,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
}

impl Ready {
    /// How messages name it: the program without its folder.
    pub(crate) fn place(&self) -> String {
        self.program.rsplit('/').next().unwrap_or_default().to_owned()
    }
}

impl Commands {
    /// Reads the operator's list.
    ///
    /// # Errors
    /// The command that is wrong, and why.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut commands = Vec::new();
        for words in split(text)? {
            commands.push(Command::read(words)?);
        }
        Ok(Self(commands))
    }

    /// Whether flows may start nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The commands as they may be logged: without values of variables.
    pub fn shown(&self) -> Vec<String> {
        self.0.iter().map(Command::shown).collect()
    }

    /// What is started for `wanted`.
    ///
    /// # Errors
    /// `Unsupported` where nobody allowed it, with the entry that would.
    pub(crate) fn ready(&self, wanted: &Program) -> Result<Ready> {
        let values = wanted.words.iter().chain(wanted.environment.iter().map(|(_, value)| value));
        for value in values {
            if value.contains('\0') || value.len() > LONGEST_VALUE {
                return Err(Error::Unsupported(
                    "an argument or variable of the program holds a NUL character or is far too long".to_owned(),
                ));
            }
        }
        let found = match wanted.node {
            Some(node) => self.0.iter().find(|it| it.node.as_deref() == Some(node)),
            None => self.0.iter().find(|it| it.is(wanted)),
        };
        let Some(command) = found else { return Err(refusal(wanted)) };
        let mut words = match wanted.node {
            Some(_) => command.plain_words(),
            None => Vec::new(),
        };
        words.extend(wanted.words.iter().cloned());
        let mut words = words.into_iter();
        let Some(program) = words.next() else { return Err(refusal(wanted)) };
        let fixed = |name: &str| command.fixed.iter().any(|(it, _)| it == name);
        let open = wanted.environment.iter().filter(|(name, _)| !fixed(name));
        let environment = command.fixed.iter().chain(open).cloned().collect();
        Ok(Ready { program, arguments: words.collect(), environment })
    }
}

impl Command {
    fn read(words: Vec<(String, bool)>) -> Result<Self, String> {
        let mut command =
            Self { node: None, words: Vec::new(), fixed: Vec::new(), open: Vec::new() };
        for (at, (word, quoted)) in words.into_iter().enumerate() {
            let begins = command.words.is_empty();
            if at == 0
                && let Some(node) = word.strip_suffix(':')
            {
                if node.is_empty() || !node.chars().all(|it| it.is_ascii_alphanumeric()) {
                    return Err(format!("\"{word}\" is no name of a node, such as slackMCP:"));
                }
                command.node = Some(node.to_owned());
                continue;
            }
            if begins
                && let Some((name, value)) = word.split_once('=')
                && is_name(name)
            {
                if value.is_empty() {
                    command.open.push(name.to_owned());
                } else {
                    command.fixed.push((name.to_owned(), value.to_owned()));
                }
                continue;
            }
            let is_open = word == "*" && !quoted;
            if is_open && (begins || command.node.is_some()) {
                return Err("* may stand for an argument of a Custom MCP server only".to_owned());
            }
            command.words.push(if is_open { Word::AnyValue } else { Word::Exactly(word) });
        }
        if command.words.is_empty() {
            return Err("a command names no program".to_owned());
        }
        Ok(command)
    }

    /// Whether this is what a flow wants to start.
    fn is(&self, wanted: &Program) -> bool {
        let fits = |(word, given): (&Word, &String)| match word {
            Word::Exactly(word) => word == given,
            Word::AnyValue => !given.starts_with('-'),
        };
        self.node.is_none()
            && self.words.len() == wanted.words.len()
            && self.words.iter().zip(&wanted.words).all(fits)
            && wanted.environment.iter().all(|(name, _)| {
                self.open.contains(name) || self.fixed.iter().any(|(it, _)| it == name)
            })
    }

    fn plain_words(&self) -> Vec<String> {
        let plain = self.words.iter().filter_map(|it| match it {
            Word::Exactly(word) => Some(word.clone()),
            Word::AnyValue => None,
        });
        plain.collect()
    }

    fn shown(&self) -> String {
        let node = self.node.iter().map(|it| format!("{it}:"));
        let names = self.fixed.iter().map(|(name, _)| name).chain(&self.open);
        let words = self.words.iter().map(|it| match it {
            Word::Exactly(word) => quoted(word),
            Word::AnyValue => "*".to_owned(),
        });
        let parts = node.chain(names.map(|it| format!("{it}=…"))).chain(words);
        parts.collect::<Vec<_>>().join(" ")
    }
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
}

/// Says what is not allowed and how the operator allows it.
fn refusal(wanted: &Program) -> Error {
    if let Some(node) = wanted.node {
        return Error::Unsupported(format!(
            "this node talks to a program that this server would have to start, and its operator has not said which \
             one. To allow one, the operator sets FLOWSTONE_MCP_COMMANDS to `{node}: ` and the command"
        ));
    }
    let names = wanted.environment.iter().map(|(name, _)| format!("{name}="));
    let words = wanted.words.iter().map(|it| quoted(it));
    let entry = names.chain(words).collect::<Vec<_>>().join(" ");
    let entry: String = entry.chars().take(400).collect();
    Error::Unsupported(format!(
        "this server starts only programs that its operator wrote down. To allow this one, the operator adds to \
         FLOWSTONE_MCP_COMMANDS: `{entry}`"
    ))
}

fn quoted(word: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_./@:=+,%".contains(it);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

/// The words of each command, and whether any part of a word stood in quotes.
fn split(text: &str) -> Result<Vec<Vec<(String, bool)>>, String> {
    let (mut commands, mut words) = (Vec::new(), Vec::new());
    let mut word: Option<(String, bool)> = None;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default().1 = true;
            }
            (None, ';' | '\n') => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().0.push(letter),
        }
    }
    if quote.is_some() {
        return Err("a quote is opened and never closed".to_owned());
    }
    words.extend(word);
    commands.push(words);
    Ok(commands.into_iter().filter(|it| !it.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(words: &[&str], environment: &[(&str, &str)]) -> Program {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Program {
            node: None,
            words: words.iter().map(|it| (*it).to_owned()).collect(),
            environment: environment.iter().map(pair).collect(),
        }
    }

    #[test]
    fn a_list_is_read_with_quotes_variables_and_nodes() {
        let text = "npx -y everything stdio; KEY= MODE=plain node 'a b.js' *\n\nslackMCP: X=1 node /opt/slack.js";
        let commands = Commands::parse(text).unwrap();
        assert_eq!(
            commands.shown(),
            [
                "npx -y everything stdio",
                "MODE=… KEY=… node 'a b.js' *",
                "slackMCP: X=… node /opt/slack.js"
            ]
        );
        for wrong in ["node 'a", "KEY=", "* a", "slackMCP: node *", "a/b: node", "slackMCP:"] {
            assert!(Commands::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Commands::parse(" ;\n; ").unwrap().is_empty());
    }

    #[test]
    fn only_the_exact_command_is_allowed() {
        let commands = Commands::parse("KEY= MODE=plain node srv.js * '*'").unwrap();
        let ready = |words: &[&str], environment: &[(&str, &str)]| {
            commands.ready(&program(words, environment))
        };
        let given = ready(&["node", "srv.js", "db", "*"], &[("KEY", "k"), ("MODE", "x")]).unwrap();
        assert_eq!((given.program.as_str(), given.place()), ("node", "node".to_owned()));
        assert_eq!(given.arguments, ["srv.js", "db", "*"]);
        assert_eq!(
            given.environment,
            [("MODE".to_owned(), "plain".to_owned()), ("KEY".to_owned(), "k".to_owned())]
        );
        for words in [
            &["node", "srv.js", "-e", "*"][..],
            &["node", "srv.js", "--import=x", "*"],
            &["node", "srv.js", "db", "x"],
            &["node", "srv.js", "db"],
            &["node", "srv.js", "db", "*", "more"],
            &["/usr/bin/node", "srv.js", "db", "*"],
            &["NODE", "srv.js", "db", "*"],
            &[],
        ] {
            assert!(ready(words, &[]).is_err(), "{words:?}");
        }
        for name in ["LD_PRELOAD", "NODE_OPTIONS", "PATH", "key", "KEY "] {
            assert!(ready(&["node", "srv.js", "db", "*"], &[(name, "x")]).is_err(), "{name}");
        }
        assert!(ready(&["node", "srv.js", "d\0b", "*"], &[]).is_err());
        assert!(ready(&["node", "srv.js", "db", "*"], &[("KEY", "a\0")]).is_err());
    }

    #[test]
    fn a_refusal_says_what_would_allow_it() {
        let said = Commands::default().ready(&program(&["npx", "a b"], &[("KEY", "secret")]));
        let said = said.err().unwrap().to_string();
        assert!(said.ends_with("FLOWSTONE_MCP_COMMANDS: `KEY= npx 'a b'`"), "{said}");
        assert!(!said.contains("secret"));
    }

    #[test]
    fn a_node_starts_what_the_operator_wrote_for_it() {
        let commands = Commands::parse("slackMCP: TEAM=t node s.js").unwrap();
        let mut wanted = program(&["--flag"], &[("TEAM", "other"), ("TOKEN", "x")]);
        wanted.node = Some("slackMCP");
        let ready = commands.ready(&wanted).unwrap();
        assert_eq!(ready.arguments, ["s.js", "--flag"]);
        assert_eq!(
            ready.environment,
            [("TEAM".to_owned(), "t".to_owned()), ("TOKEN".to_owned(), "x".to_owned())]
        );
        wanted.node = Some("githubMCP");
        assert!(commands.ready(&wanted).is_err());
        assert!(
            commands.ready(&program(&["node", "s.js"], &[])).is_err(),
            "that is the node's own"
        );
    }
}
