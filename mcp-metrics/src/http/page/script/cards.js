
// All sections of the page except the table of requests.

/** The percentages from which a gauge is highlighted as high and as critical. */
const HIGH = 80;
const FULL = 95;

/** The seconds after which a scrape is overdue, several times the usual interval. */
const STALE = 180;

function showHealth(summary) {
  const { app_name: name, app_version: version, system } = summary;
  setLabel(byId("app-name"), name);
  byId("app-version").hidden = version === "";
  setLabel(byId("app-version").querySelector("bdi"), version);
  setNumber(byId("uptime"), asSpan(summary.uptime_seconds), summary.uptime_seconds);
  const free = (bytes, what) => (bytes === null ? "" : `${asBytes(bytes)} ${what}`);
  showGauge("cpu", system.cpu_usage_percent, "");
  showGauge("memory", system.memory_usage_percent, free(system.memory_available_bytes, "available"));
  showGauge("disk", system.disk_usage_percent, free(system.disk_free_bytes, "free"));
}

function showGauge(id, percent, more) {
  const gauge = byId(id);
  const value = gauge.querySelector("dd");
  const known = percent === null ? "unknown" : `${WHOLE.format(percent)}%`;
  setNumber(value, known, percent, more);
  gauge.querySelector(".bar").style.setProperty("--share", String((percent ?? 0) / 100));
  gauge.classList.toggle("unknown", percent === null);
  gauge.classList.toggle("high", percent >= HIGH && percent < FULL);
  gauge.classList.toggle("full", percent >= FULL);
}

function showFigures(history) {
  const { rate, total, failed, at } = history.last;
  const { ended, failed: badly, recent } = history.recentOverall();
  const errors = ended > 0 ? badly / ended : null;
  const active = [...history.last.active.values()].filter((n) => n > 0);
  const running = active.reduce((sum, n) => sum + n, 0);

  setNumber(byId("rate"), asRate(rate), rate);
  setNumber(byId("error-ratio"), asRatio(errors), errors);
  showSeverity(byId("error-ratio"), errors);
  setNumber(byId("active"), asCount(running), running);
  setNumber(byId("total"), asCount(total), total);

  const span = recent ? `in ${asReach(history.reach)}` : "since the start";
  setText(byId("error-note"), ended > 0 ? `${asCount(badly)} of ${asCount(ended)} ${span}` : "");
  const agents = active.length === 1 ? "1 agent" : `${active.length} agents`;
  setText(byId("active-note"), running > 0 ? `in ${agents}` : "none in flight");
  setText(byId("total-note"), total > 0 ? `${asCount(failed)} failed, since the start` : "no requests yet");

  const lines = [
    { name: "all", points: history.series((moment) => moment.rate) },
    { name: "failures", points: history.series((moment) => moment.failureRate) },
  ];
  const { peak, reach } = draw(byId("rate-chart"), lines, at);
  const chart = `${asReach(reach)}, peak ${decimal(peak)}`;
  setText(byId("rate-span"), chart);
  setAttribute(byId("rate-chart"), "aria-label", `Requests per second: ${chart}`);
}

/** Rows of a small table: the heading is from `head`, the other columns are from `cells`. */
function plainRows(key, head, cells) {
  return {
    key,
    create: (item) => {
      const row = element("tr", {}, element("th", { scope: "row" }, ...head(item)));
      for (const { text } of cells(item)) {
        if (text === undefined) row.append(element("td", { class: "number" }));
        else row.append(element("td", {}, label(text)));
      }
      return row;
    },
    update: (row, item) => {
      for (const [at, { text, number, value }] of cells(item).entries()) {
        const cell = row.cells[at + 1];
        if (text === undefined) setNumber(cell, number, value);
        else setLabel(cell.firstElementChild, text);
      }
    },
  };
}

const whole = (value) => ({ number: asCount(value), value });

/** The most places that are named for an error type. */
const MOST_PLACES = 3;

/** Names the first of the agents and operations that have failed with an error type. */
function asPlaces(places) {
  const named = places.slice(0, MOST_PLACES).join(", ");
  const more = places.length - MOST_PLACES;
  return more > 0 ? `${named} and ${asCount(more)} more` : named;
}

const ERROR_ROWS = plainRows(
  ({ type }) => type,
  ({ type }) => [label(type)],
  ({ recent, total, places }) => [
    { text: asPlaces(places) },
    recent === null ? { number: NONE, value: null } : whole(recent),
    whole(total),
  ],
);

const RETRY_ROWS = plainRows(
  ({ service }) => service,
  ({ service }) => [label(service)],
  ({ failed_attempts: attempts, exhausted }) => {
    const sorted = Object.entries(attempts).sort(([a], [b]) => compare(a, b));
    const total = sorted.reduce((sum, [, n]) => sum + n, 0);
    const each = sorted.map(([attempt, n]) => `${attempt}: ${asCount(n)}`);
    return [whole(total), { text: each.join(" · ") || NONE }, whole(exhausted)];
  },
);

const CACHE_ROWS = plainRows(
  (cache) => cache.cache_type,
  (cache) => [label(cache.cache_type)],
  ({ hits, misses }) => {
    const share = hits + misses > 0 ? hits / (hits + misses) : null;
    return [{ number: asRatio(share), value: share }, whole(hits), whole(misses)];
  },
);

const UNCALLED = {
  key: ({ agent, operation, module, line }) => JSON.stringify([agent, operation, module, line]),
  create: ({ agent, operation, module, line }) =>
    element(
      "li",
      {},
      element("span", { class: "name" }, label(agent), " ", label(operation)),
      " ",
      element("code", {}, label(`${module}:${line}`)),
    ),
  update: () => {},
};

function showCards(history, summary) {
  showRows(byId("errors"), history.errors(), ERROR_ROWS);
  showRows(byId("retries"), summary.retries, RETRY_ROWS);
  showRows(byId("caches"), summary.caches, CACHE_ROWS);
  const { success, failure } = summary.code_executions;
  const pairs = { "search-calls": summary.search_api_calls, "code-success": success, "code-failure": failure };
  for (const [id, value] of Object.entries(pairs)) setNumber(byId(id), asCount(value), value);

  const called = (f) => history.last.requests.get(JSON.stringify([f.agent, f.operation]))?.total > 0;
  const uncalled = summary.functions.filter((f) => !called(f));
  const section = byId("uncalled");
  showList(section.querySelector("ul"), uncalled, UNCALLED, section.querySelector(".empty"));
  const all = summary.functions.length > 0;
  setText(section.querySelector(".empty"), all ? "Every tracked function was called" : "No tracked functions");
}
