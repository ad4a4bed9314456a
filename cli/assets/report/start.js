// Puts the parts together, and keeps them fitting the screen, the scheme and the printer.

// What it spoke of is drawn anew, elsewhere.
view.watchers.push(() => tip(null));
overview();
proposalLanes();
ticketLanes();
const before = report.comparison?.before;
for (const metric of report.run.metrics) metricChart(metric, before?.metrics.find(one => one.name === metric.name));
for (const fact of report.run.facts) {
  const old = before?.facts.find(one => one.name === fact.name);
  if (fact.course.numbers) factChart(fact.name, fact.course.numbers, old?.course.numbers);
  else {
    if (old?.course.words) wordLane(old, "old");
    wordLane(fact, old ? "new" : "");
  }
}
fillDifferences();
explain();
keyboard();

chosen.watchers.push(explain, fillProposals);
view.watchers.push(() => {
  const { dataset, style } = document.documentElement;
  byId("range").textContent = view.told();
  style.setProperty("--toolbar", `${document.querySelector(".toolbar").offsetHeight}px`);
  dataset.from = view.from;
  dataset.to = view.to;
  for (const details of document.querySelectorAll(".as-table[open]")) details.open = false;
  rows = ROWS;
  fillProposals();
});

function refit() {
  fit();
  painters.forEach(again => again());
  view.announce();
}

let room = 0;
new ResizeObserver(() => {
  const now = byId("charts").clientWidth;
  if (now !== room) {
    room = now;
    refit();
  }
}).observe(byId("charts"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refit);

/** Paper is white and of its own width: the canvases are painted anew for it. */
function paper(printing) {
  document.documentElement.classList.toggle("printing", printing);
  fit();
  painters.forEach(again => again());
  view.watchers.forEach(watch => watch());
}
addEventListener("beforeprint", () => paper(true));
addEventListener("afterprint", () => paper(false));
matchMedia("print").addEventListener("change", event => paper(event.matches));

view.announce();
