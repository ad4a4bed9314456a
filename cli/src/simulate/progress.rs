//! How far a long simulation is, for the person who waits.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use crate::simulate::reading::Reading;

/// Evaluations between two looks at how far it is.
const LOOK_EVERY: u32 = 1_000;

/// A bar on standard error, where that is a terminal.
pub(crate) struct Bar {
    bar: ProgressBar,
    passed: u32,
}

impl Bar {
    /// `is_shown` where somebody waits for words, and not a program for JSON.
    pub(crate) fn new(is_shown: bool) -> Bar {
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  {eta} left") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Bar { bar, passed: 0 }
    }

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

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
