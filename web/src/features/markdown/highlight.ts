// Colours code by its words: comments, texts, numbers, keywords. A rough reader for every language, small enough for any page.

export type TokenKind = "plain" | "comment" | "string" | "number" | "keyword" | "name" | "tag";

export interface Token {
  kind: TokenKind;
  text: string;
}

interface Language {
  /** What starts a comment that ends with the line. */
  line: string[];
  /** Comments with a beginning and an end. */
  block: [string, string][];
  /** Marks around texts, the longest first. */
  quotes: string[];
  keywords: Set<string>;
  ignoreCase?: boolean;
}

const words = (list: string) => new Set(list.split(" "));

const C_LIKE = "if else for while do switch case break continue return default new delete try catch finally throw class extends implements interface enum struct public private protected static const let var void true false null this super import export from as async await yield typeof instanceof in of function type namespace package abstract final int float double bool boolean char long short string";
const SCRIPT: Language = { line: ["//"], block: [["/*", "*/"]], quotes: ["`", '"', "'"], keywords: words(`${C_LIKE} undefined get set readonly satisfies keyof declare never unknown any number symbol`) };
const C: Language = { line: ["//"], block: [["/*", "*/"]], quotes: ['"', "'"], keywords: words(`${C_LIKE} unsigned signed sizeof typedef union extern using template auto constexpr nullptr include define virtual override fn foreach string decimal var`) };
const RUST: Language = { line: ["//"], block: [["/*", "*/"]], quotes: ['"'], keywords: words("as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while bool char str String u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64 Option Result Vec Some None Ok Err") };
const GO: Language = { line: ["//"], block: [["/*", "*/"]], quotes: ["`", '"', "'"], keywords: words("break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var true false nil string int int64 float64 bool byte rune error make len append") };
const PYTHON: Language = { line: ["#"], block: [], quotes: ['"""', "'''", '"', "'"], keywords: words("and as assert async await break class continue def del elif else except False finally for from global if import in is lambda match None nonlocal not or pass raise return self True try while with yield int float str bool list dict set tuple print len range") };
const RUBY: Language = { line: ["#"], block: [["=begin", "=end"]], quotes: ['"', "'"], keywords: words("begin break case class def do else elsif end ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield require attr_accessor puts") };
const SHELL: Language = { line: ["#"], block: [], quotes: ['"', "'"], keywords: words("if then else elif fi for while until do done case esac in function select return exit export local readonly source set unset echo cd sudo apt npm npx pip curl git docker cargo mkdir rm cp mv cat grep sed awk true false") };
const SQL: Language = { line: ["--"], block: [["/*", "*/"]], quotes: ["'", '"'], ignoreCase: true, keywords: words("select from where insert into values update set delete create table alter drop index view primary key foreign references not null unique default check and or in is like between exists join left right inner outer full cross on group by order having limit offset union all distinct as case when then else end begin commit rollback with returning int integer text varchar boolean timestamp date count sum avg min max true false") };
const JSON_LIKE: Language = { line: ["//"], block: [["/*", "*/"]], quotes: ['"'], keywords: words("true false null") };
const YAML: Language = { line: ["#"], block: [], quotes: ['"', "'"], keywords: words("true false null yes no on off") };
const CSS: Language = { line: [], block: [["/*", "*/"]], quotes: ['"', "'"], keywords: words("important media supports keyframes import from to and not only root hover focus inherit initial unset none auto") };

const LANGUAGES: Record<string, Language> = {
  js: SCRIPT, javascript: SCRIPT, jsx: SCRIPT, ts: SCRIPT, typescript: SCRIPT, tsx: SCRIPT, mjs: SCRIPT,
  c: C, cpp: C, "c++": C, h: C, cs: C, csharp: C, "c#": C, java: C, kotlin: C, kt: C, swift: C, php: C, dart: C, scala: C,
  rust: RUST, rs: RUST, go: GO, golang: GO, python: PYTHON, py: PYTHON, ruby: RUBY, rb: RUBY,
  bash: SHELL, sh: SHELL, shell: SHELL, zsh: SHELL, console: SHELL, dockerfile: SHELL, makefile: SHELL,
  sql: SQL, postgres: SQL, mysql: SQL, sqlite: SQL,
  json: JSON_LIKE, json5: JSON_LIKE, jsonc: JSON_LIKE, yaml: YAML, yml: YAML, toml: YAML, ini: YAML, css: CSS, scss: CSS, less: CSS,
};

