// The same as text: proposals and the courses of metrics and facts, for who reads better than sees.

/** So many rows at first, and so many more at a time. */
const ROWS = 20, ROWS_MORE = 100;
let rows = ROWS;

/** The proposals in sight, as rows that open their explanation. */
function fillProposals() {
  const list = visible().filter(one => one.t >= view.from && one.t <= view.to);
  const shown = list.slice(0, rows);
  const table = byId("proposal-table");
  refill(table.caption, `those shown above: ${view.told()}`);
  refill(table.tBodies[0], shown.map(one => {
    const { verdict } = one, deciding = verdict.voices[0];
    return element("tr", { class: one === chosen.proposal ? "chosen" : null, click: () => open(one) },
      element("td", { class: "time" }, moment(one.t)),
      element("td", { class: `tier ${verdict.tier}` }, mark(verdict.tier), TIER_NAMES[verdict.tier], one.age ? element("small", {}, ` ${one.age}`) : null),
      element("td", {}, element("button", { type: "button", class: "link code" }, verdict.proposal)),
      element("td", { class: "code" }, one.rule),
      element("td", { class: "code" }, deciding ? deciding.by : ""),
      element("td", {}, one.outcome ? one.outcome.state.replaceAll("_", " ") : ""));
  }));
  const left = list.length - shown.length;
  const more = () => {
    rows += ROWS_MORE;
    fillProposals();
    table.tBodies[0].rows[shown.length].querySelector("button").focus({ preventScroll: true });
  };
  refill(byId("more-proposals"), left > 0 ? [`and ${left} more `, element("button", { type: "button", click: more }, `show ${Math.min(left, ROWS_MORE)}`)]
    : list.length === 0 ? "None in this stretch of time." : null);
}

/** What differs between two policies; each verdict opens why. */
function fillDifferences() {
  const body = document.querySelector("#difference-table tbody");
  if (!body) return;
  const people = decision => (decision?.verdict.approval ?? []).map(asked).join(" and ");
  const cell = (decision, of, by, other) => {
    const { age } = runs[of];
    if (!decision) return element("td", { class: "none", "data-label": age }, "not proposed");
    const { tier } = decision.verdict, one = told(decision, of, by);
    return element("td", { class: `tier ${tier}`, "data-label": age },
      element("button", { type: "button", click: () => open(one) }, mark(tier), TIER_NAMES[tier]),
      decision.verdict.voices[0] ? element("small", { class: "code" }, decision.verdict.voices[0].by) : null,
      // Where both ask, and not the same people, that is what differs.
      people(decision) && people(other) && people(decision) !== people(other) ? element("small", {}, people(decision)) : null);
  };
  refill(body, report.comparison.differences.map(({ change, by: age, before, after }) => {
    const by = runs.findIndex(run => run.age === age);
    return element("tr", {},
      element("td", { class: "time" }, moment((after ?? before).t)),
      element("td", {}, element("b", { class: change }, change.replaceAll("_", " "))),
      element("td", { class: "code" }, (after ?? before).verdict.proposal), cell(before, 0, by, after), cell(after, 1, by, before));
  }));
}

/** The proposal of the history that this is; where it is none, it stands between those before and after it. */
function told(decision, of, by) {
  const isSame = one => one.of === of && one.t === decision.t && one.rule === decision.rule && one.verdict.proposal === decision.verdict.proposal;
  return (of === by ? proposals.find(isSame) : null)
    ?? { ...decision, of, by, age: runs[of].age, index: proposals.findLastIndex(one => one.t <= decision.t) + 0.5 };
}

/** A course in at most so many rows. */
const STRETCHES = 24;

function fillTable(details, { trace, unit }) {
  const [xs, ys] = course(trace);
  const length = (view.to - view.from) / STRETCHES;
  const lines = [];
  for (let from = view.from; from < view.to - 1; from += length) {
    const inside = ys.filter((_, index) => xs[index] >= from && xs[index] < from + length);
    const known = inside.filter(value => value !== null);
    const first = valueAt(xs, ys, from);
    if (inside.length === 0 && first !== null) known.push(first);
    const cells = known.length === 0 ? ["", ""] : [Math.min(...known), Math.max(...known)].map(value => amount(value, unit));
    const gap = inside.includes(null) || known.length === 0 ? "partly or wholly unknown" : "";
    lines.push(element("tr", {}, [view.moment(from, SECOND), ...cells, gap].map(text => element("td", {}, text))));
  }
  refill(details, details.firstElementChild, element("table", {},
    element("thead", {}, element("tr", {}, ["from", "least", "greatest", ""].map(text => element("th", {}, text)))),
    element("tbody", {}, lines)));
}
