//! The outcome as JUnit XML, which every CI shows.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Run, Tested};
use crate::exit::Failure;
use crate::verdict::voice_lines;

pub(super) fn report(tested: &[Tested<'_>]) -> Result<String, Failure> {
    let mut report = Report::new("leeway");
    for one in tested {
        let mut suite = TestSuite::new(one.suite.policy.blueprint.as_ref());
        suite.add_test_cases(one.runs.iter().map(|run| case(&one.suite.policy.blueprint, run)));
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| Failure::errors(format!("the outcome cannot be written as XML: {error}")))
}

fn case(blueprint: &str, run: &Run<'_>) -> TestCase {
    let mut case = TestCase::new(run.scenario.name.as_ref(), status(run));
    case.set_classname(blueprint);
    case.extra.insert("file".into(), run.scenario.origin.path.as_ref().into());
    case.extra.insert("line".into(), run.scenario.origin.line.to_string().into());
    case
}

fn status(run: &Run<'_>) -> TestCaseStatus {
    let unmet: Vec<_> = run.played.outcomes.iter().filter(|outcome| !outcome.met).collect();
    let Some(first) = unmet.first() else { return TestCaseStatus::success() };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(format!("{}, came {}", first.expected, first.came));
    let mut lines = Vec::new();
    for outcome in unmet {
        lines.push(format!("{}\ncame {}", outcome.expected, outcome.came));
        lines.extend(outcome.verdict.iter().flat_map(voice_lines));
    }
    status.set_description(lines.join("\n"));
    status
}
