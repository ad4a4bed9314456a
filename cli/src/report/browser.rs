//! The page as a browser shows it: headless Chromium, driven like a person would.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

mod drawing;
mod explanation;
mod sizes;

use std::io::{BufRead as _, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use leeway_ir::{Expr, MetricId};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::prelude::*;
use thirtyfour::{LoggingPrefsLogLevel, TypingData};

use crate::report::sample::{HOSTILE, compared, empty, hostile, storefront};
use crate::report::{Bound, Objective, Report, Threshold, Trace, page};

/// How often a state of the page is looked for before it counts as missing.
const LOOKS_MAX: usize = 250;

const ARGUMENTS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,1000",
    // A page that is still scrolling is hard to click on.
    "--force-prefers-reduced-motion",
];

/// A browser of its own with one report open.
struct Browser {
    driver: WebDriver,
    url: String,
    _process: Chromedriver,
    _folder: TempDir,
}

/// The program that drives the browser; it ends with its owner.
struct Chromedriver(Child);

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Opens the report, has it looked at, and holds it to what holds for every page: no complaint in its console, no request.
fn looking_at(report: &Report, look: impl AsyncFnOnce(&Browser)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let browser = runtime.block_on(Browser::open(report));
    let looked = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            look(&browser).await;
            browser.is_quiet().await;
        });
    }));
    // The browser is ended whatever was seen.
    runtime.block_on(browser.driver.clone().quit()).unwrap();
    if let Err(panic) = looked {
        resume_unwind(panic);
    }
}

impl Browser {
    async fn open(report: &Report) -> Browser {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.html");
        std::fs::write(&file, page(report)).unwrap();
        let process = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
        let mut process = Chromedriver(process.expect("this test needs Debian's `chromium` and `chromium-driver`"));
        let lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map_while(Result::ok);
        let started = lines.take(20).find_map(|line| Some(line.split_once("successfully on port ")?.1.to_owned()));
        let port: u16 = started.expect("chromedriver says its port").trim_end_matches('.').parse().unwrap();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            capabilities.add_arg(argument).unwrap();
        }
        capabilities.add_arg(&format!("--user-data-dir={}", folder.path().join("profile").display())).unwrap();
        for log in ["browser", "performance"] {
            capabilities.set_logging_prefs(log, LoggingPrefsLogLevel::All).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.unwrap();
        let browser = Browser { driver, url: format!("file://{}", file.display()), _process: process, _folder: folder };
        // Whatever its first, empty page asked for is not ours.
        browser.driver.goto("about:blank").await.unwrap();
        browser.driver.get_log("performance").await.unwrap();
        browser.driver.goto(&browser.url).await.unwrap();
        browser.until("return document.documentElement.dataset.from !== undefined").await;
        browser
    }

    /// What a script of ours gives.
    async fn ask<T: serde::de::DeserializeOwned>(&self, script: &str) -> T {
        self.driver.execute(script, vec![]).await.unwrap().convert().unwrap()
    }

