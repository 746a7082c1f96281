
// The rows of the tables of requests, tools and models, and their order.

/** Adds to a row what its counts say. */
function withStatistics(row) {
  const { ended, failed, seconds, bounds, counts } = row;
  return {
    ...row,
    errors: ended > 0 ? failed / ended : null,
    mean: mean(seconds, counts),
    p50: quantile(0.5, bounds, counts),
    p95: quantile(0.95, bounds, counts),
  };
}

/** The row of one of the `requests`, `tools` or `models`. */
function rowOf(history, kind, key) {
  const counters = history.last[kind].get(key);
  return withStatistics({
    ...counters,
    types: counters.errors,
    key,
    ...pick(history.recent(kind, key)),
    // Only for the rows that are shown.
    points: () => history.series((moment) => moment[kind].get(key)?.rate),
  });
}

const pick = ({ ended, failed, seconds, bounds, counts, first, recent }) => ({ ended, failed, seconds, bounds, counts, first, recent });

/** The rows: agents and operations with at least one request, if they match the filter. */
function requestRows(history) {
  const wanted = choice.filter.trim().toLowerCase();
  const rows = [];
  for (const [key, { agent, operation, total }] of history.last.requests) {
    const active = history.last.active.get(agent) ?? 0;
    const matches = wanted === "" || `${agent} ${operation}`.toLowerCase().includes(wanted);
    if (total > 0 && matches) rows.push({ ...rowOf(history, "requests", key), active });
  }
  return rows;
}

/** The sum of an agent's rows: like the sums over all requests, of the recent ones if there are any. */
function groupRow(history, agent, members) {
  const recent = members.some((row) => row.recent);
  const used = members.filter((row) => row.recent === recent);
  const sum = (name, rows) => rows.reduce((sum, row) => sum + row[name], 0);
  const keys = members.map((row) => row.key);
  const rate = (moment) => {
    const rates = keys.map((key) => moment.requests.get(key)?.rate ?? null).filter((rate) => rate !== null);
    return rates.length > 0 ? rates.reduce((sum, rate) => sum + rate, 0) : null;
  };
  return withStatistics({
    key: JSON.stringify([agent]),
    agent,
    operation: "",
    members,
    recent,
    rate: rate(history.last),
    total: sum("total", members),
    active: members[0].active,
    ended: sum("ended", used),
    failed: sum("failed", used),
    seconds: sum("seconds", used),
    // All series of the family have the same bounds.
    bounds: used[0].bounds,
    counts: used[0].counts.map((_, at) => used.reduce((sum, row) => sum + row.counts[at], 0)),
    points: () => history.series(rate),
  });
}

/** Groups rows by agent. */
function grouped(history, rows) {
  const agents = new Map();
  for (const row of rows) {
    if (!agents.has(row.agent)) agents.set(row.agent, []);
    agents.get(row.agent).push(row);
  }
  return [...agents].map(([agent, members]) => groupRow(history, agent, members));
}

/** Returns a row's sort key; unknown values sort below all others. */
function sortKey(row, column) {
  const value = row[column];
  if (value === null) return -1;
  if (typeof value !== "object") return value;
  if (value.value === null) return -1;
  // A bound sorts behind the values on its other side.
  return value.value + (value.above ? 1e-9 : 0) - (value.below ? 1e-9 : 0);
}

function inOrder(a, b) {
  if (choice.failures && a.errors > 0 !== b.errors > 0) return a.errors > 0 ? -1 : 1;
  const [x, y] = [sortKey(a, choice.column), sortKey(b, choice.column)];
  const first = typeof x === "string" ? compare(x, y) : x - y;
  const turned = choice.descending ? -first : first;
  return turned || compare(a.agent, b.agent) || compare(a.operation, b.operation);
}

/** The time span of the rows' errors and durations; an empty text without rows. */
function spanNote(history, rows) {
  const reach = history.reach;
  const span = reach > 0 ? `over the last ${asReach(reach)}` : "since the start";
  const notes = [`Errors and durations ${span}`];
  if (reach > 0 && rows.some((row) => !row.recent && row.ended > 0)) {
    notes.push("where dimmed, since the start");
  }
  return rows.length > 0 ? notes.join("; ") : "";
}
