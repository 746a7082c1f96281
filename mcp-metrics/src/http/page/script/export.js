
// The section on the export: its size, when it was last read, and links.

function prepareLinks() {
  for (const link of document.querySelectorAll("a[data-path]")) link.href = address(link.dataset.path);
}

function showExport({ series, samples, overflowed, last_export_seconds: last }) {
  const state = last === null ? "never" : `${asSpan(last)} ago`;
  setNumber(byId("export-last"), state, last, last === null ? "Prometheus has not scraped this program yet" : "");
  byId("export-last").classList.toggle("warn", last === null || last > STALE);
  const size = `${asCount(series)} (${asCount(samples)} samples)`;
  setNumber(byId("export-series"), size, series);
  const families = Object.entries(overflowed).filter(([, n]) => n > 0);
  const total = families.reduce((sum, [, n]) => sum + n, 0);
  const names = families.map(([family, n]) => `${family}: ${asCount(n)}`);
  setNumber(byId("export-overflow"), total > 0 ? asCount(total) : "none", total, names.join(", "));
  byId("export-overflow").classList.toggle("bad", total > 0);
  byId("export-families").hidden = total === 0;
  const what = "reached the limit of label sets; further ones are counted as “other”";
  setText(byId("export-families"), `${families.map(([family]) => family).join(", ")} ${what}`);
}
