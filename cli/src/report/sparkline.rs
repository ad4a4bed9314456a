//! A course in one line of text.

use crate::report::{Bound, Objective, Trace};

/// How many characters a line has for it.
const COLUMNS: usize = 60;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A character of it, and whether the value was outside what was wanted.
pub(crate) type Column = (char, bool);

/// The greatest value of each of so many equal stretches between two moments; a space where nothing is known.
pub(crate) fn sparkline(trace: &Trace, from_ms: i64, to_ms: i64, wanted: &[Objective]) -> Vec<Column> {
    let Some((low, high)) = trace.range() else { return Vec::new() };
    let points = trace.points();
    let mut points = points.iter().peekable();
    let mut last = None;
    (1..=COLUMNS)
        .map(|column| {
            let end = from_ms + part(to_ms - from_ms, column);
            let mut greatest: Option<f64> = None;
            let mut is_empty = true;
            while let Some((_, value)) = points.next_if(|(at, _)| *at < end || column == COLUMNS) {
                is_empty = false;
                last = *value;
                greatest = greatest.into_iter().chain(*value).reduce(f64::max);
            }
            // Between two samples the earlier one stands.
            let shown = if is_empty { last } else { greatest };
            let is_outside = |value: f64| {
                let fixed = |bound: &Option<Bound>| bound.as_ref().and_then(Bound::fixed);
                wanted.iter().any(|one| {
                    fixed(&one.low).is_some_and(|low| value < low) || fixed(&one.high).is_some_and(|high| value > high)
                })
            };
            shown.map_or((' ', false), |value| (block(value, low, high), is_outside(value)))
        })
        .collect()
}

fn part(length_ms: i64, column: usize) -> i64 {
    let [column, columns] = [column, COLUMNS].map(|n| i128::try_from(n).unwrap_or(1));
    i64::try_from(i128::from(length_ms) * column / columns).unwrap_or(length_ms)
}

fn block(value: f64, low: f64, high: f64) -> char {
    let share = if high > low { (value - low) / (high - low) } else { 0.5 };
    let step = 1.0 / 8.0;
    let above = (1..8_u8).filter(|level| share >= f64::from(*level) * step).count();
    BLOCKS.get(above).copied().unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(samples: &[(i64, Option<f64>)], to_ms: i64) -> String {
        let mut trace = Trace::new(u64::MAX);
        samples.iter().for_each(|(at, value)| trace.add(*at, *value));
        sparkline(&trace, 0, to_ms, &[]).iter().map(|(block, _)| block).collect()
    }

    #[test]
    fn it_rises_with_the_values_and_breaks_where_nothing_is_known() {
        let samples: Vec<_> =
            (0..60_u8).map(|at| (i64::from(at) * 10, (at / 10 != 3).then_some(f64::from(at)))).collect();
        assert_eq!(drawn(&samples, 600), "▁▁▁▁▁▁▁▁▂▂▂▂▂▂▂▃▃▃▃▃▃▃▃▄▄▄▄▄▄▄          ▆▆▆▆▆▇▇▇▇▇▇▇████████");
    }

    #[test]
    fn a_peak_among_many_samples_is_seen() {
        let samples: Vec<_> = (0..6_000).map(|at| (at, Some(if at == 3_333 { 1.0 } else { 0.0 }))).collect();
        let line = drawn(&samples, 6_000);
        assert_eq!((line.matches('█').count(), line.matches('▁').count()), (1, 59));
    }

    #[test]
    fn few_samples_last_until_the_next() {
        assert_eq!(drawn(&[(0, Some(1.0)), (30, Some(2.0))], 60), format!("{}{}", "▁".repeat(30), "█".repeat(30)));
        assert_eq!(drawn(&[(0, None)], 60), "");
        assert_eq!(drawn(&[(0, Some(3.0))], 0).trim(), "▅");
    }

    #[test]
    fn what_is_outside_is_told() {
        let mut trace = Trace::new(u64::MAX);
        (0..60).for_each(|at| trace.add(at, Some(if at < 20 { 10.0 } else { 90.0 })));
        let wanted = [Objective { text: String::new(), low: None, high: Some(Bound::Fixed(80.0)) }];
        let outside = sparkline(&trace, 0, 60, &wanted).iter().filter(|(_, is_outside)| *is_outside).count();
        assert_eq!(outside, 40);
    }
}