    /// Waits until a script gives true.
    async fn until(&self, script: &str) {
        for _ in 0..LOOKS_MAX {
            if self.ask::<bool>(script).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("never: {script}");
    }

    /// The moments between which the page shows the history.
    async fn range(&self) -> (i64, i64) {
        // What was asked for is drawn with the next frame.
        let script = "return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
            [document.documentElement.dataset.from, document.documentElement.dataset.to].map(Number)))))";
        self.ask(script).await
    }

    async fn press(&self, keys: impl Into<TypingData>) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    async fn click(&self, css: &str) {
        self.driver.find(By::Css(css)).await.unwrap().click().await.unwrap();
    }

    async fn text(&self, css: &str) -> String {
        self.driver.find(By::Css(css)).await.unwrap().text().await.unwrap()
    }

    /// Drags over an element, from and to shares of its width.
    async fn drag(&self, css: &str, from: f64, to: f64, is_shifted: bool) {
        let element = self.driver.find(By::Css(css)).await.unwrap();
        element.scroll_into_view().await.unwrap();
        let width = element.rect().await.unwrap().width;
        // Offsets count from the middle.
        let [from, to] = [from, to].map(|share| ((share - 0.5) * width).round());
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a screen")]
        let [from, to] = [from as i64, to as i64];
        let mut chain = self.driver.action_chain();
        if is_shifted {
            chain = chain.key_down(Key::Shift);
        }
        chain = chain.move_to_element_with_offset(&element, from, 0).click_and_hold();
        chain = chain.move_to_element_with_offset(&element, (from + to) / 2, 0);
        chain = chain.move_to_element_with_offset(&element, to, 0).release();
        if is_shifted {
            chain = chain.key_up(Key::Shift);
        }
        chain.perform().await.unwrap();
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// Nothing was complained about and nothing was asked of the network.
    async fn is_quiet(&self) {
        let said = self.driver.get_log("browser").await.unwrap();
        assert!(said.is_empty(), "{said:?}");
        for entry in self.driver.get_log("performance").await.unwrap() {
            let event: Value = serde_json::from_str(&entry.message).unwrap();
            let message = &event["message"];
            if message["method"] == "Network.requestWillBeSent" {
                let url = message["params"]["request"]["url"].as_str().unwrap();
                assert!(url == self.url || url.starts_with("data:"), "the page asked for {url}");
            }
        }
    }
}

const PLOTTED: &str =
    "return [...document.querySelectorAll('.proposal')].reduce((n, one) => n + Number(one.dataset.count), 0)";

const IS_EXPLAINING: &str = "return document.activeElement.id === 'explanation'";

