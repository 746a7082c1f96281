
// Building the document. Text goes in as text and nothing else: labels may hold anything.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A label from the program: kept apart from the text around it, whichever way it is written. */
function label(text, attributes = {}) {
  const node = element("bdi", attributes);
  setLabel(node, text);
  return node;
}

function setLabel(node, text) {
  setText(node, text === "" ? "(empty)" : text);
  // Where there is no room for all of it.
  setAttribute(node, "title", text);
}

// Only what changes is written, so that selections, tooltips and screen readers are left in peace.

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A number: the text to read, and the value as it is for whoever reads the document. */
function setNumber(node, text, value, title = "") {
  setText(node, text);
  setAttribute(node, "data-value", value === null ? "" : String(value));
  if (title !== "") setAttribute(node, "title", title);
  else node.removeAttribute("title");
}

/**
 * Has `parent` show `items` in this order, with a node each, which stays the same as long as its
 * item has the same key. Beside it, a text that stands for no items is shown or hidden.
 */
function showList(parent, items, { key, create, update }, empty) {
  const old = parent.nodes ?? new Map();
  parent.nodes = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    // A macro may have made the same function twice.
    if (parent.nodes.has(name)) continue;
    const node = old.get(name) ?? create(item);
    old.delete(name);
    parent.nodes.set(name, node);
    update(node, item);
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  for (const node of old.values()) node.remove();
  empty.hidden = items.length > 0;
}

/** A `list` as a table's body, where the head is of no use without rows. */
function showRows(section, items, rows) {
  const table = section.querySelector("table");
  showList(table.tBodies[0], items, rows, section.querySelector(".empty"));
  table.hidden = items.length === 0;
}

/** How many seconds a chart shows at least, so that the first points don't leap across it. */
const SHORTEST_CHART = 60;

/** Parts of a series between which values are missing. */
function parts(points) {
  const parts = [[]];
  for (const point of points) {
    if (point.value !== null) parts.at(-1).push(point);
    else if (parts.at(-1).length > 0) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/**
 * A series as a line and as the area below it, in a box of `width` by `height` whose right edge is
 * now.
 */
function shapes(points, { width, height, now, reach, peak }) {
  let [line, area] = ["", ""];
  for (const part of parts(points)) {
    const xs = part.map(({ at }) => (width * (1 - (now - at) / reach)).toFixed(1));
    const ys = part.map(({ value }) => (height - 1 - ((height - 3) * value) / peak).toFixed(1));
    const path = xs.map((x, at) => `${x} ${ys[at]}`).join("L");
    line += `M${path}`;
    area += `M${xs[0]} ${height}L${path}L${xs.at(-1)} ${height}Z`;
  }
  return { line, area };
}

/** Draws series into an SVG element: each in the style of its class. */
function draw(svg, lines, now) {
  const { width, height } = svg.viewBox.baseVal;
  const known = lines.flatMap(({ points }) => points.filter(({ value }) => value !== null));
  const peak = Math.max(0, ...known.map(({ value }) => value));
  const first = Math.min(now, ...known.map(({ at }) => at));
  const reach = Math.min(KEEP, Math.max(SHORTEST_CHART, now - first));
  const box = { width, height, now, reach, peak: peak || 1 };
  const paths = lines.flatMap(({ name, points }) => {
    const { line, area } = shapes(points, box);
    return [[`area ${name}`, area], [`line ${name}`, line]];
  });
  for (const [at, [name, shape]] of paths.entries()) {
    const path = svg.children[at] ?? svg.appendChild(document.createElementNS(SVG, "path"));
    setAttribute(path, "class", name);
    setAttribute(path, "d", shape);
  }
  setAttribute(svg, "data-peak", String(peak));
  return { peak, reach };
}
