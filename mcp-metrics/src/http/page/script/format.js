// Number formatting. Unknown values are null, and shown as a dash.

const NONE = "–";
const [WHOLE, TENTHS, HUNDREDTHS] = [0, 1, 2].map(
  (digits) =>
    new Intl.NumberFormat("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);

const BOUND = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

function asCount(value) {
  return WHOLE.format(value);
}

/** Formats a large count with three digits and a unit, such as 12.3K. */
function asCompact(value) {
  return COMPACT.format(value);
}

/** Formats about three digits; a nonzero value is never shown as zero. */
function decimal(value) {
  if (value === 0) return "0";
  if (value < 0.01) return "< 0.01";
  if (value < 0.995) return HUNDREDTHS.format(value);
  return (value < 100 ? TENTHS : WHOLE).format(value);
}

function asRate(perSecond) {
  return perSecond === null ? NONE : decimal(perSecond);
}

function asRatio(part) {
  if (part === null) return NONE;
  const percent = part * 100;
  if (percent === 0 || percent === 100) return `${percent}%`;
  if (percent < 0.1) return "< 0.1%";
  if (percent > 99.9) return "> 99.9%";
  return `${TENTHS.format(percent)}%`;
}

/**
 * Formats a request duration. With `above` or `below`, only a bound is known, which is usually a round
 * number.
 */
function asSeconds({ value, above, below }) {
  if (value === null) return NONE;
  if (above) return `> ${BOUND.format(value)} s`;
  if (below) return value < 1 ? `< ${BOUND.format(value * 1000)} ms` : `< ${BOUND.format(value)} s`;
  if (value >= 0.9995) return `${decimal(value)} s`;
  const milliseconds = value * 1000;
  return `${milliseconds < 10 ? decimal(milliseconds) : WHOLE.format(milliseconds)} ms`;
}

/** Formats a long duration with its two most significant units. */
function asSpan(seconds) {
  const units = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];
  let rest = Math.floor(seconds);
  if (rest < 1) return "0 s";
  const first = units.findIndex(([size]) => rest >= size);
  const parts = [];
  for (const [size, unit] of units.slice(first, first + 2)) {
    parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.filter((part, at) => at === 0 || !part.startsWith("0 ")).join(" ");
}

/** Formats the time span of a figure in a single unit, since it changes constantly. */
function asReach(seconds) {
  if (seconds < 59.5) return `${WHOLE.format(seconds)} s`;
  return `${Number((seconds / 60).toFixed(1))} min`;
}

function asBytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${decimal(value)} ${units[unit]}`;
}
