//! A page of metrics in the OpenMetrics or Prometheus text format.
//!
//! `nom-openmetrics` reads names and labels. The lines around them are split here, because it knows neither comments, blank
//! lines, timestamps nor exemplars, and writes to standard error when it reads an infinity. A timestamp or an exemplar is not
//! kept: a sample counts for the moment at which the page was read.
//! Sources: <https://prometheus.io/docs/instrumenting/exposition_formats/>, <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The longest page that is read.
pub const PAGE_BYTES_MAX: usize = 4 << 20;

/// The most samples that a page may have.
pub const SAMPLES_MAX: usize = 50_000;

/// Ends a page of OpenMetrics.
const END: &str = "# EOF";

/// A sample's labels.
pub(crate) type Labels = BTreeMap<Arc<str>, Arc<str>>;

/// The samples of one page, by the name of their series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    series: BTreeMap<Arc<str>, Vec<Point>>,
}

/// One sample of a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

/// Why a text is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// A line is not in the format, or the last one is cut off.
    #[error("line {line} is none of a page of metrics")]
    Format {
        /// The line, from 1.
        line: usize,
    },
    /// It is too long or has too many samples.
    #[error("a page of over {PAGE_BYTES_MAX} bytes or {SAMPLES_MAX} samples")]
    TooLarge,
}

impl Page {
    /// Reads a page. One line that cannot be read makes the whole page unreadable: half a page would look like a whole one with
    /// less traffic.
    ///
    /// # Errors
    /// When the text is in neither format, or over its bounds.
    pub fn parse(text: &str) -> Result<Page, PageError> {
        if text.len() > PAGE_BYTES_MAX {
            return Err(PageError::TooLarge);
        }
        let mut page = Page::default();
        let mut shared = Shared::default();
        let mut count = 0_usize;
        let mut has_ended = false;
        for (at, whole) in text.split_inclusive('\n').enumerate() {
            let wrong = || PageError::Format { line: at.saturating_add(1) };
            let line = whole.trim();
            // `requests 12` without a line's end may be the beginning of `requests 123`.
            if has_ended || (!whole.ends_with('\n') && line != END) {
                return Err(wrong());
            }
            has_ended = line == END;
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            count = count.saturating_add(1);
            if count > SAMPLES_MAX {
                return Err(PageError::TooLarge);
            }
            let (series, point) = point(line, &mut shared).ok_or_else(wrong)?;
            page.series.entry(series).or_default().push(point);
        }
        Ok(page)
    }

    /// The samples of `series` that have all of `labels`.
    pub(crate) fn points<'a>(&'a self, series: &str, labels: &'a Labels) -> impl Iterator<Item = &'a Point> {
        let points = self.series.get(series).map(Vec::as_slice).unwrap_or_default();
        points.iter().filter(move |point| point.has(labels))
    }
}

impl Point {
    /// Whether it bears all of `labels`, and perhaps others.
    pub(crate) fn has(&self, labels: &Labels) -> bool {
        labels.iter().all(|(name, value)| self.labels.get(name) == Some(value))
    }
}

/// The texts of a page, each kept once: names and labels repeat from sample to sample.
#[derive(Default)]
struct Shared(BTreeSet<Arc<str>>);

impl Shared {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.0.insert(new.clone());
        new
    }
}

/// `name{label="value"} 12.5`, perhaps with a timestamp behind it, and with an exemplar behind that.
fn point(line: &str, shared: &mut Shared) -> Option<(Arc<str>, Point)> {
    let (series, rest) = line.split_at_checked(end_of_series(line)?)?;
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let numbers = rest.split_once(" # ").map_or(rest, |(numbers, _exemplar)| numbers);
    let mut numbers = numbers.split_ascii_whitespace();
    let value = numbers.next()?.parse().ok()?;
    if let Some(timestamp) = numbers.next() {
        let _: f64 = timestamp.parse().ok()?;
    }
    if numbers.next().is_some() {
        return None;
    }
    let (name, labels) = name_and_labels(series, shared)?;
    Some((name, Point { labels, value }))
}

/// Where the name and the labels end.
fn end_of_series(line: &str) -> Option<usize> {
    let first = line.find(['{', ' ', '\t'])?;
    let (_, labels) = line.split_at_checked(first)?;
    if !labels.starts_with('{') {
        return Some(first);
    }
    let (mut in_quotes, mut escaped) = (false, false);
    for (at, c) in labels.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' => in_quotes = !in_quotes,
            '}' if !in_quotes => return first.checked_add(at)?.checked_add(1),
            _ => {}
        }
    }
    None
}

