//! The page: one file with all it needs, which asks the network for nothing and runs only what is ours.
//!
//! What a blueprint or an agent wrote reaches it in two ways: escaped by the template, or as JSON in which no tag can stand and of
//! which scripts make text nodes. Its content security policy names our scripts by their hashes, and trusted types refuse every way
//! from text to markup.

use askama::Template;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use leeway_engine::Tier;
use leeway_units::{Quantity, Unit, is_bidirectional};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::report::{Change, Comparison, Counts, Report, Run, span};

const STYLE: &str =
    concat!(include_str!("../../assets/uplot/uPlot.min.css"), include_str!("../../assets/report/report.css"));
const PLOT: &str = include_str!("../../assets/uplot/uPlot.iife.min.js");
const PLOT_LICENCE: &str = include_str!("../../assets/uplot/LICENSE");

/// One function around all of them, so that they share names with each other and nobody else.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("../../assets/report/element.js"),
    include_str!("../../assets/report/format.js"),
    include_str!("../../assets/report/history.js"),
    include_str!("../../assets/report/view.js"),
    include_str!("../../assets/report/gestures.js"),
    include_str!("../../assets/report/chart.js"),
    include_str!("../../assets/report/lanes.js"),
    include_str!("../../assets/report/overview.js"),
    include_str!("../../assets/report/explanation.js"),
    include_str!("../../assets/report/tables.js"),
    include_str!("../../assets/report/keyboard.js"),
    include_str!("../../assets/report/start.js"),
    "})();\n"
);

/// The report as one HTML document.
pub(crate) fn page(report: &Report) -> String {
    let units = Unit::ALL.map(|unit| {
        let printed = unit.suffixes().iter().filter(|suffix| suffix.printed);
        let suffixes: Vec<_> = printed.map(|suffix| json!([suffix.text, suffix.factor])).collect();
        (unit.name().to_owned(), json!({ "dollar": unit.has_dollar(), "suffixes": suffixes }))
    });
    let data = json!({ "report": report, "units": serde_json::Map::from_iter(units) });
    let page = Page {
        report,
        data: inert(&data.to_string()),
        policy: format!(
            "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
            hash(PLOT),
            hash(SCRIPT),
            hash(STYLE)
        ),
        style: STYLE,
        plot: PLOT,
        plot_licence: PLOT_LICENCE,
        script: SCRIPT,
    };
    // Writing into a string cannot fail, and the template calls nothing that can.
    visible(&page.render().unwrap_or_default(), "\\")
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    data: String,
    policy: String,
    style: &'static str,
    plot: &'static str,
    plot_licence: &'static str,
    script: &'static str,
}

impl Page<'_> {
    /// The runs in the order in which they are told.
    fn runs(&self) -> Vec<(&'static str, &Run)> {
        match &self.report.comparison {
            Some(comparison) => vec![("old", &comparison.before), ("new", &self.report.run)],
            None => vec![("", &self.report.run)],
        }
    }

    fn warnings(&self) -> Vec<(&'static str, &Vec<String>)> {
        self.lists(|run| &run.warnings)
    }

    fn assumptions(&self) -> Vec<(&'static str, &Vec<String>)> {
        self.lists(|run| &run.assumptions)
    }

    /// How many proposals of each run are counted and not told, where any are.
    fn notices(&self) -> Vec<String> {
        let notice = |(age, run): (&str, &Run)| {
            let (all, told) = (run.proposals.counts.all(), run.proposals.shown.len());
            let untold = all.saturating_sub(u64::try_from(told).unwrap_or(u64::MAX));
            let age = if age.is_empty() { String::new() } else { format!("{age}: ") };
            (untold > 0).then(|| {
                format!(
                    "{age}{} proposals were made and all are counted; {} are shown on the time line and in the table: the newest of \
                     each kind, then the strictest, the newest first. {} are not shown.",
                    counted(all),
                    counted(told),
                    counted(untold)
                )
            })
        };
        self.runs().into_iter().filter_map(notice).collect()
    }

    /// What is said of each run, where anything is; once where the same is said of both.
    fn lists<'a>(&'a self, list: impl Fn(&'a Run) -> &'a Vec<String>) -> Vec<(&'static str, &'a Vec<String>)> {
        let mut lists: Vec<_> = self.runs().into_iter().map(|(age, run)| (age, list(run))).collect();
        if let [(_, old), (_, new)] = lists.as_slice()
            && old == new
        {
            lists = vec![("", new)];
        }
        lists.retain(|(_, list)| !list.is_empty());
        lists
    }
}

/// JSON in which no tag, comment or entity can begin.
fn inert(json: &str) -> String {
    visible(json, "\\\\").replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
}

/// Text in which the characters that turn the order of others are seen and do nothing: `\u{202e}`.
fn visible(text: &str, backslash: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        if is_bidirectional(c) {
            seen.push_str(&format!("{backslash}u{{{:x}}}", u32::from(c)));
        } else {
            seen.push(c);
        }
    }
    seen
}

/// A source as a content security policy names it.
fn hash(source: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(source)))
}

