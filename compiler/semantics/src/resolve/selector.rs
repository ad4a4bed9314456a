//! What a metric reads: `name{label="value"}`, strictly, with errors inside the text.

use std::collections::BTreeMap;
use std::sync::Arc;

use leeway_diagnostics::{Code, Diagnostic, Span};
use leeway_syntax::ast;
use leeway_units::Unit;

use super::Resolver;
use super::scope::Scope;
use crate::hir::{Reading, ReadingKind, Source};
use crate::quoted::{Character, characters};

impl Resolver<'_> {
    /// Where a metric's samples come from; `None` if a text in it is malformed, which is reported.
    pub(super) fn source(&mut self, scope: &Scope<'_>, source: &ast::Source) -> Option<Source> {
        match &source.kind {
            ast::SourceKind::Scrape(reading, divided_by) => {
                let reading = self.reading(scope, reading);
                let divided_by = divided_by.as_ref().map(|scrape| self.reading(scope, scrape));
                Some(Source::Scrape {
                    reading: reading?,
                    divided_by: match divided_by {
                        Some(reading) => Some(reading?),
                        None => None,
                    },
                })
            }
            ast::SourceKind::Prometheus(query) => Some(Source::Prometheus(query.clone())),
            ast::SourceKind::HttpJson { path, pointer } => {
                let good = self.json_place(path, pointer);
                good.then(|| Source::HttpJson { path: path.node.clone(), pointer: pointer.node.clone() })
            }
            ast::SourceKind::Constant(value) => Some(Source::Constant(self.expression(scope, value))),
        }
    }

    /// A path on the target and a pointer into what it answers, as RFC 6901 has it.
    fn json_place(&mut self, path: &ast::Text, pointer: &ast::Text) -> bool {
        let mut good = true;
        if !path.node.starts_with('/') || path.node.contains(char::is_whitespace) {
            let finding = Diagnostic::new(Code::E0701, path.span, format!("`{}` is no path on the target", path.node));
            self.diagnostics.push(finding.help("a path begins with `/` and has no spaces, as in `/stats.json`"));
            good = false;
        }
        let escapes = pointer.node.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !(pointer.node.is_empty() || pointer.node.starts_with('/')) || !escapes {
            let message = format!("`{}` is no JSON pointer", pointer.node);
            let finding = Diagnostic::new(Code::E0701, pointer.span, message);
            self.diagnostics.push(finding.help("write it as in `/queue/depth`, `~` as `~0` and `/` in a name as `~1`"));
            good = false;
        }
        good
    }

    fn reading(&mut self, scope: &Scope<'_>, scrape: &ast::Scrape) -> Option<Reading> {
        let (kind, text) = match scrape {
            ast::Scrape::Gauge(text) => (ReadingKind::Gauge, text),
            ast::Scrape::Sum(text) => (ReadingKind::Sum, text),
            ast::Scrape::Rate(text, window) => (ReadingKind::Rate(self.expression(scope, window)), text),
            ast::Scrape::Mean(text, window) => (ReadingKind::Mean(self.expression(scope, window)), text),
            ast::Scrape::Quantile(q, text, window) => {
                let bare = matches!(q.node.unit(), Unit::Count | Unit::Number);
                if !bare || !(0.0..=1.0).contains(&q.node.base()) {
                    let message = format!("quantile `{}` is not a number from 0 to 1", q.node);
                    self.diagnostics.push(Diagnostic::new(Code::E0701, q.span, message).help("write `0.95` for p95"));
                }
                (ReadingKind::Quantile(q.node.base(), self.expression(scope, window)), text)
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