fn name_and_labels(series: &str, shared: &mut Shared) -> Option<(Arc<str>, Labels)> {
    // Some client libraries end the labels with a comma, which the format admits.
    let series = series.strip_suffix(",}").map_or_else(|| series.to_owned(), |labels| format!("{labels}}}"));
    let line = format!("{series} 0\n");
    let (rest, family) = nom_openmetrics::parser::family(&line).ok()?;
    let [sample] = family.samples.as_slice() else { return None };
    let labels: Labels =
        sample.labels().iter().map(|label| (shared.text(label.name), shared.text(&label.value))).collect();
    // A label named twice has no one value.
    let is_read = rest.is_empty() && labels.len() == sample.labels().len();
    is_read.then(|| (shared.text(sample.name()), labels))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_formats_are_read() {
        let prometheus = "# TYPE up gauge\nup{job=\"a\"} 1\nup{job=\"b\"} 0\n";
        for text in [prometheus.to_owned(), format!("{prometheus}# EOF\n")] {
            let page = Page::parse(&text).unwrap();
            let labels = BTreeMap::from([("job".into(), "b".into())]);
            assert_eq!(page.points("up", &labels).map(|point| point.value).collect::<Vec<_>>(), [0.0]);
            assert_eq!(page.points("up", &BTreeMap::new()).count(), 2);
            assert_eq!(page.points("down", &BTreeMap::new()).count(), 0);
        }
    }

    fn values(page: &Page, series: &str, labels: &[(&str, &str)]) -> Vec<f64> {
        let labels = labels.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect();
        page.points(series, &labels).map(|point| point.value).collect()
    }

    #[test]
    fn pages_are_read_as_client_libraries_write_them() {
        let openmetrics = "# HELP requests Requests.\n# TYPE requests counter\n\
            requests_total{tenant=\"acme\",result=\"ok\"} 7 1767787200.5 # {trace=\"a # b\"} 0.5 1767787200\n\
            requests_total{tenant=\"be\\\"ta}\\\\\",result=\"ok\"} 1.5e1\n# UNIT t seconds\nt_bucket{le=\"+Inf\"} 3\n\
            up NaN\n# TYPE empty gauge\n# EOF\n";
        let page = Page::parse(openmetrics).unwrap();
        assert_eq!(values(&page, "requests_total", &[("tenant", "acme")]), [7.0]);
        assert_eq!(values(&page, "requests_total", &[("tenant", "be\"ta}\\")]), [15.0]);
        assert_eq!(values(&page, "requests_total", &[("result", "ok")]), [7.0, 15.0]);
        assert_eq!(values(&page, "t_bucket", &[("le", "+Inf")]), [3.0]);
        assert!(values(&page, "up", &[]).iter().all(|value| value.is_nan()));
        let prometheus = "# a comment\n\n#another\nup{job=\"a\",} 1 1767787200000\n  down\t-Inf\n";
        let page = Page::parse(prometheus).unwrap();
        assert_eq!(values(&page, "up", &[("job", "a")]), [1.0]);
        assert_eq!(values(&page, "down", &[]), [f64::NEG_INFINITY]);
    }

    #[test]
    fn what_is_no_page_is_refused_with_its_line() {
        for (text, line) in [
            ("{{{", 1),
            ("up 1\n<html></html>\n", 2),
            ("up 1\nup 2", 2),
            ("up one\n", 1),
            ("up\n", 1),
            ("up 1 2 3\n", 1),
            ("up{job=} 1\n", 1),
            ("up{job=\"a\" 1\n", 1),
            ("up{job=\"a\"}1\n", 1),
            ("up{job=\"a\",job=\"b\"} 1\n", 1),
            ("up 1\n# EOF\nup 2\n# EOF\n", 3),
        ] {
            assert_eq!(Page::parse(text), Err(PageError::Format { line }), "{text}");
        }
        assert_eq!(Page::parse(&"x".repeat(PAGE_BYTES_MAX + 1)), Err(PageError::TooLarge));
        assert!(Page::parse(&"up 1\n".repeat(SAMPLES_MAX)).is_ok());
        assert_eq!(Page::parse(&"up 1\n".repeat(SAMPLES_MAX + 1)), Err(PageError::TooLarge));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "([a-z{}=\",\\\\0-9 \n\t#é.eE+-]|NaN|# EOF\n|a\\{b=\"c\"\\} 1\n){0,120}") {
            let _ = Page::parse(&text);
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Page::parse(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn any_label_reads_back(value in "\\PC{0,20}") {
            let written = value.replace('\\', "\\\\").replace('"', "\\\"");
            let page = Page::parse(&format!("up{{a=\"{written}\"}} 1\n")).unwrap();
            prop_assert_eq!(values(&page, "up", &[("a", &value)]), vec![1.0]);
        }
    }
}
