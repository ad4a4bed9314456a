// Values and times as people read them; the suffixes come from the one table of units of the language.

const TIER_NAMES = { allowed: "allowed", approval_required: "approval required", forbidden: "forbidden" };
const TIERS = Object.keys(TIER_NAMES);

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** A value is written with a power of ten where it would have more characters than this. */
const AMOUNT_LENGTH = 11;

/** A value in base units, with about four digits: `82.4%`, `200ms`, `1.5Gi`, `1e300`. */
function amount(value, unit) {
  if (value === null || value === undefined) return "unknown";
  const { dollar, suffixes } = units[unit];
  const size = Math.abs(value);
  const perSecond = ([text]) => text === "s" || text === "/s";
  const fitting = unit === "spend" ? suffixes[0] : suffixes.find(([, factor]) => size >= factor);
  const [text, factor] = fitting ?? (size === 0 ? suffixes.find(perSecond) : null) ?? suffixes.at(-1) ?? ["", dollar ? 100 : 1];
  const written = number => (value < 0 ? "−" : "") + (dollar ? "$" : "") + number + text;
  const plain = written(digits(size / factor)), short = written(power(size / factor));
  return plain.length > AMOUNT_LENGTH && short.length < plain.length ? short : plain;
}

/** `1.235e9` */
function power(number) {
  return Number(number.toPrecision(4)).toExponential().replace("+", "");
}

function digits(number) {
  if (number >= 1000) return Math.round(number).toLocaleString("en");
  return String(Number(number.toPrecision(4)));
}

/** Steps between the lines of a value axis that read well in the unit: minutes by sixties, memory by 1024. */
function increments(unit) {
  const tens = [];
  for (let power = -3; power <= 307; power++) for (const digit of [1, 2, 5]) tens.push(Number(`${digit}e${power}`));
  if (unit === "bytes") return Array.from({ length: 1024 }, (_, power) => 2 ** power);
  if (unit === "count") return tens.filter(step => step >= 1);
  if (unit === "duration") {
    const long = [1, 2, 5, 10, 15, 30];
    const minutes = long.map(n => n * MINUTE), hours = [1, 2, 4, 6, 12].map(n => n * HOUR), days = tens.filter(n => n >= 1).map(n => n * DAY).filter(Number.isFinite);
    return [...tens.filter(step => step < MINUTE / 4), 15 * SECOND, 30 * SECOND, ...minutes, ...hours, ...days];
  }
  const base = unit === "rate" || unit === "spend" ? units[unit].suffixes[0][1] : 1;
  return tens.map(step => step * base).filter(Number.isFinite);
}

const two = number => String(number).padStart(2, "0");

/** `2026-01-31 14:05`, as finely as that clock tells time, with seconds where they are not zero; UTC. */
function moment(ms, clock = report.clock) {
  const end = Math.max({ minutes: 16, seconds: 19, milliseconds: 23 }[clock], ms % MINUTE === 0 ? 16 : 19);
  return new Date(ms).toISOString().slice(0, end).replace("T", " ");
}

/** A span of time in its two largest units: `3d 4h`. */
function span(ms) {
  const parts = [["d", DAY], ["h", HOUR], ["m", MINUTE], ["s", SECOND], ["ms", 1]];
  const at = parts.findIndex(([, size]) => ms >= size);
  if (at < 0) return "0s";
  const [name, size] = parts[at], [next, smaller] = parts[at + 1] ?? ["", 1];
  const whole = Math.floor(ms / size), rest = Math.floor((ms % size) / smaller);
  return `${whole}${name}` + (rest > 0 && next ? ` ${rest}${next}` : "");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Where the lines of the time axis stand: at round times, no closer than a label is wide. */
function times(from, to, most) {
  const steps = [1, 2, 5, 10, 15, 30].map(n => n * SECOND)
    .concat([1, 2, 5, 10, 15, 30].map(n => n * MINUTE), [1, 2, 3, 6, 12].map(n => n * HOUR), [1, 2, 7, 14].map(n => n * DAY));
  const step = steps.find(step => (to - from) / step <= most);
  const found = [];
  if (step) {
    // Weeks begin on a Monday, and 1970 began on a Thursday.
    const offset = step % (7 * DAY) === 0 ? 4 * DAY : 0;
    for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) found.push(at);
    return found;
  }
  const first = new Date(from), months = [1, 2, 3, 6, 12, 24, 60, 120].find(n => (to - from) / (n * 30 * DAY) <= most) ?? 1200;
  for (let month = first.getUTCFullYear() * 12; ; month += months) {
    const at = Date.UTC(Math.floor(month / 12), month % 12);
    if (at > to) return found;
    if (at >= from) found.push(at);
  }
}

/** The labels of those lines: the clock, and the day where it changes. */
function timeLabels(marks) {
  return marks.map((at, index) => {
    const date = new Date(at), before = index > 0 ? new Date(marks[index - 1]) : null;
    const midnight = at % DAY === 0;
    if (midnight && date.getUTCDate() === 1 && marks.length > 1 && marks[1] - marks[0] > 20 * DAY) {
      const january = date.getUTCMonth() === 0;
      return january || !before ? `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}` : MONTHS[date.getUTCMonth()];
    }
    const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}`;
    if (midnight) return day;
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}` + (at % MINUTE ? `:${two(date.getUTCSeconds())}` : "");
    return before && before.getUTCDate() !== date.getUTCDate() ? `${day} ${clock}` : clock;
  });
}
