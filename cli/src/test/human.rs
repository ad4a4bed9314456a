//! The outcome as people read it: a line a test, and of those that failed what was expected, what came, and who spoke.

use std::fmt::Write as _;

use owo_colors::OwoColorize as _;

use super::coverage::unseen;
use super::{Run, Tested};
use crate::terminal::counted;
use crate::verdict::voice_lines;

pub(super) fn report(tested: &[Tested<'_>], filter: Option<&str>, coverage: bool) -> String {
    let mut text = String::new();
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for one in tested.iter().filter(|one| !one.runs.is_empty()) {
        let _ = writeln!(text, "{}", one.suite.policy.blueprint.bold());
        for run in &one.runs {
            let mark = if run.passed() { "ok".green().to_string() } else { "FAILED".red().to_string() };
            let _ = writeln!(text, "  {mark} {}", run.scenario.name);
            if run.passed() {
                passed += 1;
            } else {
                failed += 1;
                failure(&mut text, run);
            }
        }
    }
    if coverage {
        text.push_str(&covered(tested));
    }
    match (passed + failed, filter) {
        (0, Some(filter)) => {
            let _ = writeln!(text, "no name of a test or of its blueprint contains `{filter}`");
        }
        (0, None) => text.push_str("no tests: write `test \"…\" { given … propose … expect … }` into a blueprint\n"),
        (all, _) => {
            let _ = writeln!(text, "{}: {passed} passed, {failed} failed", counted(all, "test"));
        }
    }
    text
}

/// What a test expected and did not get.
fn failure(text: &mut String, run: &Run<'_>) {
    let expectations = run.scenario.expect.iter().zip(&run.played.outcomes);
    for (expected, outcome) in expectations.filter(|(_, outcome)| !outcome.met) {
        let at = &expected.origin;
        let _ = writeln!(text, "    {}:{}:{}", at.path, at.line, at.column);
        let _ = writeln!(text, "      {}", outcome.expected);
        let _ = writeln!(text, "      came {}", outcome.came);
        for line in outcome.verdict.iter().flat_map(voice_lines) {
            let _ = writeln!(text, "        {line}");
        }
    }
}

/// The clauses with a truth value that no test has shown.
fn covered(tested: &[Tested<'_>]) -> String {
    let mut text = String::new();
    let (mut shown, mut all) = (0, 0);
    for one in tested {
        let missing = unseen(one);
        let clauses = one.suite.policy.clauses.len();
        all += clauses;
        shown += clauses - missing.len();
        if missing.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{}: no test has shown", one.suite.policy.blueprint.bold());
        for clause in missing {
            let truths: Vec<&str> = clause.unseen.iter().map(|truth| truth.name()).collect();
            let at = &clause.clause.origin;
            let _ = writeln!(text, "  {} {} ({}:{})", clause.clause.id, truths.join(", "), at.path, at.line);
        }
    }
    let _ = writeln!(text, "{shown} of {all} clauses have shown every truth value they can have");
    text
}
