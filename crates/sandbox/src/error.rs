//! Why a script gave no value, in words for the person who wrote it.

use std::fmt;
use std::time::Duration;

/// The name under which the engine knows the user's code; stack frames are found by it.
pub(crate) const SCRIPT_NAME: &str = "script.js";

/// Lines that stand before the user's first line in what the engine compiles.
pub(crate) const LINES_BEFORE: u32 = 1;

/// Why a run gave no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The script threw, or awaited something that failed.
    #[error("{message}{}", place(*.line, *.column))]
    Thrown {
        /// The error's name and message, or the thrown value itself.
        message: String,
        /// Line of the user's code, from 1, where it is known.
        line: Option<u32>,
        /// Column in that line, from 1, where it is known.
        column: Option<u32>,
    },
    /// The code is not JavaScript.
    #[error("The code has a syntax error: {message}{}", place(*.line, *.column))]
    Syntax {
        /// What the parser says.
        message: String,
        /// Line of the user's code, from 1, where it is known.
        line: Option<u32>,
        /// Column in that line, from 1, where it is known.
        column: Option<u32>,
    },
    /// The script computed for too long without waiting for anything.
    #[error("The script computed for more than {} without a pause and was stopped. Is there an endless loop?", Readable(*.limit))]
    Cpu {
        /// The limit that was passed.
        limit: Duration,
    },
    /// The run took too long, waiting included.
    #[error("The script was not done after {} and was stopped", Readable(*.limit))]
    Wall {
        /// The limit that was passed.
        limit: Duration,
    },
    /// The script needs more memory than it may have.
    #[error("The script needs more than the {} MB of memory it may use", .limit >> 20)]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// Calls are nested too deep.
    #[error("The script nests too deep. Does a function call itself without end?")]
    Stack,
    /// The returned value is too big.
    #[error("The returned value is {size} bytes as JSON, the most is {limit}")]
    Output {
        /// Size of the value as JSON, in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The script awaits a promise that nothing can settle: no timer, no request, no code is left.
    #[error(
        "The script waits for a promise that can never be settled. Is a resolve() or a return missing?"
    )]
    Stalled,
    /// Scripts call functions that run scripts that call functions, too deep.
    #[error("Scripts start each other more than {limit} levels deep")]
    Nesting {
        /// The deepest level allowed.
        limit: u32,
    },
    /// The run was given up by its caller.
    #[error("The script was cancelled")]
    Cancelled,
    /// The engine itself failed; not the script's fault.
    #[error("The script could not be run: {0}")]
    Internal(String),
}

/// A place in the user's code, read from an engine's stack trace; `(None, None)` if it names none.
///
/// `code_lines` guards against stacks made up by the script and against the line that closes it.
pub(crate) fn find_place(stack: &str, code_lines: u32) -> (Option<u32>, Option<u32>) {
    let needle = format!("{SCRIPT_NAME}:");
    for (start, _) in stack.match_indices(&needle) {
        let mut numbers = stack[start + needle.len()..]
            .split(|letter: char| !letter.is_ascii_digit())
            .map(|digits| digits.parse::<u32>().ok());
        let Some(line) = numbers.next().flatten().and_then(|line| line.checked_sub(LINES_BEFORE))
        else {
            continue;
        };
        if line == 0 {
            continue;
        }
        if line > code_lines {
            return (Some(code_lines), None);
        }
        return (Some(line), numbers.next().flatten());
    }
    (None, None)
}

/// ` (line 3, column 7)`, or as much of it as is known.
fn place(line: Option<u32>, column: Option<u32>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, _) => String::new(),
    }
}

/// A duration in the unit a person would use.
struct Readable(Duration);

impl fmt::Display for Readable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if seconds >= 120 && seconds.is_multiple_of(60) {
            return write!(out, "{} minutes", seconds / 60);
        }
        if seconds >= 1 && self.0.subsec_nanos() == 0 {
            return write!(out, "{seconds} s");
        }
        write!(out, "{} ms", self.0.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_in_stacks() {
        for (stack, expected) in [
            ("", (None, None)),
            ("    at call (core.js:3:4)\n", (None, None)),
            ("    at call (core.js:3:4)\n    at <anonymous> (script.js:4:9)\n", (Some(3), Some(9))),
            ("    at script.js:2:1", (Some(1), Some(1))),
            ("script.js:1:1", (None, None)),
            ("script.js:99999999999999:1", (None, None)),
            ("script.js:7", (Some(5), None)),
            ("script.js:3", (Some(2), None)),
        ] {
            assert_eq!(find_place(stack, 5), expected, "{stack}");
        }
    }

    #[test]
    fn messages_are_sentences() {
        let thrown = ScriptError::Thrown { message: "no".into(), line: Some(2), column: Some(1) };
        assert_eq!(thrown.to_string(), "no (line 2, column 1)");
        let wall = ScriptError::Wall { limit: Duration::from_mins(5) };
        assert_eq!(wall.to_string(), "The script was not done after 5 minutes and was stopped");
        let cpu = ScriptError::Cpu { limit: Duration::from_millis(1500) };
        assert!(cpu.to_string().contains("more than 1500 ms"), "{cpu}");
    }
}
