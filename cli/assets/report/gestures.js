// Dragging, panning and the wheel, alike on every chart.

/** A drag shorter than this is a click. */
const CLICK = 5;

/** The wheel that scrolls the page goes on scrolling it, whatever passes under the pointer. */
const SCROLLING = 300;
let scrolled = -SCROLLING;
document.addEventListener("scroll", () => { scrolled = performance.now(); }, { passive: true });
const isScrolling = () => performance.now() - scrolled < SCROLLING;

/**
 * Zoom and pan on `area`, whose left edge is `view.from` and right edge `view.to`.
 * `eager`: the wheel zooms without a click before, unless it is scrolling the page.
 */
function gestures(area, { eager = false, click = () => {} } = {}) {
  const momentAt = x => view.from + (x / area.clientWidth) * (view.to - view.from);
  const placeOf = event => Math.min(Math.max(event.clientX - area.getBoundingClientRect().left, 0), area.clientWidth);
  const band = element("div", { class: "band", hidden: true });
  area.append(band);
  area.classList.add("gestures");
  let drag = null;

  area.addEventListener("pointerdown", event => {
    if (event.button !== 0) return;
    const x = placeOf(event);
    drag = { x, last: x, pan: event.shiftKey, moved: false };
  });
  area.addEventListener("pointermove", event => {
    const x = placeOf(event);
    point(x / area.clientWidth);
    if (!drag) return;
    if (!drag.moved && Math.abs(x - drag.x) >= CLICK) {
      drag.moved = true;
      area.setPointerCapture(event.pointerId);
    }
    if (!drag.moved) return;
    if (drag.pan) view.pan((drag.last - x) / area.clientWidth);
    else stretch(x);
    drag.last = x;
  });
  function stretch(x) {
    band.hidden = false;
    band.style.left = `${Math.min(x, drag.x)}px`;
    band.style.width = `${Math.abs(x - drag.x)}px`;
  }
  function end(event, done) {
    if (!drag) return;
    const { x, moved, pan } = drag;
    drag = null;
    band.hidden = true;
    if (!done) return;
    const to = placeOf(event);
    if (!moved) click(event);
    else if (!pan) view.show(momentAt(Math.min(x, to)), momentAt(Math.max(x, to)));
  }
  area.addEventListener("pointerup", event => end(event, true));
  area.addEventListener("pointercancel", event => end(event, false));
  area.addEventListener("pointerleave", () => { if (!drag) point(null); });
  area.addEventListener("dblclick", () => view.all());
  area.addEventListener("wheel", event => {
    const host = area.closest("[tabindex]");
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (sideways) {
      event.preventDefault();
      view.pan(event.deltaX / area.clientWidth);
    } else if ((eager && !isScrolling()) || event.ctrlKey || event.metaKey || (host && host === document.activeElement)) {
      event.preventDefault();
      view.zoom(Math.exp(Math.max(-120, Math.min(120, event.deltaY)) / 400), momentAt(placeOf(event)));
    }
  }, { passive: false });
}
