// Proposals by tier, tickets, and facts that are words: rows of their own above and between the charts.

/** Marks closer than this stand as one, with their number; it has two digits, or three. */
const CROWDED = [18, 26];
const ROW = 26;

/** A row of the time line: its name at the left, its drawing as wide as the charts' plots. */
function lane(name, { kind, age = "", height = ROW, eager = true, click, isHidden = () => false }) {
  const plot = drawn("svg", { height, width: "100%" });
  const area = element("div", { class: "lane-plot" }, plot);
  const label = element("div", { class: "lane-name" }, name, age ? element("small", {}, ` ${age}`) : null);
  const row = element("div", { class: `lane ${kind}`, role: "group" }, label, area);
  gestures(area, { eager, click });
  // Asked once for all marks: the browser would lay out the page for each answer.
  let room = 0;
  view.watchers.push(() => {
    // What is hidden has no width: it is to be seen first.
    row.hidden = isHidden();
    room = area.clientWidth;
  });
  const x = at => ((at - view.from) / (view.to - view.from)) * room;
  const upright = (at, kind) => drawn("line", { class: kind, x1: x(at), x2: x(at), y1: 0, y2: height });
  /** Draws the row anew, on the lines of the charts below. */
  const draw = (...marks) => {
    const now = chosen.proposal?.t;
    refill(plot, times(view.from, view.to, Math.max(2, room / LABEL)).map(at => upright(at, "grid")),
      now === undefined ? null : upright(now, "now"), marks);
  };
  return { row, x, draw, room: () => room };
}

/** Draws when what is shown changes, or what is chosen. */
function redrawn(draw) {
  view.watchers.push(draw);
  chosen.watchers.push(draw);
}

/** The rows of proposals, the strictest first, for each run. */
function proposalLanes() {
  const box = element("div", { class: "lanes proposals" });
  byId("charts").append(box);
  runs.forEach(({ run, age }, of) => {
    if (age) box.append(element("p", { class: "lane-age" }, age));
    for (const tier of [...TIERS].reverse()) {
      const mine = proposals.filter(one => one.of === of && one.verdict.tier === tier);
      const made = run.proposals.counts[tier], told = mine.length < made ? `${mine.length} of ${made}` : made;
      const untold = run.proposals.untold[tier], missing = `${(made - mine.length).toLocaleString("en")} not shown`;
      const isHidden = () => chosen.hidden.has(tier);
      const one = lane(element("span", { class: tier }, mark(tier), TIER_NAMES[tier]), { kind: tier, isHidden });
      one.row.setAttribute("aria-label", `${TIER_NAMES[tier]}${age && `, ${age}`}: ${told} proposals`);
      box.append(one.row);
      const draw = () => {
        if (isHidden()) return;
        const hatched = untold && stretch(one, untold.from, untold.to, 4.5, "untold", missing,
          `${TIER_NAMES[tier]}: ${missing}`, `counted only, between ${moment(untold.from)} and ${moment(untold.to)}`);
        one.draw(hatched, crowds(mine, one.x).map(group => crowd(group, one.x, tier)));
      };
      redrawn(draw);
    }
  });
}

/** The proposals in sight, those that would overlap together. */
function crowds(list, x) {
  const groups = [];
  for (const proposal of list) {
    if (proposal.t < view.from || proposal.t > view.to) continue;
    const group = groups.at(-1);
    if (group && x(proposal.t) - x(group[0].t) < CROWDED[group.length < 99 ? 0 : 1]) group.push(proposal);
    else groups.push([proposal]);
  }
  return groups;
}

