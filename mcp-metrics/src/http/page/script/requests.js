
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
  {
    name: "mean",
    text: "Mean",
    show: (cell, { mean }) => setNumber(cell, asSeconds(mean), mean.value, "exact: the sum of the durations by their number"),
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

function showQuantile(cell, time) {
  const bound = time.below ? "; below the first bound" : time.above ? "; above the last bound" : "";
  setNumber(cell, asSeconds(time), time.value, `estimated from the histogram’s buckets${bound}`);
}

/** Creates the headings and connects the controls; calls `changed` after a change of the choice. */
function prepareRequests(changed) {
  const columns = COLUMNS.filter((column) => !column.chart);
  readChoice(columns.map(({ name }) => name));
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
      const again = choice.column === column.name;
      // Names ascending, numbers descending at first.
      const descending = again ? !choice.descending : !column.label;
      choose({ column: column.name, descending, requests: 1 });
      showOrder(head);
      changed();
    });
    cell.append(button);
  }
  showOrder(head);
  prepareControls(changed);
  preparePager("requests", changed);
}

function prepareControls(changed) {
  const filter = byId("filter");
  const show = (changes) => {
    choose({ ...changes, requests: 1 });
    changed();
  };
  filter.value = choice.filter;
  filter.addEventListener("input", () => show({ filter: filter.value }));
  for (const name of ["group", "failures"]) {
    const box = byId(name);
    box.checked = choice[name];
    box.addEventListener("change", () => show({ [name]: box.checked }));
  }
  byId("requests-clear").addEventListener("click", () => {
    filter.value = "";
    show({ filter: "" });
    filter.focus();
  });
  byId("requests-table").addEventListener("click", ({ target }) => {
    const fold = target.closest("button.fold");
    if (fold === null) return;
    if (!choice.open.delete(fold.agent)) choice.open.add(fold.agent);
    choose({});
    changed();
  });
}

function showOrder(head) {
  for (const cell of head.cells) {
    const column = cell.firstElementChild?.dataset.column;
    if (column === undefined) continue;
    const direction = choice.descending ? "descending" : "ascending";
    setAttribute(cell, "aria-sort", column === choice.column ? direction : "none");
  }
}

/** Shows `rows` in a section's table with these columns. */
function showColumns(section, columns, rows, now) {
  showRows(section, rows, {
    key: (row) => row.key,
    create: (row) => createRow(columns, row),
    update: (node, row) => updateRow(columns, node, row, now),
  });
}

function showRequests(history, summary) {
  const matching = requestRows(history);
  const rows = (choice.group ? grouped(history, matching) : matching).sort(inOrder);
  const shown = pageOf("requests", rows, choice.group ? "agents" : "operations").flatMap((row) => {
    const isOpen = row.members !== undefined && choice.open.has(row.agent);
    return isOpen ? [row, ...row.members.sort(inOrder)] : [row];
  });
  showColumns(byId("requests"), COLUMNS, shown, history.last.at);
  setText(byId("requests-note"), spanNote(history, shown));
  showEmpty(history, summary);
}

/** Shows what to do next if there are no rows. */
function showEmpty(history, summary) {
  const some = history.last.total > 0;
  byId("controls").hidden = !some;
  byId("requests-clear").hidden = !some;
  const functions = summary.functions.length > 0;
  byId("next-call").hidden = some || !functions;
  byId("next-track").hidden = some || functions;
  const what = `No agent or operation contains “${choice.filter.trim()}”`;
  setText(byId("requests-none"), some ? what : "No requests yet");
}

function createRow(columns, row) {
  const node = element("tr", { role: "row" });
  for (const column of columns) {
    const { name, text } = column;
    const kind = column.label ? ["th", { scope: "row", role: "rowheader" }] : ["td", { role: "cell" }];
    const cell = element(kind[0], { ...kind[1], "data-column": name, "data-label": text });
    if (column.label) {
      cell.append(row.members === undefined ? label(row[name]) : groupLabel(name, row));
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

/** The label of an agent, which shows or hides its operations, or the number of these. */
function groupLabel(column, { agent }) {
  if (column !== "agent") return element("span", { class: "note" });
  const fold = element("button", { type: "button", class: "fold" }, label(agent));
  fold.agent = agent;
  return fold;
}

function updateRow(columns, node, row, now) {
  node.classList.toggle("since-start", !row.recent);
  node.classList.toggle("member", choice.group && row.operation !== undefined && row.members === undefined);
  if (row.members !== undefined) {
    const count = row.members.length;
    setText(node.cells[1].firstElementChild, count === 1 ? "1 operation" : `${asCount(count)} operations`);
    setAttribute(node.querySelector(".fold"), "aria-expanded", String(choice.open.has(row.agent)));
  }
  for (const [at, column] of columns.entries()) {
    const cell = node.cells[at];
    if (column.show) column.show(cell, row);
    if (column.chart) {
      const svg = cell.firstElementChild;
      const { peak, reach } = draw(svg, [{ name: "all", points: row.points() }], now);
      setAttribute(svg, "aria-label", `at most ${decimal(peak)} per second in ${asReach(reach)}`);
    }
  }
}
