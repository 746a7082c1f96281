
// The summaries of the last minutes, and the rates and differences between them.

/** How long a summary is kept, in seconds. */
const KEEP = 300;
/** The window of a current rate in seconds: long enough to smooth it, short enough to be current. */
const NOW = 10;
/** How many seconds the server's uptime may fall behind the browser's clock before the page assumes
    a restart. Longer than the request timeout. */
const SLACK = 10;

const NO_DURATIONS = { seconds: 0, bounds: [], counts: [] };
const NOTHING = { total: 0, ended: 0, failed: 0, errors: new Map(), ...NO_DURATIONS, first: NO_DURATIONS };

/** Returns the baseline of the counters of a request, a tool or a model. New counters, and counters that were reset, which
    are lower than before, started at zero. */
function base(now, then) {
  return then === undefined || then.total > now.total ? NOTHING : then;
}

/** Durations as cumulative counts. */
function durations(buckets, seconds, count) {
  return {
    seconds,
    bounds: buckets.map(([bound]) => bound),
    counts: [...buckets.map(([, n]) => n), count],
  };
}

/** The failures and the durations of a request, a tool or a model; `first` are the times to the first
    chunk of a model's calls. */
function outcomes({ failed, buckets, duration_seconds: seconds }, count, first = NO_DURATIONS) {
  const errors = new Map(Object.entries(failed).filter(([, n]) => n > 0));
  return {
    failed: [...errors.values()].reduce((sum, n) => sum + n, 0),
    errors,
    ...durations(buckets, seconds, count),
    first,
    rate: null,
  };
}

/** The counters of a model. Calls are counted when they start, all else when they end. */
function modelCounters({ provider, model, calls, failed, input_tokens: input, output_tokens: output, ...measured }) {
  const { duration: { buckets, seconds, count }, first_chunk: chunk } = measured;
  const first = durations(chunk.buckets, chunk.seconds, chunk.count);
  const ended = outcomes({ failed, buckets, duration_seconds: seconds }, count, first);
  return { provider, model, input, output, total: calls, ended: count, ...ended };
}

/** The durations since an earlier summary, which may have had none. */
function since(now, then) {
  return {
    seconds: now.seconds - then.seconds,
    bounds: now.bounds,
    counts: now.counts.map((n, at) => n - (then.counts[at] ?? 0)),
  };
}

/** Converts a summary for comparison: requests, tools and models by key. Uses maps, since a label may equal
    an inherited property of an object, such as `constructor`. */
function digest(summary) {
  const requests = new Map();
  let [total, failed] = [0, 0];
  for (const request of summary.requests) {
    const { agent, operation } = request;
    const own = outcomes(request, request.count);
    const ended = request.success + own.failed;
    requests.set(JSON.stringify([agent, operation]), { agent, operation, total: request.total, ended, ...own });
    total += request.total;
    failed += own.failed;
  }
  const tools = new Map();
  for (const tool of summary.mcp_server?.tools ?? []) {
    const { tool: name, calls } = tool;
    tools.set(name, { tool: name, total: calls, ended: calls, ...outcomes(tool, calls) });
  }
  const models = new Map();
  for (const calls of summary.llm_api_calls) {
    models.set(JSON.stringify([calls.provider, calls.model]), modelCounters(calls));
  }
  const active = new Map(Object.entries(summary.active_operations));
  return { requests, tools, models, total, failed, active, rate: null, failureRate: null };
}

/** Sets the rates of requests, tools or models. Returns the increases of their totals and failures. */
function setRates(now, then, elapsed) {
  let [total, failed] = [0, 0];
  for (const [key, counters] of now) {
    const before = base(counters, then.get(key));
    const grown = counters.total - before.total;
    counters.rate = grown / elapsed;
    total += grown;
    failed += counters.failed - before.failed;
  }
  return { total, failed };
}

class History {
  #moments = [];

  /** The latest summary, if there is one. */
  get last() {
    return this.#moments.at(-1);
  }

  /** Adds a summary that arrived at `at`, by the browser's monotonic clock. */
  add(summary, at) {
    const { uptime_seconds: uptime, app_name: app } = summary;
    const last = this.last;
    const restarted =
      last !== undefined &&
      (uptime < last.uptime || app !== last.app || at - last.at - (uptime - last.uptime) > SLACK);
    const life = (last?.life ?? 0) + (restarted ? 1 : 0);
    const moment = { at, uptime, app, life, ...digest(summary) };
    this.#rate(moment);
    this.#moments.push(moment);
    this.#moments = this.#moments.filter((moment) => at - moment.at <= KEEP);
  }

