//! Pages with numbers that can be worked out by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap is a failed test")]

use leeway_ir::Source;
use leeway_units::{Quantity, Unit};

use super::*;

fn reading(kind: ReadingKind, series: &str, labels: &[(&str, &str)]) -> Reading {
    let labels = labels.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect();
    Reading { kind, series: series.into(), labels }
}

fn metric(unit: Unit, reading: Reading, divided_by: Option<Reading>) -> Metric {
    let source = Source::Scrape { reading, divided_by };
    Metric { name: "m".into(), unit, untrusted: false, source, every_ms: 1_000, stale_ms: 3_000, responds: None }
}

/// Reads pages a second apart and gives the last value as text, or why there is none.
fn last(metric: Metric, pages: &[(i64, &str)]) -> Result<String, Gap> {
    let mut scrape = Scrape::new(&[metric]);
    let mut last = Err(Gap::Missing);
    for (second, text) in pages {
        let at = Timestamp::from_second(1_000_000 + second).unwrap();
        last = scrape.read(at, Ok(&Page::parse(text).unwrap()))[0].clone();
    }
    last.map(|value| value.to_string())
}

#[test]
fn gauges() {
    let gauge = |labels: &[(&str, &str)]| metric(Unit::Ratio, reading(ReadingKind::Gauge, "busy", labels), None);
    let page = "busy{pool=\"a\"} 0.5\nbusy{pool=\"b\"} 0.25\n";
    assert_eq!(last(gauge(&[("pool", "a")]), &[(0, page)]).unwrap(), "50%");
    assert_eq!(last(gauge(&[]), &[(0, page)]), Err(Gap::Invalid), "two series where one is wanted");
    assert_eq!(last(gauge(&[("pool", "c")]), &[(0, page)]), Err(Gap::Missing));
    assert_eq!(last(gauge(&[]), &[(0, "busy NaN\n")]), Err(Gap::Invalid));
    assert_eq!(last(gauge(&[]), &[(0, "busy +Inf\n")]), Err(Gap::Invalid));
    let sum = metric(Unit::Ratio, reading(ReadingKind::Sum, "busy", &[]), None);
    assert_eq!(last(sum, &[(0, page)]).unwrap(), "75%");
}

fn rate() -> Metric {
    metric(Unit::Rate, reading(ReadingKind::Rate { window_ms: 5_000 }, "hits_total", &[]), None)
}

#[test]
fn rates_grow_over_the_window() {
    let pages = [(0, "hits_total 10\n"), (1, "hits_total 20\n"), (2, "hits_total 40\n"), (5, "hits_total 60\n")];
    assert_eq!(last(rate(), &pages).unwrap(), "10/s", "50 in 5 s");
}

#[test]
fn a_counter_that_falls_was_reset() {
    let pages = [(0, "hits_total 100\n"), (2, "hits_total 110\n"), (4, "hits_total 5\n"), (5, "hits_total 10\n")];
    assert_eq!(last(rate(), &pages).unwrap(), "4/s", "10 + 5 + 5 in 5 s");
}

#[test]
fn a_window_without_cover_is_missing() {
    assert_eq!(last(rate(), &[(5, "hits_total 1\n")]), Err(Gap::Missing), "one page");
    assert_eq!(
        last(rate(), &[(3, "hits_total 1\n"), (5, "hits_total 3\n")]).unwrap(),
        "1/s",
        "3 s late is within `stale`"
    );
    assert_eq!(last(rate(), &[(4, "hits_total 1\n"), (5, "hits_total 3\n")]), Err(Gap::Missing), "4 s late is not");
    assert_eq!(last(rate(), &[(0, "hits_total 1\n"), (5, "hits_total 3\n")]), Err(Gap::Missing), "a gap of 5 s");
    assert_eq!(
        last(rate(), &[(0, "other 1\n"), (2, "other 1\n"), (5, "other 1\n")]),
        Err(Gap::Missing),
        "no such series"
    );
}

#[test]
fn series_are_summed_and_count_from_when_they_appear() {
    let pages = [
        (0, "hits_total{a=\"1\"} 0\n"),
        (2, "hits_total{a=\"1\"} 5\nhits_total{a=\"2\"} 100\n"),
        (5, "hits_total{a=\"1\"} 10\nhits_total{a=\"2\"} 110\n"),
    ];
    assert_eq!(last(rate(), &pages).unwrap(), "4/s");
}

