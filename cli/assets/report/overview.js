// The whole history in one strip, and the window on it that the charts show.

function overview() {
  const { metrics } = report.run;
  const isVarying = ({ trace }) => new Set(trace.values.filter(value => value !== null)).size > 1;
  const shown = metrics.find(one => one.objectives.length > 0) ?? metrics.find(isVarying) ?? metrics[0];
  const canvas = element("canvas", { height: 40 });
  const hold = (kind, name) => element("span", { class: `handle ${kind}`, "data-part": kind, title: name });
  const frame = element("div", { class: "window", "data-part": "all" }, hold("left", "drag: from here"), hold("right", "drag: to here"));
  const area = element("div", { class: "strip" }, canvas, frame);
  const label = element("div", { class: "lane-name" }, "whole history");
  byId("charts").append(element("div", { class: "lane overview", "aria-hidden": "true" }, label, area));
  const whole = view.last - view.first;
  const place = at => (at - view.first) / whole;

  view.watchers.push(() => {
    frame.style.left = `${100 * place(view.from)}%`;
    frame.style.width = `${100 * (place(view.to) - place(view.from))}%`;
  });
  painters.push(() => paint(canvas, area, shown, place));

  let drag = null;
  area.addEventListener("pointerdown", event => {
    const part = event.target.dataset.part ?? "none";
    const at = view.first + (event.offsetX / area.clientWidth) * whole, length = view.to - view.from;
    if (part === "none") view.show(at - length / 2, at + length / 2);
    drag = { x: event.clientX, part, from: view.from, to: view.to };
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", event => {
    if (!drag) return;
    const by = ((event.clientX - drag.x) / area.clientWidth) * whole;
    const from = drag.part === "right" ? drag.from : drag.from + by, to = drag.part === "left" ? drag.to : drag.to + by;
    if (to > from) view.show(from, to);
  });
  for (const end of ["pointerup", "pointercancel"]) area.addEventListener(end, () => { drag = null; });
  area.addEventListener("dblclick", () => view.all());
  area.addEventListener("wheel", event => {
    if (isScrolling()) return;
    event.preventDefault();
    view.zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) / 400));
  }, { passive: false });
}

/** What is painted by hand, and again when the room or the colours change. */
const painters = [];

/** The silhouette of a metric, and beneath it where proposals were made: a mark for each, and a bar where some are not told. */
function paint(canvas, area, metric, place) {
  const width = area.clientWidth * devicePixelRatio, height = 40 * devicePixelRatio;
  if (width === 0) return;
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d"), colours = palette();
  if (metric) {
    const [xs, ys] = course(metric.trace);
    const known = ys.filter(value => value !== null);
    const [floor, most] = extent({ lines: [], bounds: [] }, known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity));
    pen.fillStyle = colours.series;
    pen.globalAlpha = 0.35;
    const greatest = new Map(), last = new Map();
    xs.forEach((at, index) => {
      const column = Math.floor(place(at) * width);
      if (ys[index] !== null) greatest.set(column, Math.max(greatest.get(column) ?? floor, ys[index]));
      last.set(column, ys[index] ?? floor);
    });
    let before = floor;
    for (let column = 0; column < width; column++) {
      const value = greatest.get(column) ?? before;
      const tall = ((value - floor) / (most - floor)) * (height - 8 * devicePixelRatio);
      pen.fillRect(column, height - tall - 5 * devicePixelRatio, 1, tall);
      before = last.get(column) ?? before;
    }
  }
  pen.globalAlpha = 1;
  const tick = (from, to) => pen.fillRect(Math.floor(from * width), height - 4 * devicePixelRatio, Math.max((to - from) * width, devicePixelRatio), 4 * devicePixelRatio);
  pen.fillStyle = colours.before;
  for (const { from, to } of runs.flatMap(({ run }) => Object.values(run.proposals.untold))) tick(place(from), place(to));
  pen.fillStyle = colours.ink;
  for (const one of proposals) tick(place(one.t), place(one.t));
}
