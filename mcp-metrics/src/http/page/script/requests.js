
// The table of agents and operations.

/** The columns: heading, cell contents and sort key of each. */
const COLUMNS = [
  { name: "agent", text: "Agent", label: true },
  { name: "operation", text: "Operation", label: true },
  { name: "rate", text: "Rate /s", show: (cell, { rate }) => setNumber(cell, asRate(rate), rate) },
  { name: "trend", text: "Trend", chart: true },
  {
    name: "errors",
    text: "Errors",
    show: (cell, row) => {
      setNumber(cell, asRatio(row.errors), row.errors, `${asCount(row.failed)} of ${asCount(row.ended)}`);
      showSeverity(cell, row.errors);
    },
  },
  { name: "p50", text: "p50", show: (cell, row) => showQuantile(cell, row.p50) },
  { name: "p95", text: "p95", show: (cell, row) => showQuantile(cell, row.p95) },
  {
    name: "active",
    text: "Active",
    title: "of the agent, in all its operations",
    show: (cell, { active }) => setNumber(cell, asCount(active), active),
  },
  { name: "total", text: "Total", show: (cell, { total }) => setNumber(cell, asCount(total), total) },
];

/** The error ratios from which a row is highlighted as a warning and as bad. */
const SOME_FAIL = 0.01;
const MANY_FAIL = 0.1;

function showSeverity(node, errors) {
  node.classList.toggle("warn", errors >= SOME_FAIL && errors < MANY_FAIL);
  node.classList.toggle("bad", errors >= MANY_FAIL);
}

const order = { column: "agent", descending: false };

function showQuantile(cell, time) {
  setNumber(cell, asSeconds(time), time.value, "estimated from the histogram’s buckets");
}

/** Returns a row's sort key; unknown values sort below all others. */
function sortKey(row, column) {
  const value = row[column];
  if (value === null) return -1;
  if (typeof value !== "object") return value;
  return value.value === null ? -1 : value.value + (value.above ? 1 : 0);
}

function inOrder(a, b) {
  const [x, y] = [sortKey(a, order.column), sortKey(b, order.column)];
  const first = typeof x === "string" ? compare(x, y) : x - y;
  const turned = order.descending ? -first : first;
  return turned || compare(a.agent, b.agent) || compare(a.operation, b.operation);
}

/** Creates the headings; calls `sorted` after a change of the order. */
function prepareRequests(sorted) {
  const head = byId("requests-table").tHead.rows[0];
  for (const column of COLUMNS) {
    const cell = element("th", { scope: "col", role: "columnheader" });
    if (!column.label && !column.chart) cell.className = "number";
    head.append(cell);
    if (column.chart) {
      cell.className = "trend";
      cell.append(column.text);
      continue;
    }
    const button = element("button", { type: "button", "data-column": column.name }, column.text);
    if (column.title) {
      button.append(element("span", { class: "unseen" }, ` ${column.title}`));
      button.title = column.title;
    }
    button.addEventListener("click", () => {
      const again = order.column === column.name;
      // Names ascending, numbers descending at first.
      order.descending = again ? !order.descending : !column.label;
      order.column = column.name;
      showOrder(head);
      sorted();
    });
    cell.append(button);
  }
  showOrder(head);
}

function showOrder(head) {
  for (const cell of head.cells) {
    const column = cell.firstElementChild?.dataset.column;
    if (column === undefined) continue;
    const direction = order.descending ? "descending" : "ascending";
    setAttribute(cell, "aria-sort", column === order.column ? direction : "none");
  }
}

/** The row of one of the `requests` or `tools`. */
function rowOf(history, kind, key) {
  const counters = history.last[kind].get(key);
  const { ended, failed, bounds, counts, recent } = history.recent(kind, key);
  return {
    ...counters,
    types: counters.errors,
    key,
    ended,
    failed,
    recent,
    errors: ended > 0 ? failed / ended : null,
    p50: quantile(0.5, bounds, counts),
    p95: quantile(0.95, bounds, counts),
    points: history.series((moment) => moment[kind].get(key)?.rate),
  };
}

/** The rows: agents and operations with at least one request. */
function requestRows(history) {
  const rows = [];
  for (const [key, { agent, total }] of history.last.requests) {
    const active = history.last.active.get(agent) ?? 0;
    if (total > 0) rows.push({ ...rowOf(history, "requests", key), active });
  }
  return rows.sort(inOrder);
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

/** Shows `rows` in a section's table with these columns. */
function showColumns(section, columns, rows, now) {
  showRows(section, rows, {
    key: (row) => row.key,
    create: (row) => createRow(columns, row),
    update: (node, row) => updateRow(columns, node, row, now),
  });
}

function showRequests(history) {
  const rows = requestRows(history);
  showColumns(byId("requests"), COLUMNS, rows, history.last.at);
  setText(byId("requests-note"), spanNote(history, rows));
}

function createRow(columns, row) {
  const node = element("tr", { role: "row" });
  for (const column of columns) {
    const { name, text } = column;
    const kind = column.label ? ["th", { scope: "row", role: "rowheader" }] : ["td", { role: "cell" }];
    const cell = element(kind[0], { ...kind[1], "data-column": name, "data-label": text });
    if (column.label) {
      cell.append(label(row[name]));
    } else if (column.chart) {
      const svg = document.createElementNS(SVG, "svg");
      setAttribute(svg, "class", "chart");
      setAttribute(svg, "role", "img");
      setAttribute(svg, "viewBox", "0 0 100 24");
      setAttribute(svg, "preserveAspectRatio", "none");
      cell.className = "trend";
      cell.append(svg);
    } else {
      cell.className = "number";
    }
    node.append(cell);
  }
  return node;
}

function updateRow(columns, node, row, now) {
  node.classList.toggle("since-start", !row.recent);
  for (const [at, column] of columns.entries()) {
    const cell = node.cells[at];
    if (column.show) column.show(cell, row);
    if (column.chart) {
      const svg = cell.firstElementChild;
      const { peak, reach } = draw(svg, [{ name: "all", points: row.points }], now);
      setAttribute(svg, "aria-label", `at most ${decimal(peak)} per second in ${asReach(reach)}`);
    }
  }
}