/// 100 observations: 50 up to 10 ms, 90 up to 20 ms, 98 up to 50 ms, 2 above.
const HISTOGRAM: [(i64, &str); 3] = [
    (
        0,
        "t_bucket{le=\"0.01\"} 0\nt_bucket{le=\"0.02\"} 0\nt_bucket{le=\"0.05\"} 0\nt_bucket{le=\"+Inf\"} 0\nt_sum 0\nt_count 0\n",
    ),
    (
        3,
        "t_bucket{le=\"0.01\"} 0\nt_bucket{le=\"0.02\"} 0\nt_bucket{le=\"0.05\"} 0\nt_bucket{le=\"+Inf\"} 0\nt_sum 0\nt_count 0\n",
    ),
    (
        5,
        "t_bucket{le=\"0.01\"} 50\nt_bucket{le=\"0.02\"} 90\nt_bucket{le=\"0.05\"} 98\nt_bucket{le=\"+Inf\"} 100\nt_sum 1.5\nt_count 100\n",
    ),
];

#[test]
fn quantiles_lie_evenly_within_their_bucket() {
    let quantile = |q| metric(Unit::Duration, reading(ReadingKind::Quantile { q, window_ms: 5_000 }, "t", &[]), None);
    assert_eq!(last(quantile(0.25), &HISTOGRAM).unwrap(), "5ms", "half of the lowest bucket, which begins at zero");
    assert_eq!(last(quantile(0.5), &HISTOGRAM).unwrap(), "10ms");
    assert_eq!(last(quantile(0.7), &HISTOGRAM).unwrap(), "15ms", "10 ms + 10 ms × (70 − 50) / 40");
    assert_eq!(last(quantile(0.99), &HISTOGRAM).unwrap(), "50ms", "above the highest bound: that bound");
    assert_eq!(last(quantile(0.5), &HISTOGRAM[..2]), Err(Gap::Missing), "no observations");
    let mean = metric(Unit::Duration, reading(ReadingKind::Mean { window_ms: 5_000 }, "t", &[]), None);
    assert_eq!(last(mean, &HISTOGRAM).unwrap(), "15ms");
}

#[test]
fn quotients() {
    let part = |series: &str| reading(ReadingKind::Rate { window_ms: 5_000 }, series, &[]);
    let errors = || metric(Unit::Ratio, part("bad_total"), Some(part("all_total")));
    let pages =
        [(0, "bad_total 0\nall_total 0\n"), (2, "bad_total 1\nall_total 50\n"), (5, "bad_total 2\nall_total 100\n")];
    assert_eq!(last(errors(), &pages).unwrap(), "2%");
    let idle =
        [(0, "bad_total 0\nall_total 0\n"), (2, "bad_total 0\nall_total 0\n"), (5, "bad_total 0\nall_total 0\n")];
    assert_eq!(last(errors(), &idle), Err(Gap::Missing), "nothing over nothing");
}

#[test]
fn quantiles_as_prometheus_has_them_at_the_edges() {
    let infinity = f64::INFINITY;
    let of = |q, buckets: &[(f64, f64)]| quantile(q, buckets);
    assert_eq!(of(0.5, &[(1.0, 4.0), (2.0, 8.0)]), Err(Gap::Invalid), "no bucket without a bound");
    assert_eq!(of(0.5, &[(infinity, 8.0)]), Err(Gap::Invalid), "no bucket with one");
    assert_eq!(of(1.5, &[(1.0, 4.0), (infinity, 8.0)]), Err(Gap::Invalid));
    assert_eq!(of(0.5, &[]), Err(Gap::Missing));
    assert_eq!(of(0.0, &[(1.0, 4.0), (infinity, 8.0)]), Ok(0.0));
    assert_eq!(of(1.0, &[(1.0, 4.0), (infinity, 4.0)]), Ok(1.0));
    assert_eq!(of(0.25, &[(-1.0, 4.0), (1.0, 8.0), (infinity, 8.0)]), Ok(-1.0), "the lowest bound is not above zero");
    assert_eq!(of(0.75, &[(-1.0, 4.0), (1.0, 8.0), (infinity, 8.0)]), Ok(0.0), "-1 + 2 × (6 − 4) / 4");
    assert_eq!(
        of(0.75, &[(1.0, 4.0), (2.0, 3.0), (4.0, 8.0), (infinity, 8.0)]),
        Ok(3.0),
        "a count that falls is level"
    );
}

