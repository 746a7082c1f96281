
// What the page remembers: the summaries of the last minutes, and what follows from two of them.

/** How long a summary is remembered, in seconds. */
const KEEP = 300;
/** Over how many seconds "now" is: long enough for a rate to be calm, short enough to be news. */
const NOW = 10;
/** By how many seconds the server's clock may fall behind ours before it must have started anew.
    More than an answer can take. */
const SLACK = 10;

const NOTHING = { total: 0, ended: 0, failed: 0, errors: new Map(), counts: [] };

/** What to compare a request's counters with: those that are lower than before began again at zero,
    and those that were not there were zero. */
function base(now, then) {
  return then === undefined || then.total > now.total ? NOTHING : then;
}

/** The summary in the form that is compared: requests by key, durations as cumulative counts. Labels
    are keys of maps, since an object has names of its own. */
function digest(summary) {
  const requests = new Map();
  let [total, failed] = [0, 0];
  for (const request of summary.requests) {
    const errors = new Map(Object.entries(request.failed).filter(([, n]) => n > 0));
    const failures = [...errors.values()].reduce((sum, n) => sum + n, 0);
    const { agent, operation } = request;
    requests.set(JSON.stringify([agent, operation]), {
      agent,
      operation,
      total: request.total,
      failed: failures,
      ended: request.success + failures,
      errors,
      bounds: request.buckets.map(([bound]) => bound),
      counts: [...request.buckets.map(([, n]) => n), request.count],
      rate: null,
    });
    total += request.total;
    failed += failures;
  }
  const active = new Map(Object.entries(summary.active_operations));
  return { requests, total, failed, active, rate: null, failureRate: null };
}

class History {
  #moments = [];

  /** The latest moment, if there is one. */
  get last() {
    return this.#moments.at(-1);
  }

  /** Adds a summary that arrived at `at`, by a clock of ours that only runs forward. */
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

  /** Fills in the rates: growth since a moment ago, by the server's own clock. */
  #rate(moment) {
    const earlier = this.#moments.filter((other) => other.life === moment.life);
    const before = earlier.find((other) => moment.at - other.at <= NOW) ?? earlier.at(-1);
    const elapsed = moment.uptime - (before?.uptime ?? moment.uptime);
    if (elapsed <= 0) return;
    let [total, failed] = [0, 0];
    for (const [key, request] of moment.requests) {
      const then = base(request, before.requests.get(key));
      const grown = request.total - then.total;
      request.rate = grown / elapsed;
      total += grown;
      failed += request.failed - then.failed;
    }
    moment.rate = total / elapsed;
    moment.failureRate = failed / elapsed;
  }

  /** The oldest moment of the server's present life, unless it is the latest too. */
  get #first() {
    const first = this.#moments.find((moment) => moment.life === this.last.life);
    return first === this.last ? undefined : first;
  }

  /** How many seconds back the figures of {@link recent} reach. */
  get reach() {
    return this.#first === undefined ? 0 : this.last.uptime - this.#first.uptime;
  }

  /**
   * What requests have done since the first moment that is remembered, or since the server began
   * where that is nothing: `recent` says which.
   */
  recent(key) {
    const now = this.last.requests.get(key);
    if (this.#first === undefined) return { ...now, recent: false };
    const then = base(now, this.#first.requests.get(key));
    const ended = now.ended - then.ended;
    if (ended <= 0) return { ...now, recent: false };
    return {
      ended,
      failed: now.failed - then.failed,
      bounds: now.bounds,
      counts: now.counts.map((n, at) => n - (then.counts[at] ?? 0)),
      recent: true,
    };
  }

  /** What all requests together have done, in the sense of {@link recent}. */
  recentOverall() {
    const parts = [...this.last.requests.keys()].map((key) => this.recent(key));
    const recent = parts.some((part) => part.recent);
    const used = parts.filter((part) => part.recent === recent);
    const sum = (name) => used.reduce((sum, part) => sum + part[name], 0);
    return { ended: sum("ended"), failed: sum("failed"), recent };
  }

  /** How often each type of error came up: altogether, and since the first moment. */
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

  /** Points in time and what `value` says of each; null where it isn't known. */
  series(value) {
    return this.#moments.map((moment) => ({ at: moment.at, value: value(moment) ?? null }));
  }
}

/**
 * A quantile of a histogram as Prometheus' `histogram_quantile` estimates it: the counts in a bucket
 * lie evenly between its bounds. Above the last finite bound nothing is known but that.
 */
function quantile(q, bounds, counts) {
  const total = counts.at(-1);
  if (!(total > 0) || bounds.length === 0) return { value: null, above: false };
  const rank = q * total;
  const bucket = counts.findIndex((n) => n >= rank);
  if (bucket === bounds.length) return { value: bounds.at(-1), above: true };
  const upper = bounds[bucket];
  if (bucket === 0 && upper <= 0) return { value: upper, above: false };
  const lower = bucket === 0 ? 0 : bounds[bucket - 1];
  const below = bucket === 0 ? 0 : counts[bucket - 1];
  const share = (rank - below) / (counts[bucket] - below);
  return { value: lower + (upper - lower) * share, above: false };
}

const COLLATOR = new Intl.Collator("en", { numeric: true });

function compare(a, b) {
  return COLLATOR.compare(a, b);
}
