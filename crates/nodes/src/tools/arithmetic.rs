//! Mathematical expressions: reading and working them out.
//!
//! The language is that of the calculator existing flows know: `+ - * / % ^ !`, comparisons, `and`,
//! `or`, `not`, `a ? b : c`, the usual functions, `PI` and `E`. A sign binds looser than a power:
//! `-2^2` is minus four.

use std::{f64::consts, iter::Peekable, str::CharIndices};

/// Deepest nesting, so that brackets without end cannot exhaust the stack.
const MAX_DEPTH: usize = 64;

/// The value of `expression`, written as JavaScript writes numbers.
///
/// # Errors
/// What cannot be read, in words.
pub(crate) fn evaluate(expression: &str) -> Result<String, String> {
    let tokens = tokens(expression)?;
    let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
    let value = reader.conditional()?;
    match reader.peek() {
        None => Ok(value.to_text()),
        Some(token) => Err(format!("{token:?} is not expected there")),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Number(f64),
    Truth(bool),
}

impl Value {
    fn number(self) -> f64 {
        match self {
            Self::Number(number) => number,
            Self::Truth(truth) => f64::from(u8::from(truth)),
        }
    }

    fn truth(self) -> bool {
        match self {
            Self::Number(number) => number != 0.0 && !number.is_nan(),
            Self::Truth(truth) => truth,
        }
    }

    fn to_text(self) -> String {
        match self {
            Self::Number(number) => number_text(number),
            Self::Truth(truth) => truth.to_string(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: &[&str] =
    &["==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "^", "!", "(", ")", ",", "?", ":"];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some(&(at, character)) = characters.peek() {
        if character.is_whitespace() {
            characters.next();
        } else if character.is_ascii_digit() || character == '.' {
            tokens.push(number(text, at, &mut characters)?);
        } else if character.is_ascii_alphabetic() {
            let end = skip(text, &mut characters, |it| it.is_ascii_alphanumeric());
            tokens.push(Token::Name(text[at..end].to_owned()));
        } else {
            let sign = SIGNS.iter().find(|sign| text[at..].starts_with(**sign));
            let sign = sign.ok_or_else(|| format!("{character} is not known"))?;
            tokens.push(Token::Sign(sign));
            characters.nth(sign.len() - 1);
        }
    }
    Ok(tokens)
}

fn number(
    text: &str,
    start: usize,
    characters: &mut Peekable<CharIndices>,
) -> Result<Token, String> {
    let digit = |it: char| it.is_ascii_digit() || it == '.';
    let mut end = skip(text, characters, digit);
    let exponent = text[end..].strip_prefix(['e', 'E']).map(|it| it.trim_start_matches(['+', '-']));
    if exponent.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit())) {
        characters.next();
        characters.next_if(|(_, it)| matches!(it, '+' | '-'));
        end = skip(text, characters, |it| it.is_ascii_digit());
    }
    let written = &text[start..end];
    written.parse().map(Token::Number).map_err(|_| format!("{written} is not a number"))
}

fn skip(
    text: &str,
    characters: &mut Peekable<CharIndices>,
    while_it: impl Fn(char) -> bool,
) -> usize {
    while characters.next_if(|(_, it)| while_it(*it)).is_some() {}
    characters.peek().map_or(text.len(), |(at, _)| *at)
}

/// Reads tokens and works them out as it goes; one method for each strength of binding.
struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn conditional(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("this is nested too deep".to_owned());
        }
        let mut value = self.either()?;
        while self.accept("?") {
            let first = self.conditional()?;
            self.expect(":")?;
            let second = self.conditional()?;
            value = if value.truth() { first } else { second };
        }
        self.depth -= 1;
        Ok(value)
    }

    fn either(&mut self) -> Result<Value, String> {
        let mut value = self.both()?;
        while self.accept_name("or") {
            let right = self.both()?;
            value = Value::Truth(value.truth() || right.truth());
        }
        Ok(value)
    }

    fn both(&mut self) -> Result<Value, String> {
        let mut value = self.comparison()?;
        while self.accept_name("and") {
            let right = self.comparison()?;
            value = Value::Truth(value.truth() && right.truth());
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Result<Value, String> {
        let mut value = self.sum()?;
        while let Some(sign) = self.accept_any(&["==", "!=", "<=", ">=", "<", ">"]) {
            let right = self.sum()?;
            let (a, b) = (value.number(), right.number());
            value = Value::Truth(match sign {
                "==" => value == right,
                "!=" => value != right,
                "<=" => a <= b,
                ">=" => a >= b,
                "<" => a < b,
                _ => a > b,
            });
        }
        Ok(value)
    }

    fn sum(&mut self) -> Result<Value, String> {
        let mut value = self.product()?;
        while let Some(sign) = self.accept_any(&["+", "-"]) {
            let right = self.product()?.number();
            let left = value.number();
            value = Value::Number(if sign == "+" { left + right } else { left - right });
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<Value, String> {
        let mut value = self.factor()?;
        while let Some(sign) = self.accept_any(&["*", "/", "%"]) {
            let right = self.factor()?.number();
            let left = value.number();
            value = Value::Number(match sign {
                "*" => left * right,
                "/" => left / right,
                _ => left % right,
            });
        }
        Ok(value)
    }

    /// A sign or a function without brackets, such as `-2` or `sqrt 16`.
    fn factor(&mut self) -> Result<Value, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("this is nested too deep".to_owned());
        }
        let value = match self.peek().cloned() {
            Some(Token::Sign(sign @ ("-" | "+"))) => {
                self.at += 1;
                let value = self.factor()?.number();
                Value::Number(if sign == "-" { -value } else { value })
            }
            Some(Token::Name(name)) if name == "not" && !self.is_call() => {
                self.at += 1;
                Value::Truth(!self.factor()?.truth())
            }
            Some(Token::Name(name)) if is_function_of_one(&name) && !self.is_call() => {
                self.at += 1;
                let argument = self.factor()?;
                call(&name, &[argument])?
            }
            _ => self.power()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<Value, String> {
        let mut value = self.factorial()?;
        while self.accept("^") {
            let exponent = self.factor()?.number();
            value = Value::Number(value.number().powf(exponent));
        }
        Ok(value)
    }

    fn factorial(&mut self) -> Result<Value, String> {
        let mut value = self.atom()?;
        while self.accept("!") {
            value = call("fac", &[value])?;
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<Value, String> {
        let token = self.peek().cloned().ok_or("something is missing at the end")?;
        self.at += 1;
        match token {
            Token::Number(number) => Ok(Value::Number(number)),
            Token::Sign("(") => {
                let value = self.conditional()?;
                self.expect(")")?;
                Ok(value)
            }
            Token::Name(name) if self.accept("(") => {
                let mut arguments = Vec::new();
                if !self.accept(")") {
                    arguments.push(self.conditional()?);
                    while self.accept(",") {
                        arguments.push(self.conditional()?);
                    }
                    self.expect(")")?;
                }
                call(&name, &arguments)
            }
            Token::Name(name) => constant(&name).ok_or_else(|| format!("{name} is not known")),
            Token::Sign(sign) => Err(format!("{sign} is not expected there")),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Whether a bracket follows the name that is next.
    fn is_call(&self) -> bool {
        self.tokens.get(self.at + 1) == Some(&Token::Sign("("))
    }

    fn accept_any(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        let found = signs.iter().find(|sign| self.peek() == Some(&Token::Sign(sign)))?;
        self.at += 1;
        Some(found)
    }

    fn accept(&mut self, sign: &'static str) -> bool {
        self.accept_any(&[sign]).is_some()
    }

    fn accept_name(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(name)) if name == wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Result<(), String> {
        if self.accept(sign) { Ok(()) } else { Err(format!("a {sign} is missing")) }
    }
}

fn constant(name: &str) -> Option<Value> {
    Some(match name {
        "PI" => Value::Number(consts::PI),
        "E" => Value::Number(consts::E),
        "true" => Value::Truth(true),
        "false" => Value::Truth(false),
        _ => return None,
    })
}

fn is_function_of_one(name: &str) -> bool {
    of_one(name, 1.0).is_some()
}

fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let numbers: Vec<f64> = arguments.iter().map(|it| it.number()).collect();
    let number = match (name, &numbers[..]) {
        ("if", [_, _, _]) => {
            return Ok(if arguments[0].truth() { arguments[1] } else { arguments[2] });
        }
        ("not", [_]) => return Ok(Value::Truth(!arguments[0].truth())),
        (_, [one]) if let Some(value) = of_one(name, *one) => value,
        ("min", [_, ..]) => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", [_, ..]) => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("hypot" | "pyt", [_, ..]) => numbers.iter().map(|it| it * it).sum::<f64>().sqrt(),
        ("pow", [base, exponent]) => base.powf(*exponent),
        ("atan2", [y, x]) => y.atan2(*x),
        ("roundTo", [number, places]) => {
            let scale = 10_f64.powf(places.round());
            round(number * scale) / scale
        }
        ("roundTo", [number]) => round(*number),
        _ => return Err(format!("{name} with {} numbers is not known", numbers.len())),
    };
    Ok(Value::Number(number))
}

fn of_one(name: &str, it: f64) -> Option<f64> {
    Some(match name {
        "sin" => it.sin(),
        "cos" => it.cos(),
        "tan" => it.tan(),
        "asin" => it.asin(),
        "acos" => it.acos(),
        "atan" => it.atan(),
        "sinh" => it.sinh(),
        "cosh" => it.cosh(),
        "tanh" => it.tanh(),
        "asinh" => it.asinh(),
        "acosh" => it.acosh(),
        "atanh" => it.atanh(),
        "sqrt" => it.sqrt(),
        "cbrt" => it.cbrt(),
        "log" | "ln" => it.ln(),
        "log2" => it.log2(),
        "lg" | "log10" => it.log10(),
        "expm1" => it.exp_m1(),
        "log1p" => it.ln_1p(),
        "exp" => it.exp(),
        "abs" => it.abs(),
        "ceil" => it.ceil(),
        "floor" => it.floor(),
        "round" => round(it),
        "trunc" => it.trunc(),
        "sign" if it == 0.0 || it.is_nan() => it,
        "sign" => it.signum(),
        "fac" => factorial(it)?,
        _ => return None,
    })
}

/// Halves go up, below zero too, as in JavaScript.
fn round(number: f64) -> f64 {
    (number + 0.5).floor()
}

/// Of whole numbers only; beyond 170 it is more than a number can hold.
fn factorial(number: f64) -> Option<f64> {
    if number < 0.0 || number.fract() != 0.0 {
        return None;
    }
    let mut product = 1.0;
    let mut factor = 2.0;
    while factor <= number && f64::is_finite(product) {
        product *= factor;
        factor += 1.0;
    }
    Some(product)
}

/// A number as JavaScript writes it: shortest digits, an exponent from 1e21 and below 1e-6.
fn number_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let written = format!("{number:e}");
    if written.contains("e-") { written } else { written.replace('e', "e+") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2+3", "5")]
    #[case(" 2 + 3 * 4 ", "14")]
    #[case("(2+3)*4", "20")]
    #[case("0.1+0.2", "0.30000000000000004")]
    #[case("10/4", "2.5")]
    #[case("7 % 3", "1")]
    #[case("-2^2", "-4")]
    #[case("2^3^2", "512")]
    #[case("2^-1", "0.5")]
    #[case("5!", "120")]
    #[case("1e3 + .5", "1000.5")]
    #[case("2e", "error")]
    #[case("sqrt(16) + sqrt 9", "7")]
    #[case("sin(PI / 2)", "1")]
    #[case("max(1, 7, 3) - min(4, 2)", "5")]
    #[case("roundTo(2.345, 1)", "2.3")]
    #[case("round(-2.5)", "-2")]
    #[case("1 < 2 and not (3 <= 2)", "true")]
    #[case("2 > 1 ? 10 : 20", "10")]
    #[case("if(0, 1, 2)", "2")]
    #[case("1/0", "Infinity")]
    #[case("0/0", "NaN")]
    #[case("2^70", "1.1805916207174113e+21")]
    #[case("1/10^7", "1e-7")]
    #[case("-0", "0")]
    #[case("171!", "Infinity")]
    #[case("", "error")]
    #[case("2+", "error")]
    #[case("two plus two", "error")]
    #[case("2 3", "error")]
    #[case("(2", "error")]
    #[case("1.2.3", "error")]
    #[case("2 $ 3", "error")]
    #[case("fac(0.5)", "error")]
    fn expressions_are_worked_out(#[case] expression: &str, #[case] expected: &str) {
        let value = evaluate(expression).unwrap_or_else(|_| "error".to_owned());
        assert_eq!(value, expected, "{expression}");
    }

    #[test]
    fn brackets_without_end_are_refused() {
        assert!(evaluate(&"(".repeat(100_000)).is_err());
        assert!(evaluate(&"-".repeat(100_000)).is_err());
        assert!(evaluate(&format!("1{}", "^2".repeat(10_000))).is_err());
    }

    proptest! {
        #[test]
        fn a_number_is_its_own_value(number in 1e-9_f64..1e6) {
            let written = evaluate(&number_text(number)).unwrap();
            prop_assert_eq!(written.parse::<f64>().unwrap().to_bits(), number.to_bits());
        }

        #[test]
        fn any_text_has_a_value_or_a_reason(text in "[0-9a-z+*/^!(), .<=?:é-]{0,40}") {
            let _ = evaluate(&text);
        }
    }
}
