//! The lines of a source that decided, with a mark under what counts.

use leeway_diagnostics::SourceMap;
use leeway_ir::Origin;
use owo_colors::OwoColorize as _;

use crate::terminal::harmless;

/// How many lines of a member are looked through for its condition, and quoted.
const LINES_MAX: usize = 12;

/// The member that stands at `at`, with a mark under its condition as `written`, or under its first line; beside the mark the
/// label. Of a bundle, which has no sources, the condition alone.
pub(crate) fn quote(sources: &SourceMap, at: &Origin, written: &str, label: &str) -> Vec<String> {
    let Some((_, file)) = sources.files().find(|(_, file)| file.path == at.path) else {
        return recalled(at, written, label);
    };
    let first = (at.line as usize).saturating_sub(1);
    let lines: Vec<Vec<char>> =
        file.text.lines().skip(first).take(LINES_MAX).map(|line| line.chars().collect()).collect();
    let from = (at.column as usize).saturating_sub(1);
    let marks = marks(&lines, from, written);
    let Some((last, _)) = marks.last() else { return Vec::new() };
    let width = (first + last + 1).to_string().len();
    let mut quoted = vec![format!("{:width$} {} {}:{}:{}", "", "-->".dimmed(), at.path, at.line, at.column)];
    for (at, line) in lines.iter().enumerate().take(last + 1) {
        let text: String = line.iter().collect();
        let number = format!("{:>width$} |", first + at + 1);
        quoted.push(format!("{} {}", number.dimmed(), harmless(&text.replace('\t', " "))));
        if let Some((_, (begin, end))) = marks.iter().find(|(marked, _)| *marked == at) {
            let carets = "^".repeat(end.saturating_sub(*begin).max(1));
            let label = if at == *last && !label.is_empty() { format!(" {label}") } else { String::new() };
            let margin = format!("{:width$} |", "");
            quoted.push(format!("{} {:begin$}{}{label}", margin.dimmed(), "", carets.bold()));
        }
    }
    quoted
}

/// The condition as it was written where the source is not at hand.
fn recalled(at: &Origin, written: &str, label: &str) -> Vec<String> {
    let mut quoted = vec![format!(" {} {}:{}:{}", "-->".dimmed(), harmless(&at.path), at.line, at.column)];
    if !written.is_empty() {
        let written = harmless(written);
        let carets = "^".repeat(written.chars().count());
        let label = if label.is_empty() { String::new() } else { format!(" {label}") };
        quoted.push(format!("  {} {written}", "|".dimmed()));
        quoted.push(format!("  {} {}{label}", "|".dimmed(), carets.bold()));
    }
    quoted
}

/// Of each line that is marked: from which character to which.
type Marks = Vec<(usize, (usize, usize))>;

fn marks(lines: &[Vec<char>], from: usize, written: &str) -> Marks {
    // The restraint of an `else` is written as its opposite stands there.
    let bare = written.strip_prefix("not ").unwrap_or(written);
    let bare = bare.strip_prefix('(').and_then(|bare| bare.strip_suffix(')')).unwrap_or(bare);
    let found = [written, bare].into_iter().find_map(|wanted| find(lines, from, wanted));
    let marks = found.unwrap_or_default();
    if !marks.is_empty() {
        return marks;
    }
    let end = lines.first().map_or(0, |line| line.len() - line.iter().rev().take_while(|c| c.is_whitespace()).count());
    if lines.is_empty() { Vec::new() } else { vec![(0, (from.min(end), end))] }
}

/// Where `wanted` stands, whatever white space is between its characters.
fn find(lines: &[Vec<char>], from: usize, wanted: &str) -> Option<Marks> {
    let wanted: Vec<char> = wanted.chars().filter(|c| !c.is_whitespace()).collect();
    let placed = lines.iter().enumerate().flat_map(|(line, text)| {
        let skipped = if line == 0 { from } else { 0 };
        text.iter().enumerate().skip(skipped).map(move |(column, c)| (line, column, *c))
    });
    let placed: Vec<(usize, usize, char)> = placed.filter(|(_, _, c)| !c.is_whitespace()).collect();
    let same = |window: &&[(usize, usize, char)]| window.iter().map(|(_, _, c)| c).eq(&wanted);
    let found = placed.windows(wanted.len().max(1)).find(same)?;
    let mut marks: Marks = Vec::new();
    for (line, column, _) in found {
        match marks.last_mut() {
            Some((marked, (_, end))) if marked == line => *end = column + 1,
            Some(_) | None => marks.push((*line, (*column, column + 1))),
        }
    }
    Some(marks)
}
