// One chart of uPlot for each metric and each fact that is a number.

const AXIS = 84;

/** So wide is the line beyond a bound: it covers uPlot's own, which draws the samples of one pixel in that or the one before. */
const BEYOND = 2.5;

/** The room for a label of the time axis. */
const LABEL = 90;
const charts = [];

/** The chart of a metric, with what it is held against. `old` is the same metric as the old policy had it, where that differs. */
function metricChart(metric, old) {
  const others = [];
  if (metric.recorded) others.push({ course: course(metric.recorded), name: "as recorded", colour: "before", dash: [] });
  if (old) others.push({ course: course(old.trace), name: "old", colour: "before", dash: [6, 3] });
  const wanted = new Set(metric.objectives.map(one => one.text));
  // A band has two thresholds and is written once.
  const spoken = new Map(metric.thresholds.map(one => [`${one.by}: ${one.text}`, one]));
  const chips = [
    ...[...wanted].map(text => element("li", { class: "objective" }, "objective ", element("code", {}, text), unmet(text))),
    ...[...spoken.values()].map(one => element("li", { class: "threshold" }, `${one.by}: `, element("code", {}, one.text))),
    ...others.map(another),
  ];
  const moving = (bound, colour, dash) => ({ course: course(bound.trace), colour, dash, steps: true });
  const sides = metric.objectives.flatMap(({ low, high }) => [[low, -1], [high, 1]]).filter(([bound]) => bound?.trace);
  others.push(...sides.map(([bound]) => moving(bound, "edge", [])));
  others.push(...metric.thresholds.filter(one => one.value.trace).map(one => moving(one.value, "threshold", [5, 4])));
  const [colour, dash] = metric.model ? ["model", [7, 4]] : ["series", []];
  const beyond = sides.length > 0 ? [{ course: outside(course(metric.trace), sides), colour: "outside", dash: [] }] : [];
  const notes = [];
  if (metric.model) notes.push(element("p", { class: "model" }, element("b", {}, "A model, not data. "), metric.model));
  const fixed = bound => typeof bound === "number" ? bound : null;
  return chart({
    name: metric.name, unit: metric.unit, trace: metric.trace, others, beyond, chips, notes, height: 150,
    colour, dash,
    bounds: metric.objectives.map(({ low, high }) => ({ low: fixed(low), high: fixed(high) })).filter(({ low, high }) => low !== null || high !== null),
    lines: metric.thresholds.map(one => fixed(one.value)).filter(value => value !== null),
  });
}

/** For how long an objective was unmet, if it was. */
function unmet(text) {
  const fared = report.run.objectives.find(({ objective }) => objective === text);
  return fared?.outside_ms > 0 ? element("b", {}, ` unmet for ${span(fared.outside_ms)}`) : null;
}

/** A course where it is beyond bounds that move, above (1) or below (-1) them, from where it crosses them; nothing elsewhere. */
function outside([xs, ys], sides) {
  const bounds = sides.map(([bound, side]) => [...course(bound.trace), side]);
  const excess = index => ys[index] === null ? null : Math.max(...bounds.map(([times, values, side]) => {
    const bound = valueAt(times, values, xs[index]);
    return bound === null ? -Infinity : (ys[index] - bound) * side;
  }));
  const found = [[], []];
  const add = (at, value) => { found[0].push(at); found[1].push(value); };
  let before = null;
  xs.forEach((at, index) => {
    const now = excess(index);
    if (Number.isFinite(before) && Number.isFinite(now) && before > 0 !== now > 0 && at > xs[index - 1]) {
      const share = before / (before - now), from = xs[index - 1];
      add(from + share * (at - from), ys[index - 1] + share * (ys[index] - ys[index - 1]));
    }
    add(at, now > 0 ? ys[index] : null);
    before = now;
  });
  return found;
}

/** The chart of a fact: steps, for it is what was last seen. */
function factChart(name, { unit, trace }, old) {
  const others = old ? [{ course: course(lasting(old.trace)), name: "old", colour: "before", dash: [6, 3], steps: true }] : [];
  return chart({
    name, unit, trace: lasting(trace), others, beyond: [], chips: others.map(another), notes: [],
    height: 78, colour: "series", dash: [], bounds: [], lines: [], steps: true,
  });
}