#[test]
fn every_proposal_is_plotted_and_says_why_when_clicked() {
    let report = storefront();
    looking_at(&report, async |browser| {
        let counts = report.run.proposals.counts;
        assert!(counts.allowed > 0 && counts.approval_required > 0 && counts.forbidden > 0);
        assert_eq!(browser.ask::<u64>(PLOTTED).await, counts.all());
        assert_eq!(browser.ask::<usize>("return document.querySelectorAll('.chart canvas').length").await, 3);

        browser.click(".proposal.forbidden").await;
        let told = browser.text("#explanation").await;
        for part in [
            "forbidden",
            "scale(to: 7)",
            "frontend/forbid/scale/1",
            "blueprints/frontend.leeway:39",
            "84.33%",
            "the database has connections for six replicas",
            "unknown, and unknown is never permission",
            "metric errors is stale",
            "scale(to: 5)",
            "refused",
            "cpu > 80% for 2m and replicas < 9",
            "CPU is 84.33%, above 80% for two minutes",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
        browser.press("n").await;
        assert_ne!(browser.text("#explanation").await, told);
        browser.press("p").await;
        assert_eq!(browser.text("#explanation").await, told);
        // Keyboard alone: the mark in the lane opens it too, and Escape closes it.
        browser.press(Key::Escape).await;
        assert!(browser.text("#explanation").await.starts_with("Choose a proposal"));
        browser.ask::<Value>("document.querySelector('.proposal.approval_required').focus()").await;
        browser.press(Key::Enter).await;
        assert!(browser.text("#explanation").await.contains("1 of sre-oncall, within 1h"));
        assert!(browser.ask::<bool>(IS_EXPLAINING).await);
        // So does its row of the table, which is drawn anew, and the explanation's own buttons are.
        browser.press(Key::Escape).await;
        browser.ask::<Value>("document.querySelector('#proposal-table button').focus()").await;
        browser.press(Key::Enter).await;
        assert!(browser.ask::<bool>(IS_EXPLAINING).await);
        browser.ask::<Value>("document.querySelector('#explanation [aria-label^=Next]').focus()").await;
        browser.press(Key::Enter).await;
        assert!(
            browser.ask::<bool>("return document.activeElement.getAttribute('aria-label') === 'Next proposal'").await
        );

        const MARKS: &str = "return [...document.querySelectorAll('.lane.forbidden .proposal')]
            .map(mark => mark.getBoundingClientRect().x)";
        let marks = browser.ask::<Vec<f64>>(MARKS).await;
        browser.press("3").await;
        browser.until("return document.querySelectorAll('.proposal.forbidden').length === 0 || document.querySelector('.lane.forbidden').hidden").await;
        let rows =
            browser.ask::<Value>("return [...document.querySelectorAll('#proposal-table td.forbidden')].length").await;
        assert_eq!(rows, json!(0));
        // And as they were when they are shown again.
        browser.press("3").await;
        browser.until("return !document.querySelector('.lane.forbidden').hidden").await;
        assert!(!marks.is_empty());
        assert_eq!(browser.ask::<Vec<f64>>(MARKS).await, marks);
    });
}

#[test]
fn a_band_of_thresholds_is_written_once() {
    let mut report = storefront();
    let thresholds = &mut report.run.metrics[0].thresholds;
    thresholds.clear();
    for value in [0.4, 0.45] {
        let (text, by) = ("cpu in 40%..45%".to_owned(), "rule steady".to_owned());
        thresholds.push(Threshold { text, value: Bound::Fixed(value), by });
    }
    looking_at(&report, async |browser| {
        let told =
            "return [...document.querySelector('.chart').querySelectorAll('.threshold')].map(one => one.textContent)";
        assert_eq!(browser.ask::<Vec<String>>(told).await, ["rule steady: cpu in 40%..45%"]);
    });
}

/// How many dots of the first chart have the colour of what is outside.
const OUTSIDE: &str = "const canvas = document.querySelector('.chart canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let dots = 0;
    for (let at = 0; at < data.length; at += 4) dots += data[at] > 150 && data[at + 1] < 60 && data[at + 2] < 60;
    return dots";

#[test]
fn what_is_beyond_an_objective_that_moves_is_drawn_as_outside() {
    let mut report = storefront();
    report.run.metrics[0].objectives.clear();
    looking_at(&report, async |browser| assert_eq!(browser.ask::<u64>(OUTSIDE).await, 0));
    let mut trace = Trace::new(u64::MAX);
    trace.add(report.from.as_millisecond(), Some(50.0));
    trace.add(report.to.as_millisecond(), Some(70.0));
    let high = Some(Bound::Moving { of: Expr::Metric(MetricId(1)), trace });
    report.run.metrics[0].objectives.push(Objective { text: "cpu <= p95 / 1s".to_owned(), low: None, high });
    looking_at(&report, async |browser| assert!(browser.ask::<u64>(OUTSIDE).await > 100));
}

#[test]
fn the_stretch_shown_follows_keys_wheel_and_pointer() {
    let report = storefront();
    looking_at(&report, async |browser| {
        let whole = (report.from.as_millisecond(), report.to.as_millisecond());
        let length = |(from, to): (i64, i64)| to - from;
        assert_eq!(browser.range().await, whole);
        browser.press("+").await;
        let closer = browser.range().await;
        assert_eq!(length(closer), length(whole) / 2);
        browser.press(Key::Right).await;
        let later = browser.range().await;
        assert_eq!((length(later), later.0 - closer.0), (length(closer), length(closer) / 4));
        browser.press(Key::Left).await;
        assert_eq!(browser.range().await, closer);
        browser.press("-").await;
        assert_eq!(browser.range().await, whole);

        browser.drag(".metric .u-over", 0.25, 0.75, false).await;
        let dragged = browser.range().await;
        assert!(length(dragged).abs_diff(length(whole) / 2) < 3_600_000, "{dragged:?}");
        browser.drag(".metric .u-over", 0.75, 0.5, true).await;
        let panned = browser.range().await;
        assert!(panned.0 > dragged.0 && length(panned).abs_diff(length(dragged)) <= 1, "{panned:?}");
        assert!(browser.ask::<u64>(PLOTTED).await < report.run.proposals.counts.all());
        browser.press("0").await;
        assert_eq!(browser.range().await, whole);

        // The wheel zooms on a chart that was clicked, and scrolls the page over any other.
        let at: (f64, f64) = browser.ask("const box = document.querySelector('.metric .u-over').getBoundingClientRect(); return [box.left + box.width / 2, box.top + 40]").await;
        let turn = json!({ "type": "mouseWheel", "x": at.0, "y": at.1, "deltaX": 0, "deltaY": -100 });
        browser.ask::<Value>("document.activeElement.blur()").await;
        browser.devtools("Input.dispatchMouseEvent", turn.clone()).await;
        assert_eq!(browser.range().await, whole);
        let at: (f64, f64) = browser.ask("const box = document.querySelector('.metric .u-over').getBoundingClientRect(); return [box.left + box.width / 2, box.top + 40]").await;
        browser.click(".metric .u-over").await;
        // Where the pointer is, the moment is told as well as the value.
        assert!(browser.text("#tip").await.contains("2026-03-"));
        let turn = json!({ "type": "mouseWheel", "x": at.0, "y": at.1, "deltaX": 0, "deltaY": -100 });
        browser.devtools("Input.dispatchMouseEvent", turn).await;
        assert!(length(browser.range().await) < length(whole));

        browser.press("?").await;
        assert!(browser.ask::<bool>("return document.getElementById('help').open").await);
    });
}

#[test]
fn hostile_words_stay_words() {
    looking_at(&hostile(), async |browser| {
        assert_eq!(
            browser.driver.title().await.unwrap(),
            format!("{} · Leeway", HOSTILE.replace('\u{202e}', "\\u{202e}"))
        );
        for _ in 0..3 {
            browser.press("n").await;
        }
        // Opens what is drawn on demand as well.
        browser.ask::<Value>("document.querySelectorAll('details').forEach(one => { one.open = true; })").await;
        browser.until("return document.querySelectorAll('details table').length > 0").await;
        let harm = "return [document.title.startsWith('harmed'), document.querySelectorAll('img, [onerror], [onload]').length,
            document.scripts.length, [...document.querySelectorAll('svg')].filter(one => one.attributes.length === 0).length]";
        assert_eq!(browser.ask::<Value>(harm).await, json!([false, 0, 3, 0]));
        let places = [
            "h1",
            ".warnings li",
            ".figures dd",
            "#explanation .call",
            "#explanation .because",
            "#explanation dd",
            ".chart h3",
            ".chips code",
            ".model",
            ".ticket",
            ".word",
            "#difference-table td.code",
            "#proposal-table .link",
            "table.parts .code",
            "table.objectives .code",
            "#explanation .proposed",
        ];
        for place in places {
            let script = format!(
                "const one = document.querySelector({place:?}); return one.textContent + one.getAttribute('aria-label')"
            );
            let told: String = browser.ask(&script).await;
            assert!(told.contains("<img src=x onerror") || told.contains("</scr"), "{place}: {told}");
        }
        let telephone = json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
        browser.devtools("Emulation.setDeviceMetricsOverride", telephone).await;
        browser.until("return document.documentElement.scrollWidth === 360").await;
        // Even a script that had got in could not run: none but ours is named by the policy, and text is no markup.
        let refused =
            "try { document.body.innerHTML = '<b>'; return false } catch (error) { return error instanceof TypeError }";
        assert!(browser.ask::<bool>(refused).await);
        let said = browser.driver.get_log("browser").await.unwrap();
        assert!(said.iter().all(|entry| entry.message.contains("TrustedHTML")), "{said:?}");
    });
}