#[test]
fn a_counter_seen_once_has_no_rate_yet() {
    let pages = [(0, "other 1\n"), (2, "other 1\n"), (5, "hits_total 7\n")];
    assert_eq!(last(rate(), &pages), Err(Gap::Missing));
}

#[test]
fn buckets_are_summed_over_series_by_their_bound() {
    let of = |a: u32, b: u32| {
        format!(
            "t_bucket{{i=\"a\",le=\"0.1\"}} {a}\nt_bucket{{i=\"b\",le=\"1e-1\"}} {b}\n\
             t_bucket{{i=\"a\",le=\"+Inf\"}} {a}\nt_bucket{{i=\"b\",le=\"+Inf\"}} {b}\n"
        )
    };
    let median = ReadingKind::Quantile { q: 0.5, window_ms: 5_000 };
    let pages = [(0, of(0, 0)), (3, of(10, 0)), (5, of(10, 30))];
    let pages = pages.each_ref().map(|(second, page)| (*second, page.as_str()));
    assert_eq!(last(metric(Unit::Duration, reading(median, "t", &[]), None), &pages).unwrap(), "50ms");
}

#[test]
fn counts_are_whole() {
    let count = || metric(Unit::Count, reading(ReadingKind::Gauge, "jobs", &[]), None);
    assert_eq!(last(count(), &[(0, "jobs 2\n")]).unwrap(), "2");
    assert_eq!(last(count(), &[(0, "jobs 2.5\n")]), Err(Gap::Invalid));
}

#[test]
fn pages_that_come_often_are_thinned_and_the_window_is_still_covered() {
    let mut scrape =
        Scrape::new(&[metric(Unit::Rate, reading(ReadingKind::Rate { window_ms: 600_000 }, "hits_total", &[]), None)]);
    let mut read = Err(Gap::Missing);
    // Ten pages a second for eleven minutes, and ten hits each.
    for page in 0..6_600_i64 {
        let at = Timestamp::from_millisecond(1_000_000_000 + page * 100).unwrap();
        let text = format!("hits_total {}\n", page * 10);
        read = scrape.read(at, Ok(&Page::parse(&text).unwrap()))[0].clone();
        assert!(scrape.past.len() <= PAGES_MAX * 2);
    }
    assert_eq!(read.map(|value| value.to_string()), Ok("100/s".to_owned()));
}

#[test]
fn too_many_series_are_no_reading() {
    let page = |n: usize| (0..n).map(|i| format!("hits_total{{i=\"{i}\"}} 1\n")).collect::<String>();
    let (few, many) = (page(COUNTERS_MAX), page(COUNTERS_MAX + 1));
    assert_eq!(last(rate(), &[(0, &few), (3, &few), (5, &few)]).unwrap(), "0/s");
    assert_eq!(last(rate(), &[(0, &many), (3, &many), (5, &many)]), Err(Gap::Invalid));
}

#[test]
fn a_clock_that_goes_back_begins_anew() {
    let pages = [(0, "hits_total 10\n"), (5, "hits_total 60\n"), (4, "hits_total 60\n")];
    assert_eq!(last(rate(), &pages), Err(Gap::Missing));
}

#[test]
fn a_constant_is_a_sample_of_every_round_with_or_without_a_page() {
    let value: Quantity = leeway_units::parse_literal("$2/h").unwrap();
    let constant = Metric {
        source: Source::Constant(value),
        ..metric(Unit::Spend, reading(ReadingKind::Gauge, "busy", &[]), None)
    };
    let gauge = metric(Unit::Ratio, reading(ReadingKind::Gauge, "busy", &[]), None);
    let mut scrape = Scrape::new(&[constant, gauge]);
    let at = Timestamp::from_second(1_000_000).unwrap();
    let page = Page::parse("busy 0.5\n").unwrap();
    assert_eq!(scrape.read(at, Ok(&page))[0], Ok(Value::Quantity(value)));
    assert_eq!(scrape.read(at, Err(Gap::Failed)), [Ok(Value::Quantity(value)), Err(Gap::Failed)]);
}