const another = ({ name }) => element("li", { class: name === "old" ? "other old" : "other" }, name);

/** A fact keeps its last value to the end. */
function lasting(trace) {
  const [xs] = course(trace);
  const end = xs.at(-1);
  if (end === undefined || end >= view.last) return trace;
  return { ...trace, steps: [...trace.steps, view.last - end], values: [...trace.values, trace.values.at(-1)] };
}

function chart(what) {
  const reading = element("output", { class: "reading" });
  const plot = element("div", { class: "plot" });
  const table = element("details", { class: "as-table", toggle: event => { if (event.target.open) fillTable(event.target, what); } },
    element("summary", {}, "table"));
  const figure = element("figure", {
    class: what.steps ? "chart fact" : "chart metric", tabindex: "0", "data-name": what.name,
    "aria-label": `${what.name}, ${what.steps ? "fact" : "metric"}; ${described(what)}`,
  },
  element("figcaption", {}, element("h3", {}, what.name), reading, element("ul", { class: "chips" }, what.chips)),
  plot, what.notes, table);
  byId("charts").append(figure);

  const unknown = gaps(what);
  if (what.trace.width > 1) {
    figure.querySelector(".chips").append(element("li", { class: "merged" }, `least and greatest of every ${span(what.trace.width)}`));
  }
  if (unknown.length > 0) figure.querySelector(".chips").append(element("li", { class: "unknown" }, "unknown"));
  const data = joined([...what.others.map(one => one.course), course(what.trace), ...what.beyond.map(one => one.course)]);
  const u = new uPlot(options(what, unknown, plot), data, plot);
  charts.push(u);
  gestures(u.over);
  let over = null;
  const hover = event => {
    over = event;
    if (over) tip(over, amount(valueAt(xs, ys, pointer.at), what.unit), view.moment(pointer.at));
    else tip(null);
  };
  u.over.addEventListener("pointermove", hover);
  u.over.addEventListener("pointerleave", () => hover(null));
  const now = element("div", { class: "now-line" });
  u.over.append(now);
  const [xs, ys] = course(what.trace);
  const place = at => {
    const left = at === undefined || at === null ? -1 : u.valToPos(at, "x");
    return left > u.over.clientWidth ? -1 : left;
  };
  const read = () => {
    const at = pointer.at ?? chosen.proposal?.t ?? null;
    reading.textContent = at === null ? "" : amount(valueAt(xs, ys, at), what.unit);
    u.setCursor({ left: place(pointer.at), top: pointer.at === null ? -1 : 1 }, false);
    const left = place(chosen.proposal?.t);
    now.hidden = left < 0;
    now.style.left = `${left}px`;
  };
  pointer.watchers.push(read);
  view.watchers.push(() => {
    u.setScale("x", { min: view.from, max: view.to });
    // Another moment is under the pointer now.
    if (over) hover(over);
  });
  redrawn(read);
  return figure;
}

/** What a reader who cannot see the chart should know of it first. */
function described(what) {
  const known = what.trace.values.filter(value => value !== null);
  if (known.length === 0) return "never known";
  const low = known.reduce((a, b) => Math.min(a, b)), high = known.reduce((a, b) => Math.max(a, b));
  const gaps = what.trace.values.includes(null) ? ", with gaps" : "";
  return `between ${amount(low, what.unit)} and ${amount(high, what.unit)}${gaps}`;
}

/** The last value at or before that moment. */
function valueAt(xs, ys, at) {
  let low = 0, high = xs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (xs[middle] <= at) low = middle + 1; else high = middle;
  }
  return low === 0 ? null : ys[low - 1];
}

/** Several courses on one axis of time. uPlot joins what is undefined and breaks at null. */
function joined(courses) {
  return courses.length === 1 ? courses[0] : uPlot.join(courses, courses.map(() => [1, 1]));
}