#[test]
fn two_policies_are_drawn_together_and_what_differs_comes_first() {
    let mut report = compared();
    // Both ask, and the new policy asks more people.
    let one = &mut report.comparison.as_mut().unwrap().differences[0];
    one.after = one.before.clone();
    one.after.as_mut().unwrap().verdict.approval[0].quorum = 2;
    looking_at(&report, async |browser| {
        let row = browser.text("#difference-table tbody tr").await;
        assert!(row.contains("1 of sre-oncall, within 1h") && row.contains("2 of sre-oncall, within 1h"), "{row}");
        let before = report.comparison.as_ref().unwrap();
        let all = report.run.proposals.counts.all() + before.before.proposals.counts.all();
        assert_eq!(browser.ask::<u64>(PLOTTED).await, all);
        let rows: usize = browser.ask("return document.querySelectorAll('#difference-table tbody tr').length").await;
        assert_eq!(rows, before.differences.len());
        let first: bool = browser
            .ask(
                "return document.getElementById('differences').compareDocumentPosition(
            document.querySelector('.summary')) === Node.DOCUMENT_POSITION_FOLLOWING",
            )
            .await;
        assert!(first);
        browser.click("#difference-table button").await;
        assert!(browser.text("#explanation").await.contains("approval required old"));
    });
}

