
// Building the document. Text is inserted as text, never as HTML: labels are untrusted.

const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** A label from the program, isolated from the direction of the surrounding text. */
function label(text, attributes = {}) {
  const node = element("bdi", attributes);
  setLabel(node, text);
  return node;
}

function setLabel(node, text) {
  setText(node, text === "" ? "(empty)" : text);
  // The full text, where the column truncates it.
  setAttribute(node, "title", text);
}

// Writes only changes, so that updates do not disturb selections, tooltips and screen readers.

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** A number: the formatted text, and the exact value in `data-value` for scripts. */
function setNumber(node, text, value, title = "") {
  setText(node, text);
  setAttribute(node, "data-value", value === null ? "" : String(value));
  if (title !== "") setAttribute(node, "title", title);
  else node.removeAttribute("title");
}

/**
 * Shows `items` in this order in `parent`, with one node each. Nodes are reused for items with the
 * same key. `empty`, the text for an empty list, is shown or hidden.
 */
function showList(parent, items, { key, create, update }, empty) {
  const old = parent.nodes ?? new Map();
  parent.nodes = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    // A macro may have expanded to the same function twice.
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

/** Shows `items` as a table's rows; hides the table, with its head, if there are none. */
function showRows(section, items, rows) {
  const table = section.querySelector("table");
  showList(table.tBodies[0], items, rows, section.querySelector(".empty"));
  table.hidden = items.length === 0;
}

/** The minimum span of a chart in seconds, so that the first points do not jump across it. */
const SHORTEST_CHART = 60;

/** Splits a series at missing values. */
function parts(points) {
  const parts = [[]];
  for (const point of points) {
    if (point.value !== null) parts.at(-1).push(point);
    else if (parts.at(-1).length > 0) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

/**
 * Returns the paths of a series' line and of the area below it, in a box of `width` by `height`
 * whose right edge is `now`.
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

/** Draws series into an SVG element, each in the style of its class. */
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
