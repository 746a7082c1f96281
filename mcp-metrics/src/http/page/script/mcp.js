
// The card of the MCP server: its tools, requests in flight and sessions.

const shared = (name) => COLUMNS.find((column) => column.name === name);

/** The error ratio, with the error types as its title. */
const ERRORS_BY_TYPE = {
  ...shared("errors"),
  show: (cell, row) => {
    const types = [...row.types].map(([type, n]) => `${type}: ${asCount(n)}`);
    const since = types.length > 0 ? `; since the start ${types.join(", ")}` : "";
    setNumber(cell, asRatio(row.errors), row.errors, `${asCount(row.failed)} of ${asCount(row.ended)}${since}`);
    showSeverity(cell, row.errors);
  },
};

/** The columns of the table of tools; the headings are in the document. */
const TOOL_COLUMNS = [
  { name: "tool", text: "Tool", label: true },
  shared("rate"),
  shared("trend"),
  ERRORS_BY_TYPE,
  shared("mean"),
  shared("p50"),
  shared("p95"),
  { ...shared("total"), text: "Calls" },
];

const ACTIVE_ROWS = plainRows(
  ([method]) => method,
  ([method]) => [label(method)],
  ([, active]) => [whole(active)],
);

const CLIENT_ROWS = plainRows(
  (session) => JSON.stringify([session.client_name, session.client_version, session.protocol_version]),
  ({ client_name: name }) => [label(name)],
  (session) => [{ text: session.client_version }, { text: session.protocol_version }, whole(session.sessions)],
);

/** Shows the card, or hides it if there is no MCP server. */
function showMcp(history, server) {
  byId("mcp").hidden = server === undefined;
  if (server === undefined) return;
  const rows = [...history.last.tools.keys()].map((name) => rowOf(history, "tools", name));
  rows.sort((a, b) => compare(a.tool, b.tool));
  if (choice.failures) rows.sort((a, b) => (b.errors > 0) - (a.errors > 0));
  showColumns(byId("mcp-tools"), TOOL_COLUMNS, pageOf("tools", rows, "tools"), history.last.at);
  const active = Object.entries(server.active_requests).filter(([, n]) => n > 0);
  showRows(byId("mcp-active"), active, ACTIVE_ROWS);
  showRows(byId("mcp-clients"), server.sessions, CLIENT_ROWS);

  const open = Object.values(server.active_sessions).reduce((sum, n) => sum + n, 0);
  setNumber(byId("mcp-open"), asCount(open), open);
  setNumber(byId("mcp-unknown"), asCount(server.unknown_tool_calls), server.unknown_tool_calls);
  setText(byId("mcp-note"), spanNote(history, rows));
}
