//! The history of a query, from a Prometheus server: range queries, chunk by chunk, within the server's limits.
//! Source: <https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries>.

mod error;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::LOCATION;
use reqwest::{Client, Url};
use serde_json::Value as Json;

use crate::answer::{Answer, Point};
use crate::body::{body, plainly};

pub use error::{PrometheusError, Why};

/// The most points a server gives of one series in one answer.
pub const POINTS_MAX: u32 = 11_000;

/// The longest answer that is read.
pub const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The most series that an answer may have.
pub const SERIES_MAX: usize = 1_000;

/// How many remarks of a server are kept of one answer.
pub const REMARKS_MAX: usize = 5;

/// How often a question is asked, before the server is given up.
pub const ATTEMPTS_MAX: u32 = 3;

/// How much of a server's own words an error repeats, in characters.
const WORDS_MAX: usize = 300;

/// Stands for what cannot be read as an address: it may hold a secret anywhere.
const UNREADABLE: &str = "…";

/// How long a server is waited for.
#[derive(Clone, Copy, Debug)]
struct Patience {
    connect: Duration,
    answer: Duration,
    /// Before the second attempt; doubled before each further one.
    backoff: Duration,
}

const PATIENCE: Patience =
    Patience { connect: Duration::from_secs(5), answer: Duration::from_secs(10), backoff: Duration::from_millis(250) };

/// A server that is asked for histories.
#[derive(Clone, Debug)]
pub struct Prometheus {
    client: Client,
    url: Url,
    /// The address as messages show it, without what may be secret.
    shown: String,
    patience: Patience,
}

/// The moments of a chunk: the first, and every `step_ms` after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// The first of them.
    pub first: Timestamp,
    /// How far they lie apart; not 0.
    pub step_ms: u64,
    /// How many there are; at most [`POINTS_MAX`].
    pub points: u32,
}

/// What a query gave over the steps of a chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// At each of the steps a number, or nothing.
    pub values: Vec<Option<f64>>,
    /// What the server says beside it, each remark once and at most [`REMARKS_MAX`] of them: that the answer is partial, or that
    /// the query may not mean what it seems to. Such numbers may be wrong.
    pub remarks: Vec<String>,
}

impl Prometheus {
    /// The server at this address; nothing is asked yet. A user and password in the address are sent and never shown.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn new(url: &str) -> Result<Prometheus, PrometheusError> {
        Prometheus::patient(url, PATIENCE)
    }

    fn patient(text: &str, patience: Patience) -> Result<Prometheus, PrometheusError> {
        let wrong = |shown: &str, why: &str| PrometheusError {
            url: shown.to_owned(),
            query: None,
            why: Why::Address(why.to_owned()),
        };
        let mut url = Url::parse(text).map_err(|error| wrong(UNREADABLE, &error.to_string()))?;
        let shown = shown(&url);
        match url.scheme() {
            "http" => {}
            "https" => return Err(wrong(&shown, "https is not in this version yet; use http on the loopback")),
            _ => return Err(wrong(&shown, "it does not begin with `http://`")),
        }
        url.path_segments_mut().map_err(|()| wrong(&shown, "it has no path"))?.pop_if_empty().extend([
            "api",
            "v1",
            "query_range",
        ]);
        // A redirect could lead a password anywhere; a proxy of the environment is not meant for the loopback.
        let client = Client::builder()
            .connect_timeout(patience.connect)
            .timeout(patience.answer)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| wrong(&shown, &plainly(&error.without_url())))?;
        Ok(Prometheus { client, url, shown, patience })
    }

    /// The address, without what may be secret.
    pub fn url(&self) -> &str {
        &self.shown
    }

    /// What the query gave at each of the steps. What fails for a moment is asked again.
    ///
    /// # Errors
    /// When the server is down, slow or refuses, or when its answer is no history of one series.
    pub async fn range(&self, query: &str, steps: Steps) -> Result<History, PrometheusError> {
        let failed = |why| PrometheusError { url: self.shown.clone(), query: Some(query.to_owned()), why };
        let mut pause = self.patience.backoff;
        for _ in 1..ATTEMPTS_MAX {
            match self.ask(query, steps).await {
                Err(why) if why.passes() => tokio::time::sleep(pause).await,
                read => return read.map_err(failed),
            }
            pause *= 2;
        }
        self.ask(query, steps).await.map_err(failed)
    }

    async fn ask(&self, query: &str, steps: Steps) -> Result<History, Why> {
        let mut url = self.url.clone();
        let last_ms = steps.step_ms.saturating_mul(u64::from(steps.points.saturating_sub(1)));
        url.query_pairs_mut()
            .append_pair("query", query)
            .append_pair("start", &seconds(steps.first))
            .append_pair("end", &seconds(steps.at(last_ms)))
            .append_pair("step", &format!("{}.{:03}", steps.step_ms / 1_000, steps.step_ms % 1_000));
        let failed = |error: reqwest::Error, otherwise: fn(String) -> Why| {
            if error.is_timeout() {
                Why::Slow { answer_s: self.patience.answer.as_secs() }
            } else {
                otherwise(plainly(&error.without_url()))
            }
        };
        let answer = self.client.get(url).send().await.map_err(|error| failed(error, Why::Down))?;
        let status = answer.status();
        let elsewhere = status.is_redirection().then(|| answer.headers().get(LOCATION)?.to_str().ok()).flatten();
        let elsewhere = elsewhere.and_then(|place| self.url.join(place).ok());
        let elsewhere = elsewhere.map(|place| harmless(&format!("it sends to `{}`", shown(&place))));
        let bytes = body(answer, ANSWER_BYTES_MAX).await.map_err(|error| failed(error, Why::CutOff))?;
        let bytes = bytes.ok_or(Why::TooLong)?;
        if !status.is_success() {
            let words = elsewhere.unwrap_or_else(|| words(&bytes));
            return Err(Why::Refused { status: status.as_u16(), words });
        }
        let answer = Answer::read(&bytes).map_err(|error| {
            let said = serde_json::from_slice::<Json>(&bytes).unwrap_or_default();
            if said.get("status").and_then(Json::as_str) == Some("error") {
                return Why::Refused { status: status.as_u16(), words: words(&bytes) };
            }
            // A server that does not say how long its answer is may still lose the end of it.
            let is_cut_off = error.is_eof() && !bytes.is_empty();
            if is_cut_off { Why::CutOff(error.to_string()) } else { Why::Unreadable(error.to_string()) }
        })?;
        let remarks = remarks(&answer.remarks);
        Ok(History { values: values(answer, steps)?, remarks })
    }
}

