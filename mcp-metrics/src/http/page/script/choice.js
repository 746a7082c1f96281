
// What the user has chosen to see. It is kept in the URL's query, so that a reload or a copied link
// shows the same rows.

/** The numbers of rows of a page; 0 shows all. */
const SIZES = [10, 25, 100, 0];
const SMALL_SCREEN = matchMedia("(max-width: 48rem)");

const choice = {
  filter: "",
  group: false,
  failures: false,
  column: "agent",
  descending: false,
  /** The number of rows of a page. */
  rows: SMALL_SCREEN.matches ? 10 : 25,
  /** The current page of each table, from 1. */
  requests: 1,
  tools: 1,
  models: 1,
  /** The agents whose operations are shown, if grouped. */
  open: new Set(),
};

const DEFAULTS = { ...choice };

/** Reads the choice from the URL; what is invalid there has no effect. `columns` can be sorted by. */
function readChoice(columns) {
  const query = new URLSearchParams(location.search);
  const natural = (name, least) => {
    const text = query.get(name) ?? "";
    return /^\d{1,6}$/.test(text) && Number(text) >= least ? Number(text) : choice[name];
  };
  choice.filter = query.get("filter") ?? "";
  choice.group = query.get("group") === "1";
  choice.failures = query.get("failures") === "1";
  const [, minus, column] = /^(-?)(.*)$/s.exec(query.get("sort") ?? "");
  if (columns.includes(column)) [choice.column, choice.descending] = [column, minus === "-"];
  const rows = natural("rows", 0);
  if (SIZES.includes(rows)) choice.rows = rows;
  choice.requests = natural("requests", 1);
  choice.tools = natural("tools", 1);
  choice.models = natural("models", 1);
  choice.open = new Set(query.getAll("open"));
}

/** Changes the choice, and the URL with it. Other parameters of the URL are kept. */
function choose(changes) {
  Object.assign(choice, changes);
  const query = new URLSearchParams(location.search);
  const set = (name, value, isDefault) => {
    if (isDefault) query.delete(name);
    else query.set(name, value);
  };
  for (const name of ["filter", "rows", "requests", "tools", "models"]) {
    set(name, String(choice[name]), choice[name] === DEFAULTS[name]);
  }
  for (const name of ["group", "failures"]) set(name, "1", !choice[name]);
  const { column, descending } = choice;
  set("sort", `${descending ? "-" : ""}${column}`, column === DEFAULTS.column && !descending);
  query.delete("open");
  for (const agent of choice.open) query.append("open", agent);
  const url = new URL(location.href);
  url.search = query;
  try {
    // Not a new entry: "back" leaves the page. `history` is the page's own.
    window.history.replaceState(null, "", url);
  } catch {
    // Browsers limit how often a page may do this, and the length of a URL.
  }
}

/** Returns the rows of the current page of `table`, and shows which ones these are. */
function pageOf(table, rows, noun) {
  const nav = byId(`${table}-pager`);
  const size = choice.rows || rows.length || 1;
  const pages = Math.max(1, Math.ceil(rows.length / size));
  // Rows may disappear, and a link may name a page that does not exist.
  const page = Math.min(choice[table], pages);
  const first = (page - 1) * size;
  const shown = rows.slice(first, first + size);
  nav.hidden = rows.length <= SIZES[0];
  const span = shown.length > 1 ? `${asCount(first + 1)}–${asCount(first + shown.length)}` : asCount(first + 1);
  setText(nav.querySelector("[role=status]"), `${span} of ${asCount(rows.length)} ${noun}`);
  const [previous, next] = nav.querySelectorAll("button");
  previous.disabled = page === 1;
  next.disabled = page === pages;
  [nav.dataset.page, nav.dataset.pages] = [page, pages];
  const select = nav.querySelector("select");
  if (select.value !== String(choice.rows)) select.value = String(choice.rows);
  return shown;
}

/** Connects the controls of a table's pages; calls `changed` after a change. */
function preparePager(table, changed) {
  const nav = byId(`${table}-pager`);
  const turn = (by) => {
    choose({ [table]: Math.min(Number(nav.dataset.pages), Number(nav.dataset.page) + by) });
    changed();
  };
  const [previous, next] = nav.querySelectorAll("button");
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  const select = nav.querySelector("select");
  for (const size of SIZES) {
    select.append(element("option", { value: size }, size === 0 ? "all" : asCount(size)));
  }
  select.addEventListener("change", () => {
    choose({ rows: Number(select.value), requests: 1, tools: 1, models: 1 });
    changed();
  });
}