/** One mark for a group of proposals. */
function crowd(group, x, tier) {
  const at = group.find(one => one === chosen.proposal) ?? group[0];
  const many = group.length > 1;
  const name = `${at.verdict.proposal}, ${TIER_NAMES[tier]}, ${moment(at.t)}` + (many ? `, and ${group.length - 1} more` : "");
  const wake = event => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open(at);
  };
  return drawn("g", {
    class: `proposal ${tier}` + (at === chosen.proposal ? " chosen" : ""), transform: `translate(${x(at.t).toFixed(1)} ${ROW / 2})`,
    role: "button", tabindex: at === chosen.proposal ? "0" : "-1", "aria-label": name,
    "data-count": group.length, "data-index": at.index, click: () => choose(at), keydown: wake,
    pointerenter: event => tip(event, many ? `${group.length} proposals, the first: ${at.verdict.proposal}` : at.verdict.proposal, moment(at.t)),
    pointerleave: () => tip(null),
  },
  drawn("circle", { class: "halo", r: "11" }),
  drawn("use", { href: `#${tier}`, x: "-8", y: "-8", width: "16", height: "16" }),
  many ? drawn("text", { class: "many", x: "7", y: "-4" }, count(group.length)) : null);
}

const count = number => number < 1000 ? String(number) : `${(number / 1000).toFixed(number < 9950 ? 1 : 0)}k`;

/** Tickets as spans, stacked where they overlap. */
function ticketLanes() {
  runs.forEach(({ run, age }) => {
    if (run.tickets.length === 0) return;
    const rows = [];
    for (const ticket of run.tickets) {
      const row = rows.findIndex(end => end <= ticket.from);
      ticket.row = row < 0 ? rows.length : row;
      rows[ticket.row] = ticket.to ?? view.last;
    }
    const one = lane("tickets", { kind: "tickets", age, height: rows.length * 20 + 4 });
    byId("charts").append(element("div", { class: "lanes" }, one.row));
    redrawn(() => one.draw(run.tickets.map(ticket => {
      const text = `${ticket.name} ${ticket.pair ?? ""}`;
      const until = ticket.to === null ? "still open" : `${span(ticket.to - ticket.from)}, to ${moment(ticket.to)}`;
      return stretch(one, ticket.from, ticket.to ?? view.last, ticket.row * 20 + 2, `ticket ${ticket.severity}`, text,
        `${ticket.severity} ${ticket.kind} ticket ${text}`, `${moment(ticket.from)}, ${until}`);
    })));
  });
}

/** A fact that is a word: a span for each value. */
function wordLane({ name, course: { words } }, age) {
  const one = lane(name, { kind: "words", age, eager: false });
  byId("charts").append(element("div", { class: "lanes" }, one.row));
  const kinds = [...new Set(words.changes.map(({ word }) => word))];
  redrawn(() => one.draw(words.changes.map(({ t: from, word }, at) => {
    const to = words.changes[at + 1]?.t ?? view.last;
    const look = word === null ? "unknown" : `word-${kinds.indexOf(word) % 4}`;
    return stretch(one, from, to, 4, `word ${look}`, word ?? "unknown", `${name} ${word ?? "unknown"}`, `${moment(from)}, for ${span(to - from)}`);
  })));
}

/** A span of a lane, named inside where there is room. */
function stretch({ x, room }, from, to, y, kind, text, title, detail) {
  if (to < view.from || from > view.to) return null;
  const left = Math.max(x(from), -2), right = Math.min(x(to), room() + 2), width = Math.max(right - left, 2);
  const letters = Math.floor((width - 10) / 6.2);
  const shown = text.length <= letters ? text : letters > 3 ? `${text.slice(0, letters - 1)}…` : "";
  return drawn("g", {
    class: kind, role: "img", "aria-label": `${title}, ${detail}`,
    pointerenter: event => tip(event, title, detail), pointerleave: () => tip(null),
  },
  drawn("rect", { x: left.toFixed(1), y, width: width.toFixed(1), height: 17, rx: 3 }),
  shown ? drawn("text", { x: (left + 6).toFixed(1), y: y + 12.5 }, shown) : null);
}

/** A few words beside the pointer. */
function tip(event, title, detail) {
  const box = byId("tip");
  box.hidden = !event;
  if (!event) return;
  refill(box, element("b", {}, title), element("span", {}, detail));
  const left = Math.min(event.clientX + 14, document.documentElement.clientWidth - box.offsetWidth - 8);
  box.style.left = `${Math.max(left, 8)}px`;
  box.style.top = `${event.clientY + 16}px`;
}
