//! Three hubs, a real Prometheus that scrapes them and writes to a real VictoriaMetrics: the totals
//! there after a restart of one hub and a crash of another.

use std::collections::BTreeMap;

use mcp_metrics_tests::{Scrape, eventually};
use serde_json::json;

use crate::{
    drive::{Call, Client, Era, Hub, Outcome, Prometheus, VictoriaMetrics, call},
    kit,
};

/// The called agents; their tools have the same names.
const AGENTS: [&str; 2] = ["code_runner", "fault"];
const DURATION: &str = "mcp_hub_request_duration_seconds_bucket";

/// Requests by agent, or observations by bucket.
type Counts = BTreeMap<String, f64>;

/// The expected totals: calls by the clients, and observations by the hubs before they ended.
#[derive(Debug, Default)]
struct Expected {
    /// Calls by agent.
    called: Counts,
    /// Successful calls by agent.
    succeeded: Counts,
    /// Failed calls by agent.
    failed: Counts,
    /// Cumulative observations by bucket bound, for each agent.
    buckets: BTreeMap<&'static str, Counts>,
}

impl Expected {
    /// Makes calls and adds them by outcome.
    fn drive(&mut self, hub: &Hub, calls: &[Call]) {
        let mut client =
            Client::connect(hub, Era::Stateless).expect("the first client could connect");
        for ((tool, _), answer) in calls.iter().zip(client.call_all(calls)) {
            let ended = match answer.outcome {
                Outcome::Success => &mut self.succeeded,
                Outcome::Error => &mut self.failed,
                Outcome::Refused => panic!("{tool} rejected the call: {answer:?}"),
            };
            for counts in [&mut self.called, ended] {
                *counts.entry((*tool).to_owned()).or_default() += 1.0;
            }
        }
    }

    /// Adds the observations of a hub that is about to end.
    fn add_observations(&mut self, scrape: &Scrape) {
        for agent in AGENTS {
            let buckets = self.buckets.entry(agent).or_default();
            for (_, labels, count) in scrape.select(DURATION, &[("agent", agent)]) {
                *buckets.entry(labels["le"].clone()).or_default() += count;
            }
        }
    }
}

/// Returns successful and failing calls of a quick agent, and calls of a slow agent with different
/// durations.
///
/// The labels of the slow agent are dynamic, so its series begin with the first call, and the store
/// detects a restart only if a counter begins below its previous value. The series of the quick
/// agent begin at zero.
fn calls(quick: usize, slow: usize) -> Vec<Call> {
    let sleep = |seconds: f64| call("fault", json!({ "kind": "sleep", "seconds": seconds }));
    [
        vec![call("code_runner", json!({ "script": "6 * 7" })); 3 * quick],
        vec![call("code_runner", json!({ "script": "1 / 0" })); quick],
        vec![call("fault", json!({ "kind": "error" })); slow],
        vec![sleep(0.02); 3 * slow],
        vec![sleep(0.15); 2 * slow],
        vec![sleep(0.6); slow],
    ]
    .concat()
}

/// Returns the total increases in the store, across restarts. `increase_pure` does not extrapolate
/// and assumes that new counters start at zero.
fn increases(store: &VictoriaMetrics, label: &str, series: &str) -> Counts {
    store.query(
        label,
        &format!("sum by ({label}) (increase_pure({series}[1h]))"),
    )
}

/// Waits until the store has all calls.
fn wait_for_calls(store: &VictoriaMetrics, expected: &Expected) {
    let agents = format!("agent=~'{}'", AGENTS.join("|"));
    for (name, counts) in [
        ("requests", &expected.called),
        ("requests_success", &expected.succeeded),
        ("requests_failed", &expected.failed),
    ] {
        let series = format!("mcp_hub_{name}_total{{{agents}}}");
        eventually(&format!("{series} adds up to {counts:?}"), || {
            increases(store, "agent", &series) == *counts
        });
    }
}

/// Waits until the store has zeros of a hub. Without them, a counter that exceeds its old value
/// would hide the restart.
fn wait_for_zero(store: &VictoriaMetrics, hub: &Hub) {
    let instance = hub.address;
    let query = format!("sum by (instance) (mcp_hub_requests_total{{instance='{instance}'}}) == 0");
    eventually(&format!("{instance} was scraped at zero"), || {
        !store.query("instance", &query).is_empty()
    });
}