/** The stretches of time over which nothing is known: until the next sample, if that is kept. */
function gaps({ trace }) {
  const [xs, ys] = course(trace), found = [];
  for (let at = 0; at < xs.length; at++) {
    if (ys[at] !== null) continue;
    const from = xs[at];
    while (at + 1 < xs.length && ys[at + 1] === null) at++;
    found.push([from, xs[trace.width === 1 ? at + 1 : at] ?? view.last]);
  }
  return found;
}

function options(what, unknown, plot) {
  const line = ({ colour, dash, steps }, width) => ({
    stroke: u => colour === what.colour ? graded(u, what.bounds, colour) : palette()[colour],
    width, dash, paths: steps ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(), spanGaps: false, points: { show: () => false, filter: isolated, size: 4 },
  });
  return {
    width: plot.clientWidth, height: what.height, ms: 1,
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: { x: true, y: false, points: { show: false }, drag: { x: false, y: false, setScale: false }, bind: UNBOUND },
    scales: { x: { time: false, min: view.from, max: view.to, range: () => [view.from, view.to] }, y: { range: (u, low, high) => extent(what, low, high) } },
    axes: [
      {
        stroke: () => palette().muted, font: FONT, size: 26, gap: 7, grid: { stroke: () => palette().line, width: 1 }, ticks: { show: false },
        splits: u => times(view.from, view.to, Math.max(2, (u.width - AXIS - 10) / LABEL)), values: timesInside,
      },
      {
        stroke: () => palette().muted, font: FONT, size: AXIS, gap: 6, space: what.steps ? 18 : 26, grid: { stroke: () => palette().line, width: 1 }, ticks: { show: false },
        incrs: increments(what.unit), values: (u, marks, axis, space, step) => marks.map(value => amount(Math.abs(value) < step / 2 ? 0 : value, what.unit)),
      },
    ],
    series: [{}, ...what.others.map(one => line(one, 1.25)), line(what, 1.5), ...what.beyond.map(one => ({ ...line(one, BEYOND), paths: everyPoint, cap: "round" }))],
    hooks: { drawClear: [u => ground(u, what, unknown)], draw: [u => held(u, what)] },
  };
}

// uPlot's own gestures are off: ours are the same on every part of the time line.
const UNBOUND = Object.fromEntries(["mousedown", "mouseup", "click", "dblclick", "mousemove", "mouseleave", "mouseenter"].map(name => [name, () => null]));

const FONT = "11px ui-sans-serif, system-ui, sans-serif";

/** What stands beneath the marks of an axis of time; nothing where it would be cut off at the right. */
function timesInside(u, marks) {
  const room = at => (view.to - at) / (view.to - view.from) * (u.width - AXIS - 10) + 10;
  return timeLabels(marks).map((label, at) => room(marks[at]) < label.length * 3.5 ? "" : label);
}

/** Where a value stands between two gaps: it is a point, for there is no line through it. */
function isolated(u, series) {
  const ys = u.data[series];
  const [from, to] = u.series[0].idxs;
  // What is undefined stands for nothing: another course on the same axis has a value there.
  const isBroken = at => at < 0 || at >= ys.length || ys[at] === null;
  const alone = [];
  for (let at = from; at <= to; at++) {
    if (typeof ys[at] === "number" && isBroken(at - 1) && isBroken(at + 1)) alone.push(at);
  }
  return alone.length > 0 ? alone : null;
}

/** Values that differ by a smaller share than this are drawn as one: between them a number has no digits for the lines of an axis. */
const SHARE_MIN = 1e-9;

/** The largest number of which an axis can have more on both sides of zero. */
const VALUE_MAX = Number.MAX_VALUE / 4;

/** The line through all points of a course: uPlot's own leaves out those that share a pixel with a gap. */
function everyPoint(u, series, from, to) {
  const xs = u.data[0], ys = u.data[series], stroke = new Path2D();
  let isDrawing = false;
  for (let at = from; at <= to; at++) {
    // Another course has a value there.
    if (ys[at] === undefined) continue;
    const isKnown = ys[at] !== null;
    if (isKnown) stroke[isDrawing ? "lineTo" : "moveTo"](Math.round(u.valToPos(xs[at], "x", true)), Math.round(u.valToPos(ys[at], "y", true)));
    isDrawing = isKnown;
  }
  return { stroke, fill: null, clip: null };
}