#[test]
fn a_history_of_one_moment_is_a_page_too() {
    looking_at(&empty(), async |browser| {
        assert_eq!(browser.ask::<u64>(PLOTTED).await, 0);
        assert!(browser.text(".headline").await.starts_with("0 proposals"));
        assert!(browser.text("#more-proposals").await.starts_with("None"));
        let told = "return document.querySelector('.chart').getAttribute('aria-label')";
        assert_eq!(browser.ask::<String>(told).await, "cpu, metric; never known");
        for key in ["n", "p", "+", "-", "0"] {
            browser.press(key).await;
        }
    });
}

#[test]
fn it_prints_white_and_fits_a_telephone_in_both_schemes() {
    looking_at(&storefront(), async |browser| {
        let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        browser.devtools("Emulation.setEmulatedMedia", dark).await;
        let back = "return getComputedStyle(document.body).backgroundColor";
        assert_eq!(browser.ask::<String>(back).await, "rgb(15, 17, 21)");
        // A part of it says that it is one.
        browser.press("+").await;
        browser.press("1").await;
        browser.range().await;
        let paper = browser.devtools("Page.printToPDF", json!({ "printBackground": true })).await;
        assert!(paper["data"].as_str().is_some_and(|pdf| pdf.starts_with("JVBERi")), "no PDF");
        let print = json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        browser.devtools("Emulation.setEmulatedMedia", print).await;
        browser.until("return document.documentElement.classList.contains('printing')").await;
        assert_eq!(browser.ask::<String>(back).await, "rgb(255, 255, 255)");
        assert!(
            browser.ask::<bool>("return getComputedStyle(document.querySelector('.group')).display === 'none'").await
        );
        for place in ["#range", "#proposal-table caption"] {
            let told = browser.text(place).await;
            assert!(told.contains(" of ") && told.ends_with(" · hidden: allowed"), "{told}");
        }
        browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "" })).await;
        browser.press("0").await;
        browser.press("1").await;

        let telephone = json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
        browser.devtools("Emulation.setDeviceMetricsOverride", telephone).await;
        browser.until("return document.querySelector('.plot').clientWidth < 360").await;
        browser.until("return [...document.querySelectorAll('.uplot')].every(one => one.clientWidth <= 360)").await;
        assert_eq!(browser.ask::<i64>("return document.documentElement.scrollWidth").await, 360);
        // The marks of an axis are those of its width: a stretch that is left and come back to looks the same.
        let drawn = "return document.querySelector('.chart canvas').toDataURL()";
        let fitted = browser.ask::<String>(drawn).await;
        for key in ["+", "-"] {
            browser.press(key).await;
            browser.range().await;
        }
        assert!(browser.ask::<String>(drawn).await == fitted, "the axis has marks of another width");
    });
}
