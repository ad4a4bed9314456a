//! What a metric reads: `name{label="value"}`, strictly, with errors inside the text.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_ir::{Reading, ReadingKind, Source};
use leeway_syntax::ast;
use leeway_units::{Quantity, Unit};

use super::Resolver;
use crate::check::milliseconds;
use crate::quoted::{Character, characters};

impl Resolver<'_> {
    /// The readings of a metric's source; `None` if one is malformed, which is reported.
    pub(super) fn source(&mut self, source: &ast::Source) -> Option<Source> {
        let reading = self.reading(&source.scrape);
        let divided_by = source.divided_by.as_ref().map(|scrape| self.reading(scrape));
        Some(Source {
            reading: reading?,
            divided_by: match divided_by {
                Some(reading) => Some(reading?),
                None => None,
            },
        })
    }

    fn reading(&mut self, scrape: &ast::Scrape) -> Option<Reading> {
        // A window that cannot work is reported by the checker, which sees it beside `every`.
        let window_ms = |window: &leeway_diagnostics::Spanned<Quantity>| milliseconds(window.node).unwrap_or_default();
        let (kind, text) = match scrape {
            ast::Scrape::Gauge(text) => (ReadingKind::Gauge, text),
            ast::Scrape::Sum(text) => (ReadingKind::Sum, text),
            ast::Scrape::Rate(text, window) => (ReadingKind::Rate { window_ms: window_ms(window) }, text),
            ast::Scrape::Mean(text, window) => (ReadingKind::Mean { window_ms: window_ms(window) }, text),
            ast::Scrape::Quantile(q, text, window) => {
                let bare = matches!(q.node.unit(), Unit::Count | Unit::Number);
                if !bare || !(0.0..=1.0).contains(&q.node.base()) {
                    let message = format!("quantile `{}` is not a number from 0 to 1", q.node);
                    self.diagnostics.push(Diagnostic::new(Code::E0701, q.span, message).help("write `0.95` for p95"));
                }
                (ReadingKind::Quantile { q: q.node.base(), window_ms: window_ms(window) }, text)
            }
        };
        let histogram = matches!(kind, ReadingKind::Quantile { .. } | ReadingKind::Mean { .. });
        match self.selector(text, histogram) {
            Ok((series, labels)) => Some(Reading { kind, series, labels }),
            Err(finding) => {
                self.diagnostics.push(*finding);
                None
            }
        }
    }

    fn selector(&self, text: &ast::Text, histogram: bool) -> Selector {
        let mut reader = Reader { rest: &characters(self.sources, text), whole: text.span };
        let (series, series_span) =
            reader.name(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':', "a metric's name")?;
        if let Some(base) = series.strip_suffix("_bucket").filter(|_| histogram) {
            let finding = Diagnostic::new(Code::E0701, series_span, "a histogram is named without `_bucket`");
            return Err(Box::new(finding.fix(format!("write `{base}`"), series_span, base)));
        }
        let mut labels = BTreeMap::new();
        if reader.eat('{') && !reader.eat('}') {
            loop {
                let (label, span) = reader.name(|c| c.is_ascii_alphanumeric() || c == '_', "a label's name")?;
                reader.matcher()?;
                let value = reader.value()?;
                if labels.insert(Arc::<str>::from(label.as_str()), value).is_some() {
                    let message = format!("label `{label}` is given twice");
                    return Err(Box::new(Diagnostic::new(Code::E0701, span, message).help("remove one")));
                }
                if reader.eat('}') {
                    break;
                }
                if !reader.eat(',') {
                    return Err(reader.expected("`,` or `}`"));
                }
            }
        }
        match reader.peek() {
            None => Ok((series.into(), labels)),
            Some(_) => Err(reader.expected("nothing more")),
        }
    }
}

type Selector = Result<(Arc<str>, BTreeMap<Arc<str>, Arc<str>>), Box<Diagnostic>>;

struct Reader<'a> {
    rest: &'a [Character],
    whole: Span,
}

impl Reader<'_> {
    /// The next character that is no white space.
    fn peek(&mut self) -> Option<Character> {
        while let Some((first, rest)) = self.rest.split_first() {
            if !first.value.is_whitespace() {
                return Some(*first);
            }
            self.rest = rest;
        }
        None
    }

    fn next(&mut self) -> Option<Character> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek().is_some_and(|c| c.value == wanted);
        if found {
            self.next();
        }
        found
    }

    fn expected(&mut self, what: &str) -> Box<Diagnostic> {
        let (span, found) = match self.peek() {
            Some(c) => (c.span, format!("`{}`", c.value)),
            None => (self.whole, "the end".to_owned()),
        };
        let message = format!("expected {what} in the selector, found {found}");
        let finding = Diagnostic::new(Code::E0701, span, message);
        Box::new(finding.help("a selector is `name` or `name{label=\\\"value\\\"}`"))
    }

    fn name(&mut self, is: impl Fn(char) -> bool, what: &str) -> Result<(String, Span), Box<Diagnostic>> {
        let Some(first) = self.peek().filter(|c| is(c.value) && !c.value.is_ascii_digit()) else {
            return Err(self.expected(what));
        };
        let mut name = String::new();
        let mut span = first.span;
        while let Some((next, rest)) = self.rest.split_first().filter(|(next, _)| is(next.value)) {
            name.push(next.value);
            span = span.to(next.span);
            self.rest = rest;
        }
        Ok((name, span))
    }

    /// `=`, and nothing else.
    fn matcher(&mut self) -> Result<(), Box<Diagnostic>> {
        let start = self.peek();
        let mut written = String::new();
        while let Some((next, rest)) = self.rest.split_first().filter(|(next, _)| "=!~".contains(next.value)) {
            written.push(next.value);
            self.rest = rest;
        }
        match start {
            Some(_) if written == "=" => Ok(()),
            Some(start) if !written.is_empty() => {
                let message = format!("labels are matched with `=` only, found `{written}`");
                Err(Box::new(Diagnostic::new(Code::E0701, start.span, message)))
            }
            Some(_) | None => Err(self.expected("`=`")),
        }
    }

    /// A label's value in quotes, with its own escapes.
    fn value(&mut self) -> Result<Arc<str>, Box<Diagnostic>> {
        if !self.eat('"') {
            return Err(self.expected("a value in quotes"));
        }
        let mut value = String::new();
        while let Some(c) = self.next() {
            match c.value {
                '"' => return Ok(value.into()),
                '\\' => match self.next().map(|c| c.value) {
                    Some('n') => value.push('\n'),
                    Some(c) => value.push(c),
                    None => break,
                },
                c => value.push(c),
            }
        }
        Err(self.expected("a closing quote"))
    }
}
