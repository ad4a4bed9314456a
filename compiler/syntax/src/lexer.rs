//! Text to tokens, in one pass. What is no token is said here and becomes a `Bad` token, which breaks its member.

use leeway_diagnostics::{Code, Diagnostic, FileId, Span};
use leeway_units::is_bidirectional;

use crate::boundary::Block;
use crate::number;
use crate::parse::DIAGNOSTICS_MAX;
use crate::slip::Slip;
use crate::text;
use crate::token::{Comment, Token, TokenKind, Tokens};
use crate::word::{ITEMS, NAME_LENGTH_MAX, is_reserved};

/// Signs of two characters; all others that mean something have one.
const SIGNS_LONG: &[&str] = &["==", "!=", "<=", ">=", "..", "??"];
const SIGNS: &[u8] = b"{}()[],:.=<>+-*/";

/// What people write who come from other languages: what to do, and what to write in its place where that is certain.
const SIGNS_FOREIGN: &[(&str, &str, Option<&str>)] = &[
    ("&", "write `and`", Some("and")),
    ("|", "write `or`", Some("or")),
    ("!", "write `not`", Some("not")),
    ("#", "comments begin with `//`", None),
    (";", "a member ends where the next begins; leave it out", Some("")),
    ("'", "texts stand in `\"`", None),
    ("%", "`%` stands directly behind a number: `80%`", None),
];

/// Reads all tokens of `source`.
pub(crate) fn lex(file: FileId, source: &str) -> (Tokens<'_>, Vec<Diagnostic>) {
    let mut lexer = Lexer { source, at: 0, line_start: true, because: false, diagnostics: Vec::new(), file };
    let mut tokens = Tokens { file, source, all: Vec::new(), comments: Vec::new() };
    while let Some(next) = lexer.peek() {
        match next {
            '\n' => {
                lexer.line_start = true;
                lexer.at += 1;
            }
            ' ' | '\t' | '\r' => lexer.at += 1,
            '/' if lexer.rest().starts_with("//") => {
                let line = lexer.line();
                lexer.refuse_bidirectional(line);
                let (start, end) = (lexer.at, lexer.at + line.trim_end().len());
                tokens.comments.push(Comment { before: tokens.all.len(), start, end });
                lexer.at += line.len();
            }
            _ => {
                let start = lexer.at;
                let kind = lexer.token(next);
                // Each token is at least one character long, so that the loop ends whatever `token` does.
                lexer.at = lexer.at.max(start + next.len_utf8());
                tokens.all.push(Token { kind, start, end: lexer.at, line_start: lexer.line_start });
                lexer.line_start = false;
                lexer.because = source.get(start..lexer.at) == Some("because");
            }
        }
    }
    (tokens, lexer.diagnostics)
}

