// The stretch of time that is shown: one for all charts.

const SHORTEST = 10 * SECOND;

const view = {
  first: report.from,
  last: Math.max(report.to, report.from + SHORTEST),
  from: report.from,
  to: Math.max(report.to, report.from + SHORTEST),
  watchers: [],
  asked: false,

  /** Shows that stretch, or as much of it as there is. */
  show(from, to) {
    const length = Math.min(Math.max(to - from, SHORTEST), this.last - this.first);
    const start = Math.min(Math.max(from, this.first), this.last - length);
    this.from = Math.round(start);
    this.to = Math.round(start + length);
    this.announce();
  },

  /** Shows all of it. */
  all() { this.show(this.first, this.last); },

  /** Closer with a factor under 1, around a moment that stays where it is: the chosen proposal's, or the middle. */
  zoom(factor, around = this.centre()) {
    const length = Math.max((this.to - this.from) * factor, SHORTEST);
    const share = (around - this.from) / (this.to - this.from);
    this.show(around - share * length, around + (1 - share) * length);
  },

  centre() {
    const at = chosen.proposal?.t;
    return at >= this.from && at <= this.to ? at : (this.from + this.to) / 2;
  },

  /** Later by that share of what is shown; earlier when negative. */
  pan(share) {
    const length = this.to - this.from;
    const start = Math.min(Math.max(this.from + share * length, this.first), this.last - length);
    this.show(start, start + length);
  },

  /** Moves as little as needed to have that moment in sight. */
  reveal(at) {
    const length = this.to - this.from;
    if (at < this.from || at > this.to) this.show(at - length / 2, at + length / 2);
  },

  /** What is shown, in words: `2026-01-31 14:05 – 2026-01-31 16:05 · 2h of 14d · hidden: allowed`. */
  told() {
    const length = this.rounded(this.to) - this.rounded(this.from), whole = this.last - this.first;
    const hidden = TIERS.filter(tier => chosen.hidden.has(tier)).map(tier => TIER_NAMES[tier]);
    return `${this.moment(this.from)} – ${this.moment(this.to)} · ${span(length)}` + (this.to - this.from < whole ? ` of ${span(whole)}` : "")
      + (hidden.length > 0 ? ` · hidden: ${hidden.join(", ")}` : "");
  },

  /** A moment of the stretch as text. */
  moment(at, finest) { return moment(this.rounded(at, finest), this.isEnd(at) ? report.clock : "minutes"); },

  /** As finely as a moment can be pointed at; the ends of the history stay what they are. */
  rounded(at, finest = this.to - this.from > 2 * HOUR ? MINUTE : SECOND) { return this.isEnd(at) ? at : Math.round(at / finest) * finest; },

  isEnd(at) { return at === this.first || at === this.last; },

  /** Has everything drawn again, once however often it is asked before the next frame. */
  announce() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.watchers.forEach(watch => watch());
    });
  },
};

/** Where the pointer is, as a share of the width that all charts have, and the moment under it in what is shown now. */
const pointer = {
  share: null,
  watchers: [],
  get at() { return this.share === null ? null : view.from + this.share * (view.to - view.from); },
};

function point(share) {
  pointer.share = share;
  pointer.watchers.forEach(watch => watch());
}
