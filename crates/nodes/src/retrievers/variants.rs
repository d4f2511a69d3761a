//! Ways to ask the same thing otherwise, as a model writes them.

/// The questions in a model's answer: one a line, between tags `<questions>` where it wrote them,
/// without the numbers and dashes that models put before lines.
pub(super) fn questions(answer: &str) -> Vec<String> {
    let tagged = answer.split_once("<questions>").map(|(_, rest)| rest);
    let inside = tagged.map_or(answer, |rest| rest.split("</questions>").next().unwrap_or(rest));
    let lines = inside.lines().map(plain).filter(|it| !it.is_empty());
    lines.map(str::to_owned).collect()
}

fn plain(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['-', '*', '•']).trim_start();
    let rest = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let numbered = rest.len() < line.len();
    match rest.strip_prefix(['.', ')', ':']) {
        Some(text) if numbered => text.trim_start(),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_lines_without_their_marks() {
        let answer = "Here they are:\n<questions>\n1. Where is it?\n\n - 2024 was good?\n\
                      3) What, then?\n</questions>\nAnything else?";
        assert_eq!(questions(answer), ["Where is it?", "2024 was good?", "What, then?"]);
        assert_eq!(questions("One?\n\nTwo?"), ["One?", "Two?"]);
        assert_eq!(questions("<questions>\nNever closed"), ["Never closed"]);
        assert!(questions(" \n").is_empty());
    }
}
