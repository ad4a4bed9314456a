//! Findings for people: the line, the mark beneath it, the reason and what to do next.

use std::borrow::Cow;
use std::ops::Range;

use codespan_reporting::diagnostic as codespan;
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::termcolor::{Ansi, NoColor, WriteColor};
use codespan_reporting::term::{Config, emit_to_write_style};

use super::short;
use super::visible::visible;
use crate::code::Severity;
use crate::diagnostic::{Diagnostic, Fix, Label};
use crate::source_map::SourceMap;
use crate::span::FileId;

/// The longest line that is shown, in bytes; a finding in a longer one is told without its line.
const LINE_LENGTH_MAX: usize = 2_000;

/// As many lines behind the first, and one before the last, are shown of a place that takes up several.
const LINES_SHOWN: usize = 4;

/// The longest change that is written out, in bytes.
const CHANGE_LENGTH_MAX: usize = 80;

/// Each finding with its source lines, marks, help and page; `color` adds ANSI colours.
pub fn human(sources: &SourceMap, diagnostics: &[Diagnostic], color: bool) -> String {
    let shown = Shown { sources, texts: sources.files().map(|(_, file)| visible(&file.text)).collect() };
    let mut out = Vec::new();
    for diagnostic in diagnostics {
        let before = out.len();
        let labels = || std::iter::once(&diagnostic.primary).chain(&diagnostic.labels);
        let whole = labels().all(|label| shown.can_show(label))
            && if color {
                emit(Ansi::new(&mut out), &shown, diagnostic)
            } else {
                emit(NoColor::new(&mut out), &shown, diagnostic)
            };
        if !whole {
            out.truncate(before);
            out.extend_from_slice(told(sources, diagnostic).as_bytes());
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether it could be written.
fn emit(mut writer: impl WriteColor, shown: &Shown<'_>, diagnostic: &Diagnostic) -> bool {
    emit_to_write_style(&mut writer, &Config::default(), shown, &converted(diagnostic)).is_ok()
}

/// The finding without its source.
fn told(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let notes: String = notes(diagnostic).iter().map(|note| format!("  = {note}\n")).collect();
    format!("{}\n{notes}\n", short::line(sources, diagnostic))
}

fn notes(diagnostic: &Diagnostic) -> Vec<String> {
    let told = diagnostic.notes.iter().map(|note| format!("note: {}", visible(note)));
    let help = diagnostic.help.iter().map(|help| format!("help: {}", visible(help)));
    // Often the help is the change, and "did you mean" names it in the message.
    let said = |fix: &&Fix| {
        let told = [Some(&diagnostic.message), diagnostic.help.as_ref()];
        fix.edits.iter().all(|edit| told.iter().flatten().any(|text| text.contains(&format!("`{}`", edit.replacement))))
    };
    let fixes = diagnostic.fixes.iter().filter(|fix| !said(fix)).map(|fix| format!("fix: {}", visible(&change(fix))));
    told.chain(help).chain(fixes).chain([format!("more: leeway explain {}", diagnostic.code)]).collect()
}

/// What a fix does, with what it writes unless its title says that.
fn change(fix: &Fix) -> String {
    match fix.edits.as_slice() {
        [edit] if edit.replacement.len() <= CHANGE_LENGTH_MAX && !fix.title.contains(&edit.replacement) => {
            format!("{}: `{}`", fix.title, edit.replacement)
        }
        _ => fix.title.clone(),
    }
}

fn converted(diagnostic: &Diagnostic) -> codespan::Diagnostic<FileId> {
    let severity = match diagnostic.code.severity() {
        Severity::Error => codespan::Severity::Error,
        Severity::Warning => codespan::Severity::Warning,
    };
    let Label { span, message } = &diagnostic.primary;
    let primary = codespan::Label::primary(span.file, span.range()).with_message(visible(message));
    let others = diagnostic.labels.iter().map(|Label { span, message }| {
        codespan::Label::secondary(span.file, span.range()).with_message(visible(message))
    });
    codespan::Diagnostic::new(severity)
        .with_code(diagnostic.code)
        .with_message(visible(&diagnostic.message))
        .with_label(primary)
        .with_labels_iter(others)
        .with_notes(notes(diagnostic))
}

/// The sources as they may be printed.
struct Shown<'a> {
    sources: &'a SourceMap,
    texts: Vec<Cow<'a, str>>,
}

impl Shown<'_> {
    fn text(&self, id: FileId) -> Result<&str, Error> {
        self.texts.get(id.0 as usize).map(AsRef::as_ref).ok_or(Error::FileMissing)
    }

    fn can_show(&self, label: &Label) -> bool {
        let Range { start, end } = label.span.range();
        let (Ok(first), Ok(last)) = (self.line_index(label.span.file, start), self.line_index(label.span.file, end))
        else {
            return false;
        };
        let mut lines = (first..=last.min(first + LINES_SHOWN)).chain([last.saturating_sub(1), last]);
        lines.all(|line| self.line_range(label.span.file, line).is_ok_and(|range| range.len() <= LINE_LENGTH_MAX))
    }
}

impl<'a> Files<'a> for Shown<'a> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.sources.file(id).map(|file| file.path.as_ref()).ok_or(Error::FileMissing)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        self.text(id)
    }

    fn line_index(&self, id: FileId, byte: usize) -> Result<usize, Error> {
        self.sources.file(id).map(|file| file.lines().line(byte)).ok_or(Error::FileMissing)
    }

    fn line_range(&self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let length = self.text(id)?.len();
        let lines = self.sources.file(id).ok_or(Error::FileMissing)?.lines();
        lines.range(line, length).ok_or(Error::LineTooLarge { given: line, max: lines.len() })
    }
}
