//! `load`: sends a paced load and prints how it is answered, second by second.

use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use tokio::time::{Instant, MissedTickBehavior};

use crate::load::{Load, LoadError, RUN_TIME_MAX, TenantTotals, Totals};
use crate::rate::Rate;
use crate::tenant::TenantName;

/// The load of the example, where none is given: two tenants above their quota, one below.
const EXAMPLE_RATES: [&str; 3] = ["acme=130/s", "beta=40/s", "crawler=150/s"];

/// How often a line is printed.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// Flags of `load`.
#[derive(Debug, Clone, Args)]
pub struct LoadArgs {
    /// The rate limiter to load (loopback only)
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// A tenant and how often it asks; may be repeated
    #[arg(long = "tenant", value_name = "NAME=RATE/s", default_values = EXAMPLE_RATES)]
    pub tenants: Vec<TenantRate>,
    /// How long to go on
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..=RUN_TIME_MAX.as_secs()))]
    pub seconds: u64,
}

/// A tenant's load as the flag writes it: `acme=130/s`.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantRate {
    /// Its name.
    pub name: TenantName,
    /// How often it asks.
    pub rate: Rate,
}

/// Sends the load until its time is over or ctrl-c, prints a line each second, and the totals at the end.
///
/// # Errors
/// When the load cannot start, or the lines cannot be printed.
pub async fn load(args: LoadArgs) -> Result<(), LoadError> {
    let rates: Vec<(&str, f64)> =
        args.tenants.iter().map(|tenant| (tenant.name.as_str(), tenant.rate.as_per_second())).collect();
    let start = Instant::now();
    let load = Load::start(&args.to, &rates, Duration::from_secs(args.seconds))?;
    let mut lines = tokio::time::interval_at(start + LINE_EVERY, LINE_EVERY);
    lines.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let end = tokio::time::sleep_until(load.ends_at());
    tokio::pin!(end);
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    let mut before = load.totals();
    print_header(&before).map_err(LoadError::Print)?;
    loop {
        tokio::select! {
            biased;
            _ = &mut interrupt => break,
            _ = lines.tick() => {
                let now = load.totals();
                print_line(&start.elapsed(), &before, &now).map_err(LoadError::Print)?;
                before = now;
            }
            () = &mut end => break,
        }
    }
    print_totals(&load.stop().await).map_err(LoadError::Print)
}

impl FromStr for TenantRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rate) =
            text.rsplit_once('=').ok_or_else(|| format!("`{text}` names no rate; write it as in `acme=130/s`"))?;
        Ok(Self {
            name: name.parse().map_err(|error| format!("{error}"))?,
            rate: rate.parse().map_err(|error| format!("{error}"))?,
        })
    }
}

fn print_header(totals: &Totals) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{:>6}", "second")?;
    for tenant in totals.tenants.keys() {
        write!(out, "  {tenant:>18}")?;
    }
    writeln!(out, "  {:>8} {:>8}", "failed", "skipped")?;
    write!(out, "{:>6}", "")?;
    for _ in &totals.tenants {
        write!(out, "  {:>18}", "granted / refused")?;
    }
    writeln!(out)?;
    out.flush()
}

/// One line: what was answered since the line before.
fn print_line(elapsed: &Duration, before: &Totals, now: &Totals) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{:>6}", elapsed.as_secs())?;
    for (tenant, totals) in &now.tenants {
        let earlier = before.tenants.get(tenant).copied().unwrap_or_default();
        let granted = totals.granted.saturating_sub(earlier.granted);
        let refused = totals.refused.saturating_sub(earlier.refused);
        write!(out, "  {:>18}", format!("{granted} / {refused}"))?;
    }
    let (sum, earlier) = (now.sum(), before.sum());
    let failed = sum.failed.saturating_sub(earlier.failed);
    let skipped = sum.skipped.saturating_sub(earlier.skipped);
    writeln!(out, "  {failed:>8} {skipped:>8}")?;
    out.flush()
}

fn print_totals(totals: &Totals) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let width = totals.tenants.keys().map(String::len).max().unwrap_or(0).max("tenant".len());
    writeln!(out)?;
    let heads = ["sent", "granted", "refused", "failed", "skipped"].map(|head| format!("{head:>9}"));
    writeln!(out, "{:<width$}{}", "tenant", heads.concat())?;
    let mut row = |name: &str, totals: TenantTotals| {
        let TenantTotals { sent, granted, refused, failed, skipped } = totals;
        let counts = [sent, granted, refused, failed, skipped].map(|count| format!("{count:>9}"));
        writeln!(out, "{name:<width$}{}", counts.concat())
    };
    for (tenant, counts) in &totals.tenants {
        row(tenant, *counts)?;
    }
    row("total", totals.sum())?;
    out.flush()
}
