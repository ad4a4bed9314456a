//! The server's log: lines of JSON on standard error, or of text where a person reads them.

use std::io;

use clap::ValueEnum;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How a line is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people.
    Text,
}

/// How much is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// What keeps the server from doing its work.
    Error,
    /// What somebody should look at.
    Warn,
    /// Also each change of a tenant, and the start and the end.
    #[default]
    Info,
    /// Also each connection that broke off.
    Debug,
}

impl LogLevel {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        }
    }
}

/// Writes the log from now on, unless somebody does already.
pub(crate) fn to_stderr(format: LogFormat, level: LogLevel) {
    // A line that cannot be written is lost, as on a full disk: to complain of it where it could not be written would end
    // the request that it is about.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level.name()))
        .with_writer(io::stderr)
        .log_internal_errors(false);
    let started = match format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        LogFormat::Text => builder.with_ansi(false).try_init(),
    };
    // A log that is already there goes on.
    drop(started);
}
