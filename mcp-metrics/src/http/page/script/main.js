
// Polling the summary, and showing whether the connection is lost.

/** The polling interval and the request timeout, in milliseconds. */
const INTERVAL = 2_000;
const TIMEOUT = 5_000;

/** The page's base URL. The router may be nested under a path without a trailing slash. */
const here = new URL(location.href);
if (!here.pathname.endsWith("/")) here.pathname += "/";
// `fetch` rejects URLs with credentials.
[here.username, here.password] = ["", ""];

function address(path) {
  return new URL(path, here).href;
}

/** Fetches the text at a path; errors have readable messages. */
async function ask(path) {
  const options = { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) };
  try {
    const answer = await fetch(address(path), options);
    if (answer.ok) return await answer.text();
    throw new Error(`the endpoint answered with status ${answer.status}`);
  } catch (error) {
    if (error.name === "TimeoutError") throw new Error("the request timed out");
    if (error instanceof TypeError) throw new Error("the endpoint cannot be reached");
    throw error;
  }
}

function clock(time = new Date()) {
  return time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

const history = new History();
let summary = null;
let lastAnswer = null;
let timer;
let asking = false;

async function fetchSummary() {
  const text = await ask("api/metrics_summary");
  try {
    const answer = JSON.parse(text);
    if (Array.isArray(answer.requests)) return answer;
  } catch {
    // For instance, a proxy's login page.
  }
  throw new Error("the endpoint sent an invalid response");
}

async function poll() {
  if (asking || document.hidden) return;
  asking = true;
  clearTimeout(timer);
  const started = performance.now();
  try {
    const answer = await fetchSummary();
    history.add(answer, performance.now() / 1_000);
    summary = answer;
    show();
    lastAnswer = new Date();
    setState("live");
  } catch (error) {
    setState("lost", error);
  } finally {
    asking = false;
    const wait = Math.max(0, INTERVAL - (performance.now() - started));
    if (!document.hidden) timer = setTimeout(poll, wait);
  }
}

function show() {
  if (summary === null) return;
  showHealth(summary);
  showFigures(history);
  showRequests(history, summary);
  showCards(history, summary);
  showExport(summary.exporter);
  showMcp(history, summary.mcp_server);
  showLlm(history);
}

function setState(state, error) {
  const connection = byId("connection");
  const lost = state === "lost";
  const texts = { live: "Live", lost: "No connection" };
  setAttribute(connection, "data-state", state);
  setText(connection, texts[state]);
  document.documentElement.classList.toggle("stale", lost);
  const name = summary?.app_name || "Status";
  document.title = lost ? `No connection · ${name}` : `${asRate(history.last.rate)}/s · ${name}`;
  if (lost) {
    const since = lastAnswer === null ? "nothing received yet" : `last response at ${clock(lastAnswer)}`;
    setText(byId("lost-since"), `${since};`);
    setText(byId("lost-why"), `${error.message}. Trying again.`);
  }
  byId("lost").hidden = !lost;
}

// A hidden page does not poll; one that becomes visible again polls immediately.
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  poll();
});

prepareRequests(show);
preparePager("tools", show);
preparePager("models", show);
prepareRaw();
prepareLinks();
poll();
