//! What differs, in Markdown: for the description of a change.

use std::fmt::Write as _;

use crate::diff::words::row;
use crate::report::{Change, Clock, Comparison, Report, counted, figures, said_of_both};
use crate::terminal::harmless;

/// All of it.
pub(crate) fn told(report: &Report) -> String {
    let Some(comparison) = &report.comparison else { return String::new() };
    let mut text = format!("### {} on {}\n\n", plain(&report.title), code(&report.target));
    let [from, to] = [&report.from, &report.to].map(|moment| report.clock.told(moment));
    let _ = writeln!(text, "{from} to {to} UTC: {}.", comparison.counts.told());
    for warning in said_of_both(&comparison.before.warnings, &report.run.warnings) {
        let _ = writeln!(text, "\n> **Warning:** {}", prose(&warning));
    }
    for change in Change::ALL {
        text.push_str(&examples(comparison, change, report.clock));
    }
    text.push_str("\n| | old | new |\n| --- | ---: | ---: |\n");
    for (label, [old, new]) in figures(report, comparison) {
        let _ = writeln!(text, "| {} | {} | {} |", plain(&label), plain(&old), plain(&new));
    }
    if !report.run.assumptions.is_empty() {
        text.push('\n');
    }
    for assumption in &report.run.assumptions {
        let _ = writeln!(text, "- {}", prose(assumption));
    }
    text
}

fn examples(comparison: &Comparison, change: Change, clock: Clock) -> String {
    let examples: Vec<_> = comparison.differences.iter().filter(|one| one.change == change).collect();
    if examples.is_empty() {
        return String::new();
    }
    let mut text = format!("\n**{}**\n\n", capital(change.told()));
    text.push_str("| when (UTC) | proposal | rule | old | new |\n| --- | --- | --- | --- | --- |\n");
    for difference in &examples {
        let [when, proposal, rule, old, new] = row(difference, clock);
        let _ =
            writeln!(text, "| {when} | {} | {} | {} | {} |", code(&proposal), code(&rule), plain(&old), plain(&new));
    }
    let told = u64::try_from(examples.len()).unwrap_or(u64::MAX);
    let more = comparison.counts.of(change).saturating_sub(told);
    if more > 0 {
        let _ = writeln!(text, "\nand {} more", counted(more));
    }
    text
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Text from outside of which nothing is markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in harmless(text).chars() {
        match letter {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            // So that nobody is called.
            '@' => plain.push_str("&#64;"),
            letter
                if letter.is_ascii_punctuation()
                    && !matches!(letter, '.' | ',' | ';' | ':' | '/' | '-' | '%' | '\'' | '"' | '(' | ')') =>
            {
                plain.extend(['\\', letter]);
            }
            letter => plain.push(letter),
        }
    }
    plain
}

/// The same, where what stands between two backticks is code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(text);
    }
    let part = |(place, part): (usize, &&str)| if place.is_multiple_of(2) { plain(part) } else { code(part) };
    parts.iter().enumerate().map(part).collect()
}

/// The same as code: a backtick or a bar would end it.
fn code(text: &str) -> String {
    if text.contains(['`', '|']) { plain(text) } else { format!("`{}`", harmless(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(
            plain("<b>*a* @all [x](y) #1 | `c`\n"),
            "&lt;b&gt;\\*a\\* &#64;all \\[x\\](y) \\#1 \\| \\`c\\`\\\\n"
        );
        assert_eq!(code("a|b"), "a\\|b");
        assert_eq!(prose("`a == b` is *met*"), "`a == b` is \\*met\\*");
        assert_eq!(prose("`a is *met*"), "\\`a is \\*met\\*");
        assert!(!plain("a\u{202e}b").contains('\u{202e}'));
    }
}
