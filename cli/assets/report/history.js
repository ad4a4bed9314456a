// What the page was given, read once: the runs, their courses as arrays, and every proposal in order of time.

const { report, units } = JSON.parse(byId("data").textContent);

const runs = [{ run: report.run, age: report.comparison ? "new" : "" }];
if (report.comparison) runs.unshift({ run: report.comparison.before, age: "old" });

/** A course as uPlot takes it: times and values; null where nothing is known. */
function course(trace) {
  let at = trace.start;
  const xs = trace.steps.map(step => (at += step));
  return [xs, trace.values];
}

/** What the voices of one clause have in common is written once; what each has of its own are its truth and values. */
function whole(decision, common) {
  const voices = decision.verdict.voices.map(voice => ({ ...common[voice.common], ...voice }));
  return { ...decision, verdict: { ...decision.verdict, voices } };
}

/** Every proposal that is told, with the run that decides it and the run that made it. */
const proposals = runs
  .flatMap(({ run: { proposals }, age }, of) => proposals.shown.map(one => ({ ...whole(one, proposals.common), of, by: of, age })))
  .sort((a, b) => a.t - b.t || a.of - b.of);
proposals.forEach((proposal, index) => { proposal.index = index; });

/** What the reader looks at; who shows something of it is called when it changes. */
const chosen = { proposal: null, hidden: new Set(), watchers: [] };

/** The proposals that are not hidden, of the whole history. */
const visible = () => proposals.filter(proposal => !chosen.hidden.has(proposal.verdict.tier));

function choose(proposal) {
  chosen.proposal = proposal;
  if (proposal) view.reveal(proposal.t);
  chosen.watchers.forEach(watch => watch());
}

/** Shows or hides a tier. */
function toggle(tier) {
  if (!chosen.hidden.delete(tier)) chosen.hidden.add(tier);
  document.querySelector(`[data-tier="${tier}"]`).setAttribute("aria-pressed", String(!chosen.hidden.has(tier)));
  view.announce();
}

/** Chooses the next proposal, or the previous with -1; without a chosen one the first in sight, or the last. */
function step(direction) {
  const list = visible(), now = chosen.proposal;
  const found = direction > 0
    ? list.find(one => now ? one.index > now.index : one.t >= view.from)
    : list.findLast(one => now ? one.index < now.index : one.t <= view.to);
  if (found) choose(found);
}
