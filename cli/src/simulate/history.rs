//! Where a history comes from, and how finely it is gone through.

use std::path::Path;
use std::str::FromStr;

use clap::ArgGroup;
use jiff::Timestamp;
use leeway_ir::Policy;

use crate::exit::Failure;
use crate::series::{Names, Range, Recording, SeriesArg, open, open_range};
use crate::simulate::answers::milliseconds;

#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
#[command(group = ArgGroup::new("history").required(true).args(["series", "prometheus"]))]
pub(crate) struct HistoryArgs {
    /// A recorded history, FILE.csv, FILE.jsonl or FILE.parquet, whose columns are named after metrics and facts; or one column
    /// of a foreign file, NAME=FILE[:COLUMN][@UNIT], such as cpu=asg.csv:value@%; may be given several times
    #[arg(long, value_name = "SERIES")]
    series: Vec<SeriesArg>,
    /// Ask this Prometheus server for the history of the blueprint's queries, such as http://127.0.0.1:9090
    #[arg(long, value_name = "URL", requires = "from", requires = "to")]
    prometheus: Option<String>,
    /// The first moment of that history, such as 2026-01-01T00:00:00Z
    #[arg(long, value_name = "TIME", requires = "prometheus", conflicts_with = "series")]
    from: Option<Timestamp>,
    /// The last moment of it
    #[arg(long, value_name = "TIME", requires = "prometheus", conflicts_with = "series")]
    to: Option<Timestamp>,
    /// Evaluate the policy this often, such as 1m, with the samples there are by then (a Prometheus is asked for one a step); else at
    /// each sample
    #[arg(long, value_name = "D")]
    step: Option<Step>,
    /// Count rows that cannot be used, instead of ending at the first
    #[arg(long)]
    skip_bad: bool,
}

/// A time in whole milliseconds.
#[derive(Clone, Copy, Debug)]
struct Step(u64);

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Step, String> {
        milliseconds(text).map(Step)
    }
}

impl HistoryArgs {
    /// Opens it for a policy; of files, what only policies `beside` it know is left to them.
    pub(crate) fn open(&self, policy: &Policy, beside: &[Policy]) -> Result<Recording, Failure> {
        match (&self.prometheus, self.from, self.to) {
            (Some(url), Some(from), Some(to)) => {
                open_range(policy, &Range { url: url.clone(), from, to, step_ms: self.step_ms() })
            }
            (Some(_) | None, _, _) => open(Names { policy, beside }, &self.series, self.skip_bad),
        }
    }

    /// The files that it is read from.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.series.iter().map(|series| series.path.as_path())
    }

    /// Whether it is a server that is asked, and not files.
    pub(crate) fn is_queried(&self) -> bool {
        self.prometheus.is_some()
    }

    pub(crate) fn step_ms(&self) -> Option<u64> {
        self.step.map(|step| step.0)
    }
}
