//! What is drawn, and what is told of it at the pointer.

use jiff::Timestamp;
use leeway_engine::Tier;
use leeway_ir::{Expr, MetricId};
use serde_json::Value;
use thirtyfour::TypingData;
use thirtyfour::prelude::*;

use crate::report::browser::looking_at;
use crate::report::sample::{decision, storefront};
use crate::report::{Bound, Objective, Shown, Trace};

#[test]
fn what_is_beyond_a_moving_objective_is_outside_however_many_samples_share_a_pixel() {
    let mut report = storefront();
    let (mut calm, mut bound) = (Trace::new(u64::MAX), Trace::new(u64::MAX));
    let (from, to) = (report.from.as_millisecond(), report.to.as_millisecond());
    for at in [from, to] {
        bound.add(at, Some(50.0));
    }
    for (number, at) in (0..3_600).zip((from..).step_by(usize::try_from((to - from) / 3_600).unwrap())) {
        calm.add(at, Some(if number % 7 == 0 { 100.0 } else { 20.0 }));
    }
    let metric = &mut report.run.metrics[0];
    metric.trace = calm;
    let high = Some(Bound::Moving { of: Expr::Metric(MetricId(1)), trace: bound });
    metric.objectives = vec![Objective { text: "cpu <= p95 / 1s".to_owned(), low: None, high }];
    // Between 95% and 60% is no other colour than red.
    let colours = "const canvas = document.querySelector('.chart canvas'), { width } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 22, width, 34), found = { red: 0, blue: 0 };
        for (let at = 0; at < data.length; at += 4) {
            found.red += data[at] > data[at + 2] + 60;
            found.blue += data[at + 2] > data[at] + 30;
        }
        return found";
    looking_at(&report, async |browser| {
        let found = browser.ask::<Value>(colours).await;
        assert!(found["red"].as_u64() > Some(1_000), "{found}");
        assert_eq!(found["blue"], 0, "{found}");
    });
}

#[test]
fn the_label_at_the_pointer_tells_what_is_under_it_after_zooming_too() {
    /// What the label says, value and moment, and the value beside the chart's name.
    const LABEL: &str =
        "return [document.querySelector('#tip b').textContent, document.querySelector('#tip span').textContent,
        document.querySelector('.metric .reading').textContent]";
    looking_at(&storefront(), async |browser| {
        browser.click(".metric .u-over").await;
        let label = async || {
            browser.range().await;
            browser.ask::<[String; 3]>(LABEL).await
        };
        // The pointer is in the middle.
        let is_of_the_middle = async |[value, moment, reading]: &[String; 3]| {
            let told: Timestamp = format!("{}:00Z", moment.replace(' ', "T")).parse().unwrap();
            let (from, to) = browser.range().await;
            value == reading && told.as_millisecond().abs_diff(i64::midpoint(from, to)) < 10 * 60_000
        };
        let whole = label().await;
        for key in [TypingData::from("+"), TypingData::from("+"), TypingData::from(Key::Right)] {
            browser.press(key).await;
            let now = label().await;
            assert!(is_of_the_middle(&now).await, "{now:?}");
        }
        assert_ne!(label().await[1], whole[1]);
        // What a mark said is gone with the mark.
        browser.press("0").await;
        browser.range().await;
        let mark = browser.driver.find(By::Css(".proposal.forbidden")).await.unwrap();
        browser.driver.action_chain().move_to_element_center(&mark).perform().await.unwrap();
        assert!(browser.text("#tip").await.contains("scale(to: 7)"));
        browser.press("+").await;
        browser.until("return document.getElementById('tip').hidden").await;
        // A drag that ends in the middle leaves the pointer there.
        browser.press("0").await;
        browser.drag(".metric .u-over", 0.25, 0.5, false).await;
        let now = label().await;
        assert!(is_of_the_middle(&now).await, "{now:?}");
    });
}

#[test]
fn the_strip_draws_what_is_wanted_or_what_changes() {
    /// By how many dots the silhouette of the strip goes up and down.
    const RELIEF: &str = "const canvas = document.querySelector('.strip canvas'), { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height - 5), tops = [];
        for (let x = 0; x < width; x++) {
            let y = 0;
            while (y < height - 5 && data[(y * width + x) * 4 + 3] === 0) y++;
            tops.push(y);
        }
        return Math.max(...tops) - Math.min(...tops)";
    let mut report = storefront();
    let (from, to) = (report.from.as_millisecond(), report.to.as_millisecond());
    let course = |values: [f64; 3]| {
        let mut trace = Trace::new(u64::MAX);
        for (at, value) in [from, i64::midpoint(from, to), to].into_iter().zip(values) {
            trace.add(at, Some(value));
        }
        trace
    };
    let metrics = &mut report.run.metrics;
    metrics[0].objectives.clear();
    metrics[0].trace = course([95.0, 100.0, 95.0]);
    metrics[1].trace = course([80.0, 80.0, 80.0]);
    looking_at(&report, async |browser| assert_eq!(browser.ask::<u64>(RELIEF).await, 0, "what is wanted comes first"));
    let metrics = &mut report.run.metrics;
    metrics[1].objectives.clear();
    metrics.swap(0, 1);
    looking_at(&report, async |browser| assert!(browser.ask::<u64>(RELIEF).await > 20, "what changes, as it does"));
}

#[test]
fn where_proposals_are_not_told_their_row_says_so() {
    const LEFT_OUT: &str = "return [...document.querySelectorAll('.proposals .lane')].map(lane => {
        const told = lane.querySelector('.untold'), width = lane.querySelector('.lane-plot').clientWidth;
        return told && [told.textContent, Number(told.firstChild.getAttribute('width')) / width];
    })";
    const COLOURS: &str = "const canvas = document.querySelector('.strip canvas'), { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, height - 2, width, 1);
        return [0.02, 0.4, 0.9].map(share => 4 * Math.floor(share * width)).map(at => data.slice(at, at + 4).join())";
    let mut report = storefront();
    let mut shown = Shown::default();
    // Two weeks have 20,160 minutes.
    for minute in 0..10_040 {
        shown.add(decision(minute, Tier::Allowed, "scale(to: 3)"));
    }
    report.run.proposals = shown.finish();
    looking_at(&report, async |browser| {
        let [forbidden, asked, allowed] = browser.ask::<[Option<(String, f64)>; 3]>(LEFT_OUT).await;
        assert_eq!((forbidden, asked), (None, None));
        let (told, share) = allowed.unwrap();
        assert_eq!(told, "5,040 not shown");
        assert!((share - 0.25).abs() < 0.01, "{share}");
        let [left_out, told, none] = browser.ask::<[String; 3]>(COLOURS).await;
        assert_eq!([left_out.as_str(), &told, &none], ["130,134,143,255", "27,29,34,255", "0,0,0,0"]);
    });
}
