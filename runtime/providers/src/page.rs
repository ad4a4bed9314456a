//! A page of metrics in the OpenMetrics or Prometheus text format.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest page that is read.
pub const PAGE_BYTES_MAX: usize = 4 << 20;

/// The most samples that a page may have.
pub const SAMPLES_MAX: usize = 50_000;

/// The samples of one page, by the name of their series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    series: BTreeMap<Arc<str>, Vec<Point>>,
}

/// One sample of a page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) labels: BTreeMap<Arc<str>, Arc<str>>,
    pub(crate) value: f64,
}

/// Why a text is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// It is not in the format.
    #[error("not a page of metrics")]
    Format,
    /// It is too long or has too many samples.
    #[error("a page of over {PAGE_BYTES_MAX} bytes or {SAMPLES_MAX} samples")]
    TooLarge,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// When the text is in neither format, or over its bounds.
    pub fn parse(text: &str) -> Result<Page, PageError> {
        if text.len() > PAGE_BYTES_MAX {
            return Err(PageError::TooLarge);
        }
        let has_end = text.trim_end().ends_with("# EOF");
        let parsed = if has_end {
            nom_openmetrics::parser::openmetrics(text)
        } else {
            nom_openmetrics::parser::prometheus(text)
        };
        let (_, families) = parsed.map_err(|_| PageError::Format)?;
        let mut page = Page::default();
        let mut names: BTreeMap<String, Arc<str>> = BTreeMap::new();
        let mut shared = |name: &str| names.entry(name.to_owned()).or_insert_with(|| name.into()).clone();
        for (count, sample) in families.iter().flat_map(|family| &family.samples).enumerate() {
            if count >= SAMPLES_MAX {
                return Err(PageError::TooLarge);
            }
            let labels = sample.labels().iter().map(|label| (shared(label.name), shared(&label.value))).collect();
            page.series.entry(shared(sample.name())).or_default().push(Point { labels, value: sample.number() });
        }
        Ok(page)
    }

    /// The samples of `series` that have all of `labels`.
    pub(crate) fn points<'a>(
        &'a self,
        series: &str,
        labels: &'a BTreeMap<Arc<str>, Arc<str>>,
    ) -> impl Iterator<Item = &'a Point> {
        let points = self.series.get(series).map(Vec::as_slice).unwrap_or_default();
        points.iter().filter(move |point| labels.iter().all(|(name, value)| point.labels.get(name) == Some(value)))
    }
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

    #[test]
    fn what_is_no_page_is_refused() {
        for text in ["{{{", "<html></html>", "up 1", "up one\n", "up{job=} 1\n"] {
            assert_eq!(Page::parse(text), Err(PageError::Format), "{text}");
        }
        assert_eq!(Page::parse(&"x".repeat(PAGE_BYTES_MAX + 1)), Err(PageError::TooLarge));
        assert_eq!(Page::parse(&"up 1\n".repeat(SAMPLES_MAX + 1)), Err(PageError::TooLarge));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[a-z{}=\",0-9 \n#é.eE+-]{0,200}") {
            let _ = Page::parse(&text);
        }
    }
}