const MARKUP = new Set(["html", "xml", "svg", "vue", "svelte"]);

/** Longer texts are left plain: colour is not worth a page that stands still. */
const LONGEST = 60_000;

/** `code` cut into coloured pieces; joined they give it back. An unknown language is one plain piece. */
export function highlight(code: string, language: string | undefined): Token[] {
  const name = language?.toLowerCase() ?? "";
  if (code.length > LONGEST) return plain(code);
  if (MARKUP.has(name)) return joined(markup(code));
  const known = LANGUAGES[name];
  return known ? joined(tokens(code, known)) : plain(code);
}

function plain(code: string): Token[] {
  return code === "" ? [] : [{ kind: "plain", text: code }];
}

function* tokens(code: string, language: Language): Generator<Token> {
  const number = /\d[\w.]*/y;
  const word = /[A-Za-z_$][\w$]*/y;
  let at = 0;
  while (at < code.length) {
    const end = commentEnd(code, at, language);
    const quote = end === undefined ? language.quotes.find((mark) => code.startsWith(mark, at)) : undefined;
    if (end !== undefined) {
      yield { kind: "comment", text: code.slice(at, end) };
      at = end;
    } else if (quote) {
      const close = stringEnd(code, at + quote.length, quote);
      // A key of an object is a name, not a value.
      const isKey = language === JSON_LIKE && /^\s*:/.test(code.slice(close, close + 20));
      yield { kind: isKey ? "name" : "string", text: code.slice(at, close) };
      at = close;
    } else {
      number.lastIndex = at;
      word.lastIndex = at;
      const text = word.exec(code)?.[0] ?? number.exec(code)?.[0] ?? code[at] ?? "";
      yield { kind: kindOf(text, code[at + text.length] ?? "", language), text };
      at += text.length;
    }
  }
}

function kindOf(text: string, next: string, language: Language): TokenKind {
  if (/^\d/.test(text)) return "number";
  if (!/^[A-Za-z_$]/.test(text)) return "plain";
  if (language.keywords.has(language.ignoreCase ? text.toLowerCase() : text)) return "keyword";
  return next === "(" ? "name" : "plain";
}

/** Where the comment at `at` ends, if one begins there. */
function commentEnd(code: string, at: number, language: Language): number | undefined {
  if (language.line.some((mark) => code.startsWith(mark, at))) {
    const end = code.indexOf("\n", at);
    return end === -1 ? code.length : end;
  }
  const pair = language.block.find(([open]) => code.startsWith(open, at));
  if (!pair) return undefined;
  const end = code.indexOf(pair[1], at + pair[0].length);
  return end === -1 ? code.length : end + pair[1].length;
}

/** Where the text after an opening `quote` ends; a short quote does not reach over its line. */
function stringEnd(code: string, from: number, quote: string): number {
  for (let at = from; at < code.length; at += 1) {
    if (code[at] === "\\") at += 1;
    else if (code.startsWith(quote, at)) return at + quote.length;
    else if (code[at] === "\n" && quote.length === 1 && quote !== "`") return at;
  }
  return code.length;
}

function* markup(code: string): Generator<Token> {
  const pattern = /<!--[\s\S]*?(?:-->|$)|<\/?[\w:-]+|\/?>|"[^"]*"|'[^']*'|[\w:-]+(?==)/g;
  let at = 0;
  let inTag = false;
  for (const match of code.matchAll(pattern)) {
    const [text] = match;
    const isTag = text.startsWith("<") || text.endsWith(">");
    if (!isTag && !inTag) continue;
    if (match.index > at) yield { kind: "plain", text: code.slice(at, match.index) };
    const kind = text.startsWith("<!--") ? "comment" : isTag ? "tag" : /^["']/.test(text) ? "string" : "name";
    yield { kind, text };
    if (kind === "tag") inTag = text.startsWith("<");
    at = match.index + text.length;
  }
  if (at < code.length) yield { kind: "plain", text: code.slice(at) };
}

/** Neighbours of one kind as one piece. */
function joined(pieces: Iterable<Token>): Token[] {
  const list: Token[] = [];
  for (const piece of pieces) {
    const last = list.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else if (piece.text) list.push({ ...piece });
  }
  return list;
}