/// Returns a quantile as Prometheus computes it: by linear interpolation within the bucket.
fn quantile(q: f64, buckets: &Counts) -> f64 {
    let mut sorted: Vec<(f64, f64)> = buckets
        .iter()
        .map(|(bound, count)| (bound.parse().expect("a bound"), *count))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rank = q * sorted.last().expect("the infinite bucket").1;
    let index = sorted.partition_point(|(_, count)| *count < rank);
    let (upper, count) = sorted[index];
    let (lower, before) = index.checked_sub(1).map_or((0.0, 0.0), |it| sorted[it]);
    lower + (upper - lower) * (rank - before) / (count - before)
}

/// Checks the histograms in the store against the observations of all hubs.
fn check_durations(store: &VictoriaMetrics, expected: &Expected) {
    for (agent, buckets) in &expected.buckets {
        let series = format!("{DURATION}{{agent='{agent}'}}");
        eventually(&format!("{series} adds up to {buckets:?}"), || {
            increases(store, "le", &series) == *buckets
        });
        for q in [0.5, 0.9, 0.99] {
            let merged = format!("sum by (le) (increase_pure({series}[1h]))");
            let stored = store.query("", &format!("histogram_quantile({q}, {merged})"));
            let expected = quantile(q, buckets);
            let close = |stored: &f64| (stored - expected).abs() < 1e-9;
            assert!(
                stored.get("").is_some_and(close),
                "quantile {q} of {agent}: stored {stored:?}, expected {expected}"
            );
        }
    }
}

#[test]
fn store_has_exact_totals_after_a_restart_and_a_crash() {
    let Some(store) = VictoriaMetrics::start() else {
        return;
    };
    let mut hubs = [(); 3].map(|()| Hub::start(&["--test-tools"]));
    let addresses = hubs.each_ref().map(|hub| hub.address.to_string());
    let files = kit::files_for_many(&addresses, &store.address.to_string());
    let Some(prometheus) = Prometheus::with_files(&files, &[]) else {
        return;
    };
    if Client::connect(&hubs[0], Era::Stateless).is_none() {
        return;
    }
    // Prometheus begins to write some seconds after it begins to scrape.
    eventually("Prometheus scrapes three hubs", || {
        prometheus.value("count(up == 1)") == Some(3.0)
    });
    eventually("the store receives samples", || {
        !store.query("job", "up").is_empty()
    });
    let mut expected = Expected::default();
    for (number, hub) in (2..).zip(&hubs) {
        wait_for_zero(&store, hub);
        expected.drive(hub, &calls(number, number));
    }
    wait_for_calls(&store, &expected);

    // A restart.
    expected.add_observations(&hubs[1].scrape_when_idle());
    hubs[1].terminate();
    hubs[1] = Hub::run(&mut Hub::command(&addresses[1], &["--test-tools"]));
    wait_for_zero(&store, &hubs[1]);
    expected.drive(&hubs[1], &calls(9, 1));
    wait_for_calls(&store, &expected);

    // A crash, after calls that were not scraped and are lost.
    expected.add_observations(&hubs[2].scrape_when_idle());
    prometheus.rewrite("hubs.yml", &kit::hubs(&addresses[..2]));
    eventually("Prometheus scrapes two hubs", || {
        prometheus.value("count(up)") == Some(2.0)
    });
    Expected::default().drive(&hubs[2], &calls(5, 5));
    hubs[2].crash();
    hubs[2] = Hub::run(&mut Hub::command(&addresses[2], &["--test-tools"]));
    prometheus.rewrite("hubs.yml", &kit::hubs(&addresses));
    wait_for_zero(&store, &hubs[2]);
    expected.drive(&hubs[2], &calls(9, 2));
    wait_for_calls(&store, &expected);

    for hub in &hubs {
        expected.add_observations(&hub.scrape_when_idle());
    }
    check_durations(&store, &expected);
    // Recording rules are written to the store as well.
    let recorded = "count by (prometheus) (job_agent_operation:mcp_hub_requests:rate5m)";
    eventually("recorded series are in the store", || {
        store.query("prometheus", recorded).contains_key("one")
    });
    assert_eq!(prometheus.warnings(), Vec::<String>::new());
}
