//! What differs, for people at a terminal.

use std::fmt::Write as _;

use comfy_table::Table;
use leeway_engine::Requirement;
use leeway_units::Quantity;
use owo_colors::OwoColorize as _;

use crate::report::{Change, Clock, Comparison, Decision, Difference, Report, counted, figures, said_of_both};
use crate::terminal::{self, harmless};

/// All of it, with colours.
pub(crate) fn told(report: &Report) -> String {
    let Some(comparison) = &report.comparison else { return String::new() };
    let mut text = format!("{} on {}\n", harmless(&report.title).bold(), harmless(&report.target));
    let _ = writeln!(text, "{} to {} UTC", report.clock.told(&report.from), report.clock.told(&report.to));
    for warning in said_of_both(&comparison.before.warnings, &report.run.warnings) {
        let _ = writeln!(text, "{} {}", "warning:".yellow().bold(), harmless(&warning));
    }
    let _ = writeln!(text, "\n{}", comparison.counts.told());
    for change in Change::ALL {
        text.push_str(&examples(comparison, change, report.clock));
    }
    let mut table = table(["", "old", "new"]);
    for (label, [old, new]) in figures(report, comparison) {
        table.add_row([harmless(&label), harmless(&old), harmless(&new)]);
    }
    let _ = writeln!(text, "\n{table}");
    for assumption in &report.run.assumptions {
        let _ = writeln!(text, "{}", format!("note: {}", harmless(assumption)).dimmed());
    }
    text
}

fn examples(comparison: &Comparison, change: Change, clock: Clock) -> String {
    let examples: Vec<&Difference> = comparison.differences.iter().filter(|one| one.change == change).collect();
    if examples.is_empty() {
        return String::new();
    }
    let mut table = table(["when (UTC)", "proposal", "rule", "old", "new"]);
    for difference in &examples {
        table.add_row(row(difference, clock).map(|cell| harmless(&cell)));
    }
    let told = u64::try_from(examples.len()).unwrap_or(u64::MAX);
    let more = comparison.counts.of(change).saturating_sub(told);
    let more = if more > 0 { format!("and {} more\n", counted(more)) } else { String::new() };
    format!("\n{}\n{table}\n{more}", change.told().bold())
}

/// When, what, which rule, and how either decides.
pub(super) fn row(difference: &Difference, clock: Clock) -> [String; 5] {
    let either = difference.after.as_ref().or(difference.before.as_ref());
    let (when, proposal, rule) = either.map_or_else(Default::default, |decision| {
        (clock.told(&decision.at), decision.verdict.proposal.clone(), decision.rule.clone())
    });
    let both = [difference.before.as_ref(), difference.after.as_ref()];
    let [old, new] = both.map(decided);
    let asked = both.map(|decision| decision.map_or(&[][..], |decision| decision.verdict.approval.as_slice()));
    match asked {
        [of_old, of_new] if !of_old.is_empty() && !of_new.is_empty() && of_old != of_new => {
            [when, proposal, rule, format!("{old}{}", people(of_old)), format!("{new}{}", people(of_new))]
        }
        _ => [when, proposal, rule, old, new],
    }
}

fn decided(decision: Option<&Decision>) -> String {
    let Some(Decision { verdict, .. }) = decision else { return "not proposed".to_owned() };
    match verdict.deciding() {
        Some(voice) => format!("{} by {}", verdict.tier, voice.by),
        None => verdict.tier.to_string(),
    }
}

/// Who is asked: `, 2 of sre within 1h`.
fn people(required: &[Requirement]) -> String {
    let one = |required: &Requirement| {
        let who = if required.by.is_empty() { "anybody".to_owned() } else { required.by.join(" or ") };
        let within = Quantity::milliseconds(required.timeout_s.saturating_mul(1_000));
        format!(", {} of {who} within {within}", required.quorum)
    };
    required.iter().map(one).collect()
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = terminal::table();
    table.set_header(header);
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Figure;
    use crate::report::sample::compared;

    #[test]
    fn no_tickets_are_zero_and_what_a_blueprint_lacks_is_a_dash() {
        let mut report = compared();
        for (label, value) in [(Figure::TICKETS, "3"), ("nodes × hours", "7.5")] {
            report.run.figures.push(Figure { label: label.to_owned(), value: value.to_owned(), detail: None });
        }
        let text = told(&report);
        let row =
            |label: &str| text.lines().find(|line| line.contains(label)).map(|line| line.split_whitespace().collect());
        assert_eq!(row("tickets"), Some(vec!["│", "tickets", "0", "3", "│"]));
        assert_eq!(row("nodes × hours"), Some(vec!["│", "nodes", "×", "hours", "–", "7.5", "│"]));
    }
}