  /** Computes the rates: the increase over the window, by the server's uptime. */
  #rate(moment) {
    const earlier = this.#moments.filter((other) => other.life === moment.life);
    const before = earlier.find((other) => moment.at - other.at <= NOW) ?? earlier.at(-1);
    const elapsed = moment.uptime - (before?.uptime ?? moment.uptime);
    if (elapsed <= 0) return;
    const { total, failed } = setRates(moment.requests, before.requests, elapsed);
    setRates(moment.tools, before.tools, elapsed);
    setRates(moment.models, before.models, elapsed);
    moment.rate = total / elapsed;
    moment.failureRate = failed / elapsed;
  }

  /** The oldest summary since the server's last restart, unless it is also the latest. */
  get #first() {
    const first = this.#moments.find((moment) => moment.life === this.last.life);
    return first === this.last ? undefined : first;
  }

  /** The time span of {@link recent}, in seconds. */
  get reach() {
    return this.#first === undefined ? 0 : this.last.uptime - this.#first.uptime;
  }

  /**
   * Returns the counts of one of the `requests`, `tools` or `models` since the oldest summary. If none ended
   * since then, returns those since the server's start, with `recent` false.
   */
  recent(kind, key) {
    const now = this.last[kind].get(key);
    if (this.#first === undefined) return { ...now, recent: false };
    const then = base(now, this.#first[kind].get(key));
    const ended = now.ended - then.ended;
    if (ended <= 0) return { ...now, recent: false };
    return {
      ended,
      failed: now.failed - then.failed,
      ...since(now, then),
      first: since(now.first, then.first),
      recent: true,
    };
  }

  /** Returns the sums of {@link recent} over all requests. */
  recentOverall() {
    const parts = [...this.last.requests.keys()].map((key) => this.recent("requests", key));
    const recent = parts.some((part) => part.recent);
    const used = parts.filter((part) => part.recent === recent);
    const sum = (name) => used.reduce((sum, part) => sum + part[name], 0);
    return { ended: sum("ended"), failed: sum("failed"), recent };
  }

  /** Returns the count of each error type: in total, and since the oldest summary. */
  errors() {
    const errors = new Map();
    for (const [key, request] of this.last.requests) {
      const then = base(request, this.#first?.requests.get(key)).errors;
      for (const [type, total] of request.errors) {
        const error = errors.get(type) ?? { type, total: 0, recent: null, places: [] };
        error.total += total;
        if (this.#first !== undefined) error.recent += total - (then.get(type) ?? 0);
        error.places.push(`${request.agent} ${request.operation}`);
        errors.set(type, error);
      }
    }
    return [...errors.values()].sort((a, b) => b.total - a.total || compare(a.type, b.type));
  }

  /** Returns the points of a chart, with `value` of each summary; null where it is unknown. */
  series(value) {
    return this.#moments.map((moment) => ({ at: moment.at, value: value(moment) ?? null }));
  }
}

/** A duration; with `above` or `below`, the value is a bound. */
const duration = (value, { above = false, below = false } = {}) => ({ value, above, below });

/**
 * Estimates a quantile like Prometheus' `histogram_quantile`: by linear interpolation within the
 * bucket. Below the first bound and above the last finite one, only the bound is known: a value that
 * is interpolated from zero would be the same for all fast requests.
 */
function quantile(q, bounds, counts) {
  const total = counts.at(-1);
  if (!(total > 0) || bounds.length === 0) return duration(null);
  const rank = q * total;
  const bucket = counts.findIndex((n) => n >= rank);
  if (bucket === bounds.length) return duration(bounds.at(-1), { above: true });
  const upper = bounds[bucket];
  if (bucket === 0) return duration(upper, { below: true });
  const [lower, under] = [bounds[bucket - 1], counts[bucket - 1]];
  const share = (rank - under) / (counts[bucket] - under);
  return duration(lower + (upper - lower) * share);
}

/** The mean duration, which is exact. */
function mean(seconds, counts) {
  const total = counts.at(-1);
  return duration(total > 0 ? seconds / total : null);
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

function compare(a, b) {
  return COLLATOR.compare(a, b);
}
