// Why the chosen proposal was decided as it was, and what came of it.

function explain() {
  const box = byId("explanation");
  const one = chosen.proposal;
  const pressed = box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  box.classList.toggle("open", one !== null);
  refill(box, one ? explanation(one) : hint());
  box.scrollTop = 0;
  if (one) bringIntoSight(box);
  // The button that was pressed is drawn anew: the keyboard goes on from it, or from what it closed.
  if (pressed) (box.querySelector(`button[aria-label="${pressed}"]`) ?? box).focus({ preventScroll: true });
}

/** Opens why it was decided so, and goes on from there: what was pressed may be drawn anew, or far away. */
function open(proposal) {
  choose(proposal);
  byId("explanation").focus({ preventScroll: true });
}

/** Scrolls the page as far as to have it wholly in sight; to the rows of proposals beside it where nothing of it was. */
function bringIntoSight(box) {
  const { top, bottom } = box.getBoundingClientRect(), height = document.documentElement.clientHeight;
  // Where it sticks when the page is scrolled, or stands fixed on a narrow screen.
  const least = parseFloat(getComputedStyle(box).top);
  if (top >= least - 1 && bottom <= height + 1) return;
  (bottom < least || top > height ? box.parentElement : box).scrollIntoView({ block: "start" });
}

function hint() {
  return element("p", { class: "hint" }, proposals.length === 0 ? "Nothing was proposed over this history."
    : ["Choose a proposal to read why it was decided as it was: click a mark, or press ", element("kbd", {}, "n"), "."]);
}

function explanation(one) {
  const list = visible(), place = list.indexOf(one) + 1;
  const { verdict } = one;
  const rule = runs[one.by].run.parts.find(({ id }) => id === verdict.actor);
  return [
    element("div", { class: "bar" },
      element("button", { type: "button", "aria-label": "Previous proposal", title: "previous (p)", click: () => step(-1) }, "‹"),
      element("span", {}, place > 0 ? `${place} of ${list.length}` : null),
      element("button", { type: "button", "aria-label": "Next proposal", title: "next (n)", click: () => step(1) }, "›"),
      element("button", { type: "button", class: "close", "aria-label": "Close", title: "close (Esc)", click: () => choose(null) }, "×")),
    element("p", { class: `verdict ${verdict.tier}` }, mark(verdict.tier), TIER_NAMES[verdict.tier], one.age ? element("small", {}, ` ${one.age}`) : null),
    element("p", { class: "call code" }, verdict.proposal),
    element("p", { class: "who" }, element("time", {}, moment(one.t)), " UTC, proposed by ", code(rule ? `rule ${one.rule}` : verdict.actor),
      one.by === one.of ? null : ` of the ${runs[one.by].age} policy`),
    rule || one.because ? part("Why it was proposed", reason(rule, one)) : null,
    part("Who spoke", ...verdict.voices.map(voice)),
    part("What was unknown", ...(verdict.unknown ?? []).map(one => element("p", { class: "gap" }, ...unknown(one)))),
    part("Instead", ...(verdict.suggest ?? []).map(call => element("p", {}, code(call)))),
    part("Who is asked", ...(verdict.approval ?? []).map(one => element("p", {}, asked(one)))),
    verdict.retry_after_s === undefined ? null : part("Again", element("p", {}, `after ${span(verdict.retry_after_s * SECOND)}`)),
    part("What came of it", element("p", {}, outcome(one))),
  ];
}

/** The rule's condition and its reason, or the reason alone. */
function reason(rule, { because }) {
  return element("div", { class: "proposed" },
    rule ? element("p", { class: "code" }, rule.text, element("small", {}, `${rule.at.path}:${rule.at.line}`)) : null,
    because ? element("p", { class: "because" }, because) : null);
}

const code = text => element("span", { class: "code" }, text);

/** A part with a heading; nothing when it is empty. */
function part(title, ...children) {
  return children.length === 0 ? null : element("section", {}, element("h4", {}, title), children);
}

/** One voice: what it demands, its text, its values, its reason. */
function voice({ tier, by, truth, at, because, values, text }) {
  return element("article", { class: `voice ${tier}` },
    element("p", { class: "by" }, mark(tier), element("b", { class: "code" }, by), at ? element("small", { class: "code" }, at) : null),
    text ? element("p", { class: "code" }, text) : null,
    truth === "unknown" ? element("p", { class: "gap" }, "unknown, and unknown is never permission") : null,
    values.length === 0 ? null : element("dl", {}, values.map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    because ? element("p", { class: "because" }, because) : null);
}

/** Who must agree, and until when. */
function asked({ by, timeout_s, quorum }) {
  const who = by.length === 0 ? "anybody who may approve" : by.join(" or ");
  return `${quorum} of ${who}, within ${span(timeout_s * SECOND)}`;
}

function outcome(one) {
  if (one.by !== one.of) return `nothing: the ${runs[one.by].age} policy proposed it, and this is how the ${one.age} one judges that in the same state`;
  if (!proposals.includes(one)) return "not told: more was proposed than is kept here";
  if (!one.outcome) return "the history ends before that";
  const { state, at, why } = one.outcome;
  return [element("b", {}, state.replaceAll("_", " ")), at > one.t ? ` after ${span(at - one.t)}` : "", why ? `: ${why}` : ""];
}

/** What was not known. The last value of a metric may be: of a window over it all samples must. */
function unknown({ kind, name, why }) {
  if (kind === "history") return ["what was done before, or what facts were then"];
  const missing = kind === "metric" ? "is missing, or does not fill a window" : "is missing";
  return [`${kind} `, code(name), ` ${why === "missing" ? missing : `is ${why}`}`];
}
