//! The report in a terminal: its numbers, a sparkline for each metric, and the first proposals.

use crate::report::Report;

/// As it is printed, with colours.
pub(crate) fn summary(report: &Report) -> String {
    report.title.clone()
}