/// The tiers from the most permissive to the strictest: what the page calls them, and in plain words.
const TIERS: [(Tier, &str, &str); 3] = [
    (Tier::Allowed, "allowed", "allowed"),
    (Tier::ApprovalRequired, "approval_required", "approval required"),
    (Tier::Forbidden, "forbidden", "forbidden"),
];

/// Where the parts of the bar of shares begin and how wide they are, in percent.
fn shares(counts: &Counts) -> Vec<(String, String, &'static str)> {
    let mut x = 0.0;
    let part = TIERS.map(|(tier, name, _)| {
        #[expect(clippy::cast_precision_loss, reason = "a share of a bar, to a hundredth of a percent")]
        let width = 100.0 * counts.of(tier) as f64 / counts.all().max(1) as f64;
        let from = x;
        x += width;
        (format!("{from:.2}"), format!("{width:.2}"), name)
    });
    part.into_iter().filter(|(_, width, _)| width != "0.00").collect()
}

/// How long the history is, and how often it was looked at.
pub(crate) fn length(report: &Report) -> String {
    let length = span(report.to.duration_since(report.from).as_millis().try_into().unwrap_or(0));
    match report.step_ms {
        Some(step_ms) => format!("{length}, every {}", Quantity::milliseconds(step_ms)),
        None => format!("{length}, at each sample"),
    }
}

/// A sentence in its parts, each with whether it stands between backticks, which are code; one part where they do not pair.
fn prose(text: &str) -> Vec<(bool, &str)> {
    if text.matches('`').count().is_multiple_of(2) {
        text.split('`').enumerate().map(|(place, part)| (!place.is_multiple_of(2), part)).collect()
    } else {
        vec![(false, text)]
    }
}

/// A number with its thousands apart.
pub(crate) fn counted(number: impl Copy + ToString) -> String {
    let digits = number.to_string();
    let mut apart = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

fn unused(run: &Run) -> usize {
    run.parts.iter().filter(|part| part.times == 0).count()
}

/// How many differences are counted and not told.
fn untold(comparison: &Comparison) -> u64 {
    let told = u64::try_from(comparison.differences.len()).unwrap_or(u64::MAX);
    comparison.counts.all().saturating_sub(told)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::report::Shown;
    use crate::report::sample::{HOSTILE, compared, decision, hostile, storefront};
    use crate::report::shown::SHOWN_MAX;

    /// What stands between two marks, everywhere they stand.
    fn between<'a>(text: &'a str, from: &str, to: &str) -> Vec<&'a str> {
        text.split(from).skip(1).map(|rest| rest.split(to).next().unwrap()).collect()
    }

    #[test]
    fn the_policy_names_exactly_what_the_page_runs_and_how_it_looks() {
        for report in [storefront(), compared(), hostile()] {
            let page = page(&report);
            let policy = between(&page, "Content-Security-Policy\" content=\"", "\">")[0].replace("&#39;", "'");
            let scripts = between(&page, "<script>", "</script>");
            let styles = between(&page, "<style>", "</style>");
            assert_eq!((scripts.len(), styles.len(), between(&page, "<script", ">").len()), (2, 1, 3));
            for source in scripts.into_iter().chain(styles) {
                assert!(policy.contains(&hash(source)), "{policy}");
            }
            assert!(!policy.contains("unsafe") && policy.starts_with("default-src 'none';"), "{policy}");
            assert!(!page.contains(" style="), "an attribute that the policy refuses");
        }
    }

    #[test]
    fn data_holds_no_markup_and_reads_back() {
        let page = page(&hostile());
        let data = between(&page, "id=\"data\">", "</script>")[0];
        assert!(!data.contains(['<', '>', '&']));
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["report"]["title"], HOSTILE.replace('\u{202e}', "\\u{202e}"));
        assert!(!page.contains('\u{202e}'));
        assert_eq!(data["units"]["bytes"]["suffixes"][0], json!(["Ti", 1_099_511_627_776.0]));
    }

    #[test]
    fn what_voices_have_in_common_is_written_once() {
        let report = storefront();
        assert!(report.run.proposals.counts.all() > 50);
        let page = page(&report);
        let data = between(&page, "id=\"data\">", "</script>")[0];
        // Once for each tier of the sample.
        assert_eq!(data.matches("blueprints/frontend.leeway:39").count(), 3);
    }

    #[test]
    fn what_stands_between_backticks_is_code() {
        assert_eq!(prose("`cpu` is old"), [(false, ""), (true, "cpu"), (false, " is old")]);
        assert_eq!(prose("a ` alone"), [(false, "a ` alone")]);
    }

    #[test]
    fn what_is_counted_and_not_shown_is_said() {
        let mut shown = Shown::default();
        let made = i64::try_from(SHOWN_MAX).unwrap() + 1_234;
        for minute in 0..made {
            shown.add(decision(minute, Tier::Allowed, "scale(to: 3)"));
        }
        let mut report = storefront();
        assert!(!page(&report).contains("are not shown"));
        report.run.proposals = shown.finish();
        let page = page(&report);
        assert!(page.contains("6,234 proposals were made and all are counted; 5,000 are shown"));
        // At the time line as well as at the table.
        let (above, below) = page.split_once("id=\"charts\"").unwrap();
        assert!([above, below].iter().all(|part| part.matches("1,234 are not shown").count() == 1));
    }
}
