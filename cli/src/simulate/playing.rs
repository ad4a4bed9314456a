//! One policy on its way through the whole history, and what is to be told of it.

use leeway_ir::Policy;

use crate::exit::Failure;
use crate::report::Report;
use crate::simulate::abreast::Over;
use crate::simulate::document::{Documents, Stream, Sum};
use crate::simulate::history::HistoryArgs;
use crate::simulate::player::Player;
use crate::simulate::progress::Bars;
use crate::simulate::recorder::Recorder;
use crate::simulate::track::Settings;

/// What is played.
pub(super) struct Playing<'a> {
    pub(super) policy: &'a Policy,
    pub(super) settings: Settings,
    pub(super) history: &'a HistoryArgs,
    /// What is played side by side with it, itself included; nothing where it is alone.
    pub(super) beside: &'a [Policy],
    pub(super) stream: Stream,
    /// Whether its name is to be told apart from others.
    pub(super) is_named: bool,
    /// Whether somebody wants a report of it.
    pub(super) is_reported: bool,
}

/// What came of it.
pub(super) struct Simulated {
    pub(super) documents: Documents,
    pub(super) sum: Sum,
    pub(super) report: Option<Report>,
}

impl Playing<'_> {
    /// The name under which it is told of among others.
    pub(super) fn name(&self) -> Option<&str> {
        self.is_named.then_some(&*self.policy.blueprint)
    }

    /// Plays the history to its end; nothing, if that was over before.
    pub(super) fn play(&self, bars: &Bars, over: &Over) -> Result<Option<Simulated>, Failure> {
        let mut player = Player::open([(self.policy, self.settings.clone())], self.beside, self.history)?;
        let [track] = player.tracks();
        let mut recorder = self.is_reported.then(|| Recorder::new(track));
        let mut documents = Documents::new(self.stream, self.name())?;
        let mut bar = bars.begin(self.name());
        let mut span = None;
        while let Some(at) = player.advance(|[track], at| {
            recorder.iter_mut().for_each(|recorder| recorder.see(track, at));
        })? {
            if over.is_over() {
                return Ok(None);
            }
            let [track] = player.tracks_mut();
            let played = track.evaluate(at)?;
            if let Some(recorder) = &mut recorder {
                recorder.hear(track, &played);
            }
            documents.hear(&played)?;
            bar.show(at, player.reading());
            span = Some((span.map_or(at, |(from, _)| from), at));
        }
        let [track] = player.tracks();
        let sum = Sum::of(track, player.reading());
        let report = recorder.map(|recorder| {
            let run = recorder.run(track, player.reading(), sum.summary());
            Report::of(track.policy(), span, player.step_ms(), run, None)
        });
        Ok(Some(Simulated { documents, sum, report }))
    }
}
