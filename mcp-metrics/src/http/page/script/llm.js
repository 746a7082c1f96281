// The card of LLM calls: one row for each provider and model.

/** Tokens since the start; a dash if no call has reported any. */
function showTokens(cell, tokens) {
  const known = tokens > 0;
  const exact = known ? `${asCount(tokens)} since the start` : "no call has reported tokens";
  setNumber(cell, known ? asCompact(tokens) : NONE, known ? tokens : null, exact);
}

/** The columns of the table; the headings are in the document. */
const LLM_COLUMNS = [
  { name: "model", text: "Model", label: true },
  { name: "provider", text: "Provider", label: true },
  shared("rate"),
  shared("trend"),
  ERRORS_BY_TYPE,
  shared("p50"),
  shared("p95"),
  { name: "first50", text: "First chunk p50", show: (cell, row) => showQuantile(cell, row.first50) },
  { name: "first95", text: "First chunk p95", show: (cell, row) => showQuantile(cell, row.first95) },
  { name: "input", text: "Tokens in", show: (cell, { input }) => showTokens(cell, input) },
  { name: "output", text: "Tokens out", show: (cell, { output }) => showTokens(cell, output) },
  { ...shared("total"), text: "Calls" },
];

/** The row of a model. Calls that were only counted have neither outcomes nor durations. */
function modelRow(history, key) {
  const row = rowOf(history, "models", key);
  const { bounds, counts } = row.first;
  return { ...row, first50: quantile(0.5, bounds, counts), first95: quantile(0.95, bounds, counts) };
}

function showLlm(history) {
  const rows = [...history.last.models.keys()].map((key) => modelRow(history, key));
  rows.sort((a, b) => compare(a.provider, b.provider) || compare(a.model, b.model));
  if (choice.failures) rows.sort((a, b) => (b.errors > 0) - (a.errors > 0));
  showColumns(byId("llm"), LLM_COLUMNS, pageOf("models", rows, "models"), history.last.at);
  setText(byId("llm-note"), spanNote(history, rows.filter((row) => row.ended > 0)));
}

