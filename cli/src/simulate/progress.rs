//! How far long simulations are, for the person who waits.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use crate::simulate::reading::Reading;

/// Evaluations between two looks at how far it is.
const LOOK_EVERY: u32 = 1_000;

/// Bars on standard error, where that is a terminal: one for each simulation that is under way.
pub(crate) struct Bars(MultiProgress);

/// How far one simulation is.
pub(crate) struct Bar {
    bar: ProgressBar,
    passed: u32,
}

impl Bars {
    /// Not where lines for programs stream over the same terminal.
    pub(crate) fn new(is_for_people: bool) -> Bars {
        let is_shown = is_for_people || !std::io::stdout().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Bars(MultiProgress::with_draw_target(target))
    }

    /// A simulation begins, of this blueprint where there are several.
    pub(crate) fn begin(&self, blueprint: Option<&str>) -> Bar {
        let bar = self.0.add(ProgressBar::no_length());
        if let Ok(style) = ProgressStyle::with_template("{prefix}{bar:30} {percent:>3}%  {msg}  {eta} left") {
            bar.set_style(style);
        }
        bar.set_prefix(blueprint.map_or_else(String::new, |blueprint| format!("{blueprint}  ")));
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar { bar, passed: 0 }
    }
}

impl Bar {
    /// It is `at` in the history.
    pub(crate) fn show(&mut self, at: Timestamp, reading: &Reading) {
        self.passed = (self.passed + 1) % LOOK_EVERY;
        if self.passed == 1 && !self.bar.is_hidden() {
            let progress = reading.progress();
            self.bar.set_length(progress.total.max(progress.done));
            self.bar.set_position(progress.done);
            self.bar.set_message(format!("at {}", at.strftime("%Y-%m-%d %H:%M")));
        }
    }
}

impl Drop for Bar {
    /// Nothing is left of it, however the simulation ended: an error is not to be written across it.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
