//! Why a Prometheus server gives no history.

use jiff::Timestamp;
use reqwest::StatusCode;

use super::{ANSWER_BYTES_MAX, ATTEMPTS_MAX, SERIES_MAX};

/// Why there is no history. It names the server and the query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{url}`{asked}: {why}", asked = query.as_ref().map(|query| format!(", query `{query}`")).unwrap_or_default())]
pub struct PrometheusError {
    /// The server's address, without credentials.
    pub url: String,
    /// What was asked, where something was.
    pub query: Option<String>,
    /// What is wrong.
    pub why: Why,
}

/// What is wrong with a server, or with its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The address cannot be used.
    #[error("this is no address of a Prometheus server: {0}")]
    Address(String),
    /// Nothing answers there.
    #[error("nothing answers, after {attempts} attempts: {0}", attempts = ATTEMPTS_MAX)]
    Down(String),
    /// It takes too long.
    #[error("no answer within {answer_s} s, after {attempts} attempts", attempts = ATTEMPTS_MAX)]
    Slow {
        /// How long was waited each time, in seconds.
        answer_s: u64,
    },
    /// The answer ends before its end.
    #[error("the answer breaks off, after {attempts} attempts: {0}", attempts = ATTEMPTS_MAX)]
    CutOff(String),
    /// It answers with an error.
    #[error("the server answers {status}{attempts}: {words}", attempts = attempts(*.status))]
    Refused {
        /// The status.
        status: u16,
        /// The server's words.
        words: String,
    },
    /// The answer is too long.
    #[error("the answer is over {} MiB long", ANSWER_BYTES_MAX >> 20)]
    TooLong,
    /// The answer is none of Prometheus.
    #[error("the answer is none of a Prometheus server: {0}")]
    Unreadable(String),
    /// The answer is no history of numbers.
    #[error("the answer is a `{0}`, not a history of numbers")]
    Type(String),
    /// The answer has more series than anybody meant.
    #[error("the answer has {0} series, over {SERIES_MAX}")]
    Many(usize),
    /// One series goes back in time, or stands still.
    #[error("the points of `{series}` are not in the order of time: {at} follows {before}")]
    Unordered {
        /// Its labels.
        series: String,
        /// When the point was that comes too late.
        at: Timestamp,
        /// When the one before it was.
        before: Timestamp,
    },
    /// Two series have a value for the same moment: which is meant?
    #[error("at {at} there are several series, such as `{one}` and `{other}`, where one is wanted")]
    Several {
        /// When.
        at: Timestamp,
        /// The labels of one of them.
        one: String,
        /// And those of another.
        other: String,
    },
}

impl Why {
    /// What may help.
    pub fn help(&self) -> &'static str {
        match self {
            Why::Address(_) => "write it as `http://127.0.0.1:9090`",
            Why::Down(_) => "is the server running, and is this its address?",
            Why::Slow { .. } => "try a shorter range or a longer step",
            Why::CutOff(_) => "does the server, or a proxy before it, run out of time or memory? try a shorter range",
            Why::Refused { status, .. } => match StatusCode::from_u16(*status) {
                Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                    "are user and password in the address, as in `http://user:password@127.0.0.1:9090`, and are they right?"
                }
                Ok(status) if status.is_redirection() => "it is elsewhere: give the address to which it sends",
                Ok(_) if status_passes(*status) => "is the server well? try again later, or a shorter range",
                Ok(_) | Err(_) => "try the query in the server's own page",
            },
            Why::TooLong | Why::Many(_) | Why::Several { .. } => {
                "make it one series, with `sum(…)`, `max(…)` or labels that only one has"
            }
            Why::Unordered { .. } => "ask the server itself, without a proxy that puts answers together",
            Why::Unreadable(_) => "is this the address of the server itself, without `/api` or `/graph`?",
            Why::Type(_) => "make it a number, for instance with `rate(…)` or `histogram_quantile(…)`",
        }
    }

    /// Whether the same question may be answered a moment later.
    pub(super) fn passes(&self) -> bool {
        match self {
            Why::Down(_) | Why::Slow { .. } | Why::CutOff(_) => true,
            Why::Refused { status, .. } => status_passes(*status),
            Why::Address(_)
            | Why::TooLong
            | Why::Unreadable(_)
            | Why::Type(_)
            | Why::Many(_)
            | Why::Unordered { .. }
            | Why::Several { .. } => false,
        }
    }
}

/// Whether a server that answers with this status may answer otherwise a moment later.
fn status_passes(status: u16) -> bool {
    status >= 500 || status == StatusCode::TOO_MANY_REQUESTS.as_u16()
}

fn attempts(status: u16) -> String {
    if status_passes(status) { format!(", after {ATTEMPTS_MAX} attempts") } else { String::new() }
}
