//! Where program text of a language is best cut.

/// Where prose is cut, and program text where nothing of its language helps.
const PROSE: &[&str] = &["\n\n", "\n", " ", ""];

/// Words, or phrases, that begin a line worth cutting before.
const BEGINNINGS: &[(&str, &str)] = &[
    ("c", "struct|union|enum|typedef|static|void|int|char|float|double|if|for|while|switch|case"),
    ("cpp", "class|void|int|float|double|if|for|while|switch|case"),
    (
        "csharp",
        "namespace|using|interface|enum|class|record|struct|delegate|event|abstract|\
         public|protected|private|internal|static|if|for|foreach|while|do|switch|\
         case|return",
    ),
    (
        "elixir",
        "defmodule|defprotocol|defimpl|def|defp|defmacro|defmacrop|if|unless|case|\
         cond|with|for|do",
    ),
    ("go", "func|var|const|type|if|for|switch|case"),
    ("haskell", "module|import|data|newtype|type|class|instance|main =|where|let|in|do|case|if"),
    ("java", "class|public|protected|private|static|if|for|while|switch|case"),
    ("js", "function|const|let|var|class|if|for|while|switch|case|default"),
    (
        "kotlin",
        "class|interface|object|data class|sealed class|enum class|public|protected|\
         private|internal|companion|fun|val|var|if|for|while|when|else",
    ),
    ("lua", "function|local function|local|if|for|while|repeat|return"),
    ("php", "function|class|if|foreach|while|do|switch|case"),
    (
        "powershell",
        "function|filter|param|class|enum|if|foreach|for|while|switch|try|catch|\
         finally",
    ),
    ("proto", "message|service|enum|option|import|syntax"),
    ("ruby", "def|class|if|unless|while|for|do|begin|rescue"),
    ("rust", "fn|const|let|if|while|for|loop|match|const"),
    ("scala", "class|object|def|val|var|if|for|while|match|case"),
    (
        "sol",
        "pragma|using|contract|interface|library|constructor|type|function|event|\
         modifier|error|struct|enum|if|for|while|do while|assembly",
    ),
    ("swift", "func|class|struct|enum|if|for|while|do|switch|case"),
    (
        "ts",
        "enum|interface|namespace|type|class|function|const|let|var|if|for|while|\
         switch|case|default",
    ),
];

/// Languages that are cut elsewhere than at the beginnings of lines.
const MARKS: &[(&str, &[&str])] = &[
    (
        "cobol",
        &[
            "\nENVIRONMENT DIVISION.",
            "\nDATA DIVISION.",
            "\nPROCEDURE DIVISION.",
            "\nFILE SECTION.",
            "\nWORKING-STORAGE SECTION.",
            "\nLINKAGE SECTION.",
            "\nPERFORM ",
            "\nEVALUATE ",
            "\nIF ",
            "\nMOVE ",
            "\nDISPLAY ",
        ],
    ),
    (
        "html",
        &[
            "<body>", "<div>", "<p>", "<br>", "<li>", "<h1>", "<h2>", "<h3>", "<h4>", "<h5>",
            "<h6>", "<span>", "<table>", "<tr>", "<td>", "<th>", "<ul>", "<ol>", "<header>",
            "<footer>", "<nav>", "<head>", "<style>", "<script>", "<meta>", "<title>",
        ],
    ),
    (
        "latex",
        &[
            "\n\\chapter{",
            "\n\\section{",
            "\n\\subsection{",
            "\n\\subsubsection{",
            "\n\\begin{enumerate}",
            "\n\\begin{itemize}",
            "\n\\begin{description}",
            "\n\\begin{list}",
            "\n\\begin{quote}",
            "\n\\begin{quotation}",
            "\n\\begin{verse}",
            "\n\\begin{verbatim}",
            "\n\\begin{align}",
            "$$",
            "$",
        ],
    ),
    (
        "markdown",
        &[
            "\n## ",
            "\n### ",
            "\n#### ",
            "\n##### ",
            "\n###### ",
            "```\n\n",
            "\n\n***\n\n",
            "\n\n---\n\n",
            "\n\n___\n\n",
        ],
    ),
    ("python", &["\nclass ", "\ndef ", "\n\tdef "]),
    ("rst", &["\n===\n", "\n---\n", "\n***\n", "\n.. "]),
];

/// Where to cut text in `language`, coarsest first; `None` for one that is not listed here.
///
/// The sixteen languages that LangChain for JavaScript knows are cut where it cuts them. Their order
/// matters: a text is cut at the first separator that it holds.
pub(crate) fn separators(language: &str) -> Option<Vec<String>> {
    let mut separators: Vec<String> = if let Some((_, list)) = find(BEGINNINGS, language) {
        list.split('|').map(|it| format!("\n{it} ")).collect()
    } else {
        let (_, marks) = find(MARKS, language)?;
        marks.iter().map(|it| (*it).to_owned()).collect()
    };
    // Line breaks mean nothing in HTML.
    let prose = if language == "html" { &PROSE[2..] } else { PROSE };
    separators.extend(prose.iter().map(|it| (*it).to_owned()));
    Some(separators)
}

fn find<'a, T>(list: &'a [(&str, T)], language: &str) -> Option<&'a (&'a str, T)> {
    list.iter().find(|(name, _)| *name == language)
}