impl Steps {
    /// The moment so many milliseconds after the first.
    fn at(&self, ms: u64) -> Timestamp {
        let since = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
        self.first.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    /// Which of the steps a point of the answer is.
    fn index(&self, at_s: f64) -> Option<usize> {
        let since_ms = at_s * 1_000.0 - self.first.as_millisecond() as f64;
        let index = (since_ms / self.step_ms.max(1) as f64).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the points of a chunk")]
        (0.0..f64::from(self.points)).contains(&index).then_some(index as usize)
    }
}

/// One value a step, from however many series: as long as no two of them speak of the same moment, it is clear which is meant.
fn values(answer: Answer, steps: Steps) -> Result<Vec<Option<f64>>, Why> {
    let Answer { result_type, series, remarks: _ } = answer;
    if result_type != "matrix" {
        return Err(Why::Type(result_type));
    }
    if series.len() > SERIES_MAX {
        return Err(Why::Many(series.len()));
    }
    let mut values: Vec<Option<(f64, usize)>> = vec![None; usize::try_from(steps.points).unwrap_or_default()];
    for (which, of) in series.iter().enumerate() {
        if of.is_histogram {
            return Err(Why::Type("histogram".to_owned()));
        }
        let mut before: Option<usize> = None;
        for Point { at_s, value } in &of.points {
            let found = steps.index(*at_s).and_then(|index| Some((index, values.get_mut(index)?)));
            let Some((index, place)) = found else {
                return Err(Why::Unreadable(format!("it has a point at {at_s}, which was not asked for")));
            };
            let at = |index: usize| steps.at(steps.step_ms.saturating_mul(u64::try_from(index).unwrap_or(u64::MAX)));
            if let Some(before) = before.replace(index).filter(|before| *before >= index) {
                return Err(Why::Unordered { series: labels(&of.labels), at: at(index), before: at(before) });
            }
            if let Some((_, other)) = place.replace((*value, which)) {
                let one = series.get(other).map(|of| labels(&of.labels)).unwrap_or_default();
                return Err(Why::Several { at: at(index), one, other: labels(&of.labels) });
            }
        }
    }
    Ok(values.into_iter().map(|value| value.map(|(value, _)| value)).collect())
}

/// Each remark once, the first of them.
fn remarks(said: &[String]) -> Vec<String> {
    let mut remarks: Vec<String> = Vec::new();
    for remark in said {
        let remark = harmless(remark);
        if remarks.len() < REMARKS_MAX && !remarks.contains(&remark) {
            remarks.push(remark);
        }
    }
    remarks
}

fn labels(labels: &BTreeMap<String, String>) -> String {
    let written: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    harmless(&format!("{{{}}}", written.join(", ")))
}

/// Seconds since 1970, to the millisecond.
fn seconds(at: Timestamp) -> String {
    let ms = at.as_millisecond();
    format!("{}{}.{:03}", if ms < 0 { "-" } else { "" }, ms.abs() / 1_000, ms.abs() % 1_000)
}

/// What the server says of an error, in its own words or as it stands.
fn words(bytes: &[u8]) -> String {
    let document: Option<Json> = serde_json::from_slice(bytes).ok();
    let said = document.as_ref().and_then(|document| document.get("error")?.as_str());
    let said = said.map_or_else(|| String::from_utf8_lossy(bytes).trim().to_owned(), str::to_owned);
    if said.is_empty() { "nothing else".to_owned() } else { harmless(&said) }
}

/// Text from outside, not without end, with nothing that moves a cursor.
fn harmless(text: &str) -> String {
    let mut shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS_MAX).collect();
    if text.chars().nth(WORDS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// The address without a user, a password or parameters.
fn shown(url: &Url) -> String {
    // Of `ada:secret@host` all but the first word is no address.
    if url.cannot_be_a_base() {
        return UNREADABLE.to_owned();
    }
    let mut url = url.clone();
    // An address that cannot have them has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
