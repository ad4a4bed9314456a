//! What opens an explanation, and where it is then.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::report::browser::looking_at;
use crate::report::sample::compared;

#[test]
fn each_verdict_that_differs_opens_why_also_where_it_is_only_a_judgement() {
    looking_at(&compared(), async |browser| {
        let told = "return [...document.querySelectorAll('#difference-table td.tier')].map(cell => {
            cell.querySelector('button').click();
            const verdict = `${cell.querySelector('button').textContent} ${cell.dataset.label}`;
            const [bar, box] = ['#explanation .bar span', '#explanation'].map(css => document.querySelector(css).textContent);
            return [verdict, document.querySelector('#explanation .verdict').textContent, bar, box];
        })";
        let told = browser.ask::<Vec<[String; 4]>>(told).await;
        assert!(told.len() > 6, "{told:?}");
        for [verdict, explained, place, why] in told {
            assert_eq!(explained, verdict);
            // The old policy's rules proposed all of them.
            let is_judgement = verdict.ends_with("new");
            assert_eq!(why.contains("rule scale_out of the old policy"), is_judgement, "{why}");
            assert_eq!(why.contains("the old policy proposed it, and this is how the new one judges"), is_judgement);
            assert_eq!(place.contains(" of "), !is_judgement, "{place}");
        }
        // From a judgement `n` goes on with what comes after it.
        let moment = "return document.querySelector('#explanation time').textContent";
        let judged = browser.ask::<String>(moment).await;
        browser.press("n").await;
        assert!(browser.ask::<String>(moment).await > judged);
    });
    // Also where the proposal itself is one of too many to be told.
    let mut report = compared();
    report.comparison.as_mut().unwrap().before.proposals.shown.clear();
    looking_at(&report, async |browser| {
        browser.click("#difference-table button").await;
        let told = browser.text("#explanation").await;
        assert!(told.contains("approval required old") && told.contains("more was proposed than is kept"), "{told}");
        assert!(!told.contains(" of the old policy") && !told.contains(" of 1"), "{told}");
    });
}

#[test]
fn what_opens_an_explanation_brings_it_into_sight_and_leaves_it_there() {
    const IS_IN_SIGHT: &str = "const { top, bottom } = document.getElementById('explanation').getBoundingClientRect();
        return top >= document.querySelector('.toolbar').getBoundingClientRect().bottom && bottom <= innerHeight";
    const SCROLLED: &str = "return scrollY";
    let to = |y: &str| format!("scrollTo({{ top: {y}, behavior: 'instant' }})");
    looking_at(&compared(), async |browser| {
        for key in ["n", "p"] {
            browser.ask::<Value>(&to("0")).await;
            assert!(!browser.ask::<bool>(IS_IN_SIGHT).await);
            browser.press(Key::Escape).await;
            browser.press(key).await;
            assert!(browser.ask::<bool>(IS_IN_SIGHT).await, "{key}");
        }
        browser.ask::<Value>(&to("0")).await;
        browser.click("#difference-table button").await;
        assert!(browser.ask::<bool>(IS_IN_SIGHT).await);
        let place = browser.ask::<f64>(SCROLLED).await;
        for _ in 0..4 {
            browser.press("n").await;
            assert_eq!(browser.ask::<f64>(SCROLLED).await, place);
        }
        browser.ask::<Value>(&to("document.body.scrollHeight")).await;
        browser.press("n").await;
        assert!(browser.ask::<bool>(IS_IN_SIGHT).await);
        assert_eq!(browser.ask::<f64>(SCROLLED).await, place);
        // Who has nothing against motion sees where the page goes.
        let moving = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "no-preference" }] });
        browser.devtools("Emulation.setEmulatedMedia", moving).await;
        browser.ask::<Value>(&to("0")).await;
        browser.press("n").await;
        assert!(!browser.ask::<bool>(IS_IN_SIGHT).await);
        browser.until(IS_IN_SIGHT).await;

        // The bars' buttons take two rows on a narrower screen, and the explanation stays beneath them.
        let narrower = json!({ "width": 1000, "height": 700, "deviceScaleFactor": 1, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", narrower).await;
        browser.until("return document.querySelector('.toolbar').offsetHeight > 60").await;
        browser.ask::<Value>(&to("0")).await;
        browser.press("n").await;
        browser.until(IS_IN_SIGHT).await;
        // On a telephone it is a sheet, and the page behind it stays.
        let telephone = json!({ "width": 420, "height": 900, "deviceScaleFactor": 2, "mobile": true });
        browser.devtools("Emulation.setDeviceMetricsOverride", telephone).await;
        browser.until("return getComputedStyle(document.getElementById('explanation')).position === 'fixed'").await;
        browser.ask::<Value>(&to("0")).await;
        browser.press("n").await;
        assert_eq!(browser.ask::<f64>(SCROLLED).await, 0.0);
    });
}
