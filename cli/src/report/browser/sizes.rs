//! Numbers of any size on the page.

use leeway_units::Unit;
use serde_json::{Value, json};

use crate::report::browser::looking_at;
use crate::report::sample::storefront;
use crate::report::{Metric, Trace};

/// Notes what is written on canvases from now on.
const NOTE: &str = "const pen = CanvasRenderingContext2D.prototype, write = pen.fillText;
    window.written = [];
    pen.fillText = function (text, ...at) {
      window.written.push(text);
      return write.call(this, text, ...at);
    };";

#[test]
fn numbers_of_any_size_are_short() {
    let mut report = storefront();
    let ends = [
        (0.0, 1e300),
        (-f64::MAX, f64::MAX),
        (123_456_789.0, 987_654_321.0),
        (-1e17, 1e17),
        // Neighbours: there is no round number between them.
        (1e17, 1e17 + 16.0),
        (1e-300, 2e-300),
    ];
    let metrics = ends.iter().flat_map(|(low, high)| {
        Unit::ALL.map(|unit| {
            let mut trace = Trace::new(u64::MAX);
            trace.add(report.from.as_millisecond(), Some(*low));
            trace.add(report.to.as_millisecond(), Some(*high));
            let name = format!("{low} to {high} {}", unit.name());
            Metric { name, unit, objectives: vec![], thresholds: vec![], trace, model: None, recorded: None }
        })
    });
    report.run.metrics = metrics.collect();
    let charts = report.run.metrics.len();
    looking_at(&report, async |browser| {
        let told = browser
            .ask::<Vec<String>>("return [...document.querySelectorAll('.metric')].map(one => one.ariaLabel)")
            .await;
        assert_eq!(told.len(), charts);
        for told in told {
            let (_, numbers) = told.rsplit_once("; between ").unwrap();
            // The longest is `−$1.798e306/month`.
            assert!(numbers.split(" and ").all(|one| one.chars().count() <= 17), "{told}");
        }
        browser.ask::<Value>(NOTE).await;
        browser.press("+").await;
        browser.range().await;
        let written = browser.ask::<Vec<String>>("return window.written").await;
        for text in &written {
            assert!(text.chars().count() <= 13, "{text}");
        }
        for mark in ["1e300", "5e299%", "−4e307", "5e291d", "1e17", "500,000,000", "$5e6/month", "512Mi"] {
            assert!(written.iter().any(|text| text == mark), "{mark} in {written:?}");
        }
        let telephone = json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
        browser.devtools("Emulation.setDeviceMetricsOverride", telephone).await;
        browser.until("return [...document.querySelectorAll('.uplot')].every(one => one.clientWidth <= 360)").await;
        browser.click(".metric .u-over").await;
        assert_eq!(browser.ask::<i64>("return document.documentElement.scrollWidth").await, 360);
    });
}