struct Lexer<'a> {
    file: FileId,
    source: &'a str,
    at: usize,
    line_start: bool,
    /// Whether the token before was `because`, whose text has two escapes of its own.
    because: bool,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The rest of the line, without its end.
    fn line(&self) -> &'a str {
        let line = self.rest().split('\n').next().unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Beyond what is reported in the end, nothing more is put into words: a hostile file has a place for each of its bytes.
    fn say(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.diagnostics.len() <= DIAGNOSTICS_MAX {
            self.diagnostics.push(diagnostic());
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// Reads the token that begins with `next`; the cursor ends up behind it.
    fn token(&mut self, next: char) -> TokenKind {
        match next {
            'a'..='z' | 'A'..='Z' | '_' => self.word(),
            '0'..='9' | '$' => self.number(),
            '"' => self.text(),
            '`' => self.raw(),
            next if next.is_ascii_graphic() => self.sign(next),
            _ => self.odd(next),
        }
    }

    fn word(&mut self) -> TokenKind {
        let start = self.at;
        let word = run(self.rest(), |c| c.is_ascii_alphanumeric() || c == '_');
        self.at += word.len();
        let too_long = word.len() > NAME_LENGTH_MAX;
        if !too_long && !word.starts_with('_') && !word.contains(|c: char| c.is_ascii_uppercase()) {
            return TokenKind::Word;
        }
        let span = self.span(start, self.at);
        self.say(|| {
            let small = word.trim_start_matches('_').to_ascii_lowercase();
            let help = "names begin with a small letter and go on with small letters, digits and `_`";
            if too_long {
                let message =
                    format!("a name is at most {NAME_LENGTH_MAX} characters long, this one has {}", word.len());
                return Diagnostic::new(Code::E0107, span, message).help("shorten it");
            }
            let diagnostic = Diagnostic::new(Code::E0107, span, format!("`{word}` is not a name")).help(help);
            if small.starts_with(|c: char| c.is_ascii_lowercase()) {
                diagnostic.fix(format!("write `{small}`"), span, small)
            } else {
                diagnostic
            }
        });
        TokenKind::Bad
    }

    fn number(&mut self) -> TokenKind {
        let start = self.at;
        let literal = number::run(self.rest());
        self.at += literal.len();
        if number::is_sound(literal) {
            return TokenKind::Number;
        }
        let span = self.span(start, self.at);
        self.say(|| number::unsound(literal, span));
        TokenKind::Bad
    }

    fn text(&mut self) -> TokenKind {
        let start = self.at;
        let rest = self.rest();
        let Some(length) = text::length(rest) else {
            self.at += self.line().trim_end().len();
            let span = self.span(start, self.at);
            self.say(|| {
                Diagnostic::new(Code::E0103, span, "this text has no end on its line")
                    .help("end it with `\"`; a line break in a text is written `\\n`")
            });
            return TokenKind::Bad;
        };
        self.at += length;
        let literal = rest.get(..length).unwrap_or_default();
        let refused = self.refuse_bidirectional_at(literal, start);
        let because = self.because;
        let mut sound = !refused;
        for (from, to) in text::wrong_escapes(literal, because) {
            let span = self.span(start + from, start + to);
            sound = false;
            self.say(|| {
                let escape = literal.get(from..to).unwrap_or_default();
                Diagnostic::new(Code::E0110, span, format!("`{escape}` means nothing"))
                    .help(text::escapes_help(because))
            });
        }
        if sound { TokenKind::Text } else { TokenKind::Bad }
    }

    fn raw(&mut self) -> TokenKind {
        let start = self.at;
        let rest = self.rest();
        let end = raw_length(rest);
        let literal = end.and_then(|end| rest.get(..end)).unwrap_or_else(|| self.line().trim_end());
        self.at += literal.len();
        let refused = self.refuse_bidirectional_at(literal, start);
        if end.is_none() {
            let span = self.span(start, self.at);
            self.say(|| {
                Diagnostic::new(Code::E0103, span, "this text has no end")
                    .help("end it with a backtick before the next member begins")
            });
        }
        if end.is_none() || refused { TokenKind::Bad } else { TokenKind::Raw }
    }

    fn sign(&mut self, next: char) -> TokenKind {
        let start = self.at;
        if let Some(long) = SIGNS_LONG.iter().find(|long| self.rest().starts_with(**long)) {
            self.at += long.len();
            return TokenKind::Sign;
        }
        if u8::try_from(next).is_ok_and(|byte| SIGNS.contains(&byte)) {
            self.at += 1;
            return TokenKind::Sign;
        }
        if let Some(kind) = self.single_quoted() {
            return kind;
        }
        let signs = run(self.rest(), |c| c == next);
        self.at += signs.len();
        let (span, percent) = (self.span(start, self.at), self.split_percent(signs, start));
        let rest = self.rest();
        self.say(|| {
            let shown: String = signs.chars().take(NAME_LENGTH_MAX).collect();
            let diagnostic = Diagnostic::new(Code::E0102, span, format!("`{shown}` means nothing here"));
            let Some((_, help, word)) = SIGNS_FOREIGN.iter().find(|(foreign, ..)| signs.starts_with(foreign)) else {
                return diagnostic;
            };
            // Words need the space that signs do not.
            let before = self.source.get(..start).is_none_or(|before| before.ends_with(char::is_whitespace));
            let spaced = |word: &str| {
                let left = if before || word.is_empty() { "" } else { " " };
                let right = if rest.starts_with(char::is_whitespace) { "" } else { " " };
                format!("{left}{word}{right}")
            };
            let fix = percent.or_else(|| word.map(|word| (span, spaced(word))));
            Slip::new(*help, fix).say(diagnostic)
        });
        TokenKind::Bad
    }

    /// `80 %` without its space, unless something is divided.
    fn split_percent(&self, signs: &str, start: usize) -> Option<(Span, String)> {
        let before = self.source.get(..start)?;
        let number = before.trim_end_matches([' ', '\t']);
        let next = self.rest().trim_start_matches([' ', '\t']);
        let word = run(next, |c| c.is_ascii_alphanumeric() || c == '_');
        let divides = next.starts_with(['(', '$']) || !word.is_empty() && !is_reserved(word);
        let sound = signs == "%" && number.ends_with(|c: char| c.is_ascii_digit()) && !divides;
        sound.then(|| (self.span(number.len(), self.at), "%".to_owned()))
    }

    /// A text between single quotes, which is none.
    fn single_quoted(&mut self) -> Option<TokenKind> {
        let start = self.at;
        let inner = self.line().strip_prefix('\'')?.split_once('\'')?.0;
        self.at += inner.len() + 2;
        let span = self.span(start, self.at);
        if !self.refuse_bidirectional_at(inner, start + 1) {
            self.say(|| {
                let fix = (!inner.contains(['"', '\\'])).then(|| (span, format!("\"{inner}\"")));
                Slip::new("texts stand in `\"`", fix).say(Diagnostic::new(
                    Code::E0102,
                    span,
                    "single quotes mean nothing here",
                ))
            });
        }
        Some(TokenKind::Bad)
    }

    fn odd(&mut self, next: char) -> TokenKind {
        let start = self.at;
        let odd = |c: char| !c.is_ascii_graphic() && !matches!(c, ' ' | '\t' | '\r' | '\n');
        let odds = run(self.rest(), odd);
        self.at += odds.len();
        if !self.refuse_bidirectional_at(odds, start) {
            let span = self.span(start, self.at);
            self.say(|| {
                let message = format!("`U+{:04X}` is not allowed outside texts and comments", u32::from(next));
                let help =
                    "only ASCII stands outside texts and comments; many letters of other scripts look like one of it";
                Diagnostic::new(Code::E0102, span, message).help(help)
            });
        }
        TokenKind::Bad
    }

    fn refuse_bidirectional(&mut self, text: &str) {
        let start = self.at;
        self.refuse_bidirectional_at(text, start);
    }

    /// Such characters make a text look different from what it is, in comments as much as in clauses.
    fn refuse_bidirectional_at(&mut self, text: &str, start: usize) -> bool {
        let Some((at, found)) = text.char_indices().find(|(_, c)| is_bidirectional(*c)) else { return false };
        let span = self.span(start + at, start + at + found.len_utf8());
        self.say(|| {
            let message =
                format!("`U+{:04X}` changes the direction of text and is not allowed anywhere", u32::from(found));
            Diagnostic::new(Code::E0102, span, message)
                .help("it makes a source look different from what it says; remove it")
                .fix("remove it", span, "")
        });
        true
    }
}

/// The longest beginning of `text` whose characters `is` accepts.
fn run(text: &str, is: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !is(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The length of the text in backticks at the beginning of `rest`. A line in it that looks like a member says that the end
/// was forgotten: otherwise one lost backtick would turn each text of the file inside out.
fn raw_length(rest: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let after = rest.get(at..)?;
        let found = after.find(['`', '\n'])?;
        at += found + 1;
        if rest.get(at - 1..at) == Some("`") {
            return Some(at);
        }
        if looks_like_a_member(rest.get(at..)?) {
            return None;
        }
    }
}

fn looks_like_a_member(text: &str) -> bool {
    let line = text.trim_start_matches([' ', '\t']);
    let word = run(line, |c| c.is_ascii_alphanumeric() || c == '_');
    let after = line.get(word.len()..).unwrap_or_default();
    let blank = run(after, |c| c == ' ');
    let next = after.get(blank.len()..).unwrap_or_default();
    let followed = !blank.is_empty() && next.starts_with(|c: char| c.is_ascii_lowercase() || c == '"');
    followed && (ITEMS.contains(&word) || Block::ALL.iter().any(|block| block.has(word)))
}
