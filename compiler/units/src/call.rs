//! A call of an action, `scale(to: 6)`, read from and printed as text.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::literal::{LiteralError, parse_literal};
use crate::value::Value;

/// An action's name with its arguments, in the order written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The action's name.
    pub action: Arc<str>,
    /// Each argument with its name.
    pub arguments: Vec<(Arc<str>, Value)>,
}

/// The longest call that is read, in bytes.
const CALL_LENGTH_MAX: usize = 4_096;

/// Why a text is no call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The text does not have a call's shape.
    #[error("expected a call such as `scale(to: 6)`, found {found} at character {at}")]
    Shape {
        /// What stands there, in backticks, or that it ends there.
        found: String,
        /// Where, counted from 1.
        at: usize,
    },
    /// An argument is no value.
    #[error("argument `{name}`: {source}")]
    Argument {
        /// The argument's name.
        name: String,
        /// What is wrong with it.
        source: LiteralError,
    },
    /// The same argument twice.
    #[error("argument `{0}` is given twice")]
    Twice(String),
    /// The text is too long.
    #[error("a call is at most {CALL_LENGTH_MAX} bytes long")]
    TooLong,
}

impl Call {
    /// Reads a call: `scale(to: 6)`, `restart()`. Values are literals, texts in quotes, `true`, `false` or bare words.
    ///
    /// # Errors
    /// When the text is no call; the error names the place.
    pub fn parse(text: &str) -> Result<Call, CallError> {
        if text.len() > CALL_LENGTH_MAX {
            return Err(CallError::TooLong);
        }
        let mut reader = Reader { text, at: 0 };
        let action = reader.name()?;
        let mut arguments: Vec<(Arc<str>, Value)> = Vec::new();
        reader.expect('(')?;
        if !reader.eat(')') {
            loop {
                let name = reader.name()?;
                reader.expect(':')?;
                let value = reader.value(&name)?;
                if arguments.iter().any(|(known, _)| *known == name) {
                    return Err(CallError::Twice(name.to_string()));
                }
                arguments.push((name, value));
                if reader.eat(')') {
                    break;
                }
                reader.expect(',')?;
            }
        }
        if reader.peek().is_some() { Err(reader.shape()) } else { Ok(Call { action, arguments }) }
    }

    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| known.as_ref() == name).map(|(_, value)| value)
    }
}

/// Writes the call as the language writes it: `scale(to: 6)`.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.action)?;
        for (at, (name, value)) in self.arguments.iter().enumerate() {
            write!(f, "{}{name}: {value}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), CallError> {
        if self.eat(wanted) { Ok(()) } else { Err(self.shape()) }
    }

    fn shape(&mut self) -> CallError {
        let found = self.peek().map_or_else(|| "the end".to_owned(), |found| format!("`{found}`"));
        CallError::Shape { found, at: self.text.get(..self.at).unwrap_or_default().chars().count() + 1 }
    }

    /// The longest run of characters that `is` accepts.
    fn run(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let run = rest.get(..rest.find(|c| !is(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += run.len();
        run
    }

    fn name(&mut self) -> Result<Arc<str>, CallError> {
        match self.peek() {
            Some('a'..='z') => Ok(self.run(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_').into()),
            _ => Err(self.shape()),
        }
    }

    fn value(&mut self, name: &str) -> Result<Value, CallError> {
        match self.peek() {
            Some('"') => self.text_value(),
            Some('a'..='z') => {
                let word = self.name()?;
                Ok(match word.as_ref() {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    _ => Value::Symbol(word),
                })
            }
            _ => {
                let negative = self.eat('-');
                let literal = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '%' | '$' | '/'));
                let argument = |source| CallError::Argument { name: name.to_owned(), source };
                let read = parse_literal(literal).map_err(argument)?;
                let base = if negative { -read.base() } else { read.base() };
                crate::Quantity::new(read.unit(), base)
                    .map(Value::Quantity)
                    .ok_or_else(|| argument(LiteralError::TooLarge(literal.to_owned())))
            }
        }
    }

    /// The character that `{1F600}` names.
    fn code_point(&mut self) -> Result<char, CallError> {
        self.expect('{')?;
        let digits = self.run(|c| c.is_ascii_hexdigit());
        let named = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        self.expect('}')?;
        named.ok_or_else(|| self.shape())
    }

    fn text_value(&mut self) -> Result<Value, CallError> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            text.push_str(self.run(|c| !matches!(c, '"' | '\\' | '\n')));
            // Not `eat`, which would skip white space that belongs to the text.
            let next = self.rest().chars().next();
            self.at += next.map_or(0, char::len_utf8);
            match next {
                Some('"') => return Ok(Value::Text(text.into())),
                Some('\\') => {
                    let escaped = self.rest().chars().next();
                    self.at += escaped.map_or(0, char::len_utf8);
                    match escaped {
                        Some(c @ ('"' | '\\')) => text.push(c),
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        Some('u') => text.push(self.code_point()?),
                        _ => return Err(self.shape()),
                    }
                }
                _ => return Err(self.shape()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn calls_read_back_as_they_are_printed() {
        for text in [
            "restart()",
            "scale(to: 6)",
            "resize(cpu_request: 90mcpu, memory_request: 128Mi)",
            "configure(key: \"LOG_LEVEL\", value: \"a \\\"b\\\"\")",
            "set_enabled(on: false)",
            "set_quota(to: -5/s)",
            "set_strategy(strategy: recreate)",
        ] {
            assert_eq!(Call::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn texts_are_written_as_in_the_language() {
        let call = Call::parse(r#"configure(key: "\u{DC}\t\u{1f600}\\", value: "\n")"#).unwrap();
        assert_eq!(call.argument("key"), Some(&Value::Text("Ü\t😀\\".into())));
        let reordered = r#"configure(key: "\u{202e}\u{1b}[2J")"#;
        assert_eq!(Call::parse(reordered).unwrap().to_string(), reordered);
        for text in [r#"a(b: "\u{}")"#, r#"a(b: "\u{110000}")"#, r#"a(b: "\u{dc")"#, r#"a(b: "\udc")"#, r#"a(b: "\r")"#]
        {
            assert!(Call::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_call_says_where() {
        for (text, message) in [
            ("scale", "expected a call such as `scale(to: 6)`, found the end at character 6"),
            ("scale(to 6)", "expected a call such as `scale(to: 6)`, found `6` at character 10"),
            ("scale(to: 6) x", "expected a call such as `scale(to: 6)`, found `x` at character 14"),
            ("scale(to: 6, to: 7)", "argument `to` is given twice"),
            ("scale(to: 6pods)", "argument `to`: `pods` is not a unit"),
        ] {
            assert_eq!(Call::parse(text).unwrap_err().to_string(), message);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[a-z(): ,\"\\\\0-9%/$é-]{0,40}") {
            let _ = Call::parse(&text);
        }
    }
}