/** All values in sight and all that they are held against, from zero unless that would flatten them. */
function extent(what, low, high) {
  const marks = [...what.lines, ...what.bounds.flatMap(one => [one.low, one.high])].filter(value => value !== null);
  let least = Math.min(...marks, low ?? Infinity), most = Math.max(...marks, high ?? -Infinity);
  if (!Number.isFinite(least)) [least, most] = [0, 1];
  [least, most] = [least, most].map(value => Math.min(Math.max(value, -VALUE_MAX), VALUE_MAX));
  if (most - least <= Math.max(Math.abs(least), Math.abs(most)) * SHARE_MIN) [least, most] = [Math.min(least, 0), most + Math.max(Math.abs(most) * 0.1, 1)];
  const room = (most - least) * 0.08;
  const floor = least >= 0 && most - least > 0.2 * most ? 0 : least - room;
  return [floor, most + room];
}

/** The line's colour: another outside what is wanted. */
function graded(u, bounds, colour) {
  const { [colour]: series, outside } = palette();
  const highs = bounds.map(one => one.high).filter(value => value !== null), lows = bounds.map(one => one.low).filter(value => value !== null);
  if (highs.length + lows.length === 0) return series;
  const { min, max } = u.scales.y, { top, height } = u.bbox;
  if (!(max > min) || !Number.isFinite(height)) return series;
  const gradient = u.ctx.createLinearGradient(0, top, 0, top + height);
  const place = value => Math.min(Math.max((max - value) / (max - min), 0), 1);
  const above = highs.length ? place(Math.min(...highs)) : 0, below = lows.length ? place(Math.max(...lows)) : 1;
  for (const [at, colour] of [[0, above > 0 ? outside : series], [above, outside], [above, series], [below, series], [below, outside], [1, below < 1 ? outside : series]]) {
    gradient.addColorStop(at, colour);
  }
  return gradient;
}

/** Beneath the line: what is wanted, and where nothing is known. */
function ground(u, what, unknown) {
  const { ctx, bbox } = u, colours = palette();
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { low, high } of what.bounds) {
    const top = high === null ? bbox.top : u.valToPos(high, "y", true);
    const bottom = low === null ? bbox.top + bbox.height : u.valToPos(low, "y", true);
    ctx.fillStyle = colours.wanted;
    ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    ctx.strokeStyle = colours.edge;
    ctx.lineWidth = devicePixelRatio;
    for (const y of [high === null ? null : top, low === null ? null : bottom]) if (y !== null) across(ctx, bbox, y);
  }
  if (unknown.length > 0) ctx.fillStyle = hatch(ctx, colours.unknown);
  for (const [from, to] of unknown) {
    if (to < view.from || from > view.to) continue;
    const left = u.valToPos(from, "x", true), right = u.valToPos(to, "x", true);
    ctx.fillRect(left, bbox.top, Math.max(right - left, 1.5 * devicePixelRatio), bbox.height);
  }
  ctx.restore();
}

/** Above the line: thresholds. */
function held(u, what) {
  const { ctx, bbox } = u, colours = palette();
  ctx.save();
  ctx.strokeStyle = colours.threshold;
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const value of what.lines) across(ctx, bbox, u.valToPos(value, "y", true));
  ctx.restore();
}

function across(ctx, bbox, y) {
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}

/** Slanted lines, so that "unknown" is no colour among others. */
function hatch(ctx, colour) {
  const size = 8 * devicePixelRatio;
  const tile = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5 * devicePixelRatio;
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
    pen.stroke();
  }
  return ctx.createPattern(tile, "repeat");
}

/** Fits all charts to the room there is. */
function fit() {
  for (const u of charts) {
    const width = u.root.parentElement.clientWidth;
    if (width > 0) u.setSize({ width, height: u.height });
    // The axes too: with another width they have room for other marks.
    u.redraw(false, true);
  }
}
