//! Three hubs, a real Prometheus that scrapes them all, and a real VictoriaMetrics that it writes
//! to: what is known there after a hub was restarted and another one has crashed.

use std::collections::BTreeMap;

use mcp_metrics_tests::{Scrape, eventually};
use serde_json::json;

use crate::{
    drive::{Call, Client, Era, Hub, Outcome, Prometheus, VictoriaMetrics, call},
    kit,
};

/// The agents that are called, by tools of the same names.
const AGENTS: [&str; 2] = ["code_runner", "fault"];
const DURATION: &str = "mcp_hub_request_duration_seconds_bucket";

/// Requests by agent, or observations by bucket.
type Counts = BTreeMap<String, f64>;

/// What clients did, and what the hubs had counted when they ended.
#[derive(Debug, Default)]
struct Truth {
    /// Calls by agent.
    called: Counts,
    /// Calls by agent that ended well.
    succeeded: Counts,
    /// Calls by agent that ended badly.
    failed: Counts,
    /// Observations by the bucket's bound, cumulative, for each agent.
    buckets: BTreeMap<&'static str, Counts>,
}

impl Truth {
    /// Has a client make calls, and notes how they ended.
    fn drive(&mut self, hub: &Hub, calls: &[Call]) {
        let mut client = Client::connect(hub, Era::Stateless).expect("the first one was there");
        for ((tool, _), answer) in calls.iter().zip(client.call_all(calls)) {
            let ended = match answer.outcome {
                Outcome::Success => &mut self.succeeded,
                Outcome::Error => &mut self.failed,
                Outcome::Refused => panic!("{tool} takes no such call: {answer:?}"),
            };
            for counts in [&mut self.called, ended] {
                *counts.entry((*tool).to_owned()).or_default() += 1.0;
            }
        }
    }

    /// Notes the observations of a hub that is about to end.
    fn keep(&mut self, scrape: &Scrape) {
        for agent in AGENTS {
            let buckets = self.buckets.entry(agent).or_default();
            for (_, labels, count) in scrape.select(DURATION, &[("agent", agent)]) {
                *buckets.entry(labels["le"].clone()).or_default() += count;
            }
        }
    }
}

/// Good and bad calls of an agent that is quick, and short and long ones of one that sleeps.
///
/// The latter's labels are not literals, so its series begin with its first call, and a restart
/// shows only where they begin with less than they ended with before. The others begin at zero.
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

/// Sums over everything that the store has seen, restarts included. It has no need to extrapolate:
/// a counter that is new began at zero.
fn increases(store: &VictoriaMetrics, label: &str, series: &str) -> Counts {
    store.query(
        label,
        &format!("sum by ({label}) (increase_pure({series}[1h]))"),
    )
}

/// Waits until the store knows all of it.
fn wait_for_calls(store: &VictoriaMetrics, truth: &Truth) {
    let agents = format!("agent=~'{}'", AGENTS.join("|"));
    for (name, counts) in [
        ("requests", &truth.called),
        ("requests_success", &truth.succeeded),
        ("requests_failed", &truth.failed),
    ] {
        let series = format!("mcp_hub_{name}_total{{{agents}}}");
        eventually(&format!("{series} adds up to {counts:?}"), || {
            increases(store, "agent", &series) == *counts
        });
    }
}

/// Waits until the store has a hub's zeros: a counter that has grown beyond its old value by then
/// would not show that the hub was restarted.
fn wait_for_zero(store: &VictoriaMetrics, hub: &Hub) {
    let instance = hub.address;
    let query = format!("sum by (instance) (mcp_hub_requests_total{{instance='{instance}'}}) == 0");
    eventually(&format!("{instance} was scraped afresh"), || {
        !store.query("instance", &query).is_empty()
    });
}

/// Prometheus' quantile: between the bounds of the bucket that has it, as if its observations were
/// spread evenly.
fn quantile(q: f64, buckets: &Counts) -> f64 {
    let mut sorted: Vec<(f64, f64)> = buckets
        .iter()
        .map(|(bound, count)| (bound.parse().expect("a bound"), *count))
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rank = q * sorted.last().expect("the infinite bucket").1;
    let place = sorted.partition_point(|(_, count)| *count < rank);
    let (upper, count) = sorted[place];
    let (lower, before) = place.checked_sub(1).map_or((0.0, 0.0), |it| sorted[it]);
    lower + (upper - lower) * (rank - before) / (count - before)
}

/// Checks the histograms in the store against what all hubs have observed.
fn check_durations(store: &VictoriaMetrics, truth: &Truth) {
    for (agent, buckets) in &truth.buckets {
        let series = format!("{DURATION}{{agent='{agent}'}}");
        eventually(&format!("{series} adds up to {buckets:?}"), || {
            increases(store, "le", &series) == *buckets
        });
        for q in [0.5, 0.9, 0.99] {
            let merged = format!("sum by (le) (increase_pure({series}[1h]))");
            let known = store.query("", &format!("histogram_quantile({q}, {merged})"));
            let right = quantile(q, buckets);
            let close = |known: &f64| (known - right).abs() < 1e-9;
            assert!(
                known.get("").is_some_and(close),
                "the quantile {q} of {agent} is {known:?} there, and {right}"
            );
        }
    }
}

#[test]
fn the_store_knows_what_all_hubs_did() {
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
    // It begins to write some seconds after it has begun to scrape, so that is waited for apart.
    eventually("Prometheus scrapes three hubs", || {
        prometheus.value("count(up == 1)") == Some(3.0)
    });
    eventually("the store has what it writes", || {
        !store.query("job", "up").is_empty()
    });
    let mut truth = Truth::default();
    for (number, hub) in (2..).zip(&hubs) {
        wait_for_zero(&store, hub);
        truth.drive(hub, &calls(number, number));
    }
    wait_for_calls(&store, &truth);

    // A restart.
    truth.keep(&hubs[1].scrape_when_quiet());
    hubs[1].terminate();
    hubs[1] = Hub::run(&mut Hub::command(&addresses[1], &["--test-tools"]));
    wait_for_zero(&store, &hubs[1]);
    truth.drive(&hubs[1], &calls(9, 1));
    wait_for_calls(&store, &truth);

    // A crash, after calls that nobody has scraped, which are lost with it.
    truth.keep(&hubs[2].scrape_when_quiet());
    prometheus.rewrite("hubs.yml", &kit::hubs(&addresses[..2]));
    eventually("Prometheus scrapes two hubs", || {
        prometheus.value("count(up)") == Some(2.0)
    });
    Truth::default().drive(&hubs[2], &calls(5, 5));
    hubs[2].crash();
    hubs[2] = Hub::run(&mut Hub::command(&addresses[2], &["--test-tools"]));
    prometheus.rewrite("hubs.yml", &kit::hubs(&addresses));
    wait_for_zero(&store, &hubs[2]);
    truth.drive(&hubs[2], &calls(9, 2));
    wait_for_calls(&store, &truth);

    for hub in &hubs {
        truth.keep(&hub.scrape_when_quiet());
    }
    check_durations(&store, &truth);
    // What the rules have made of it goes there too.
    let recorded = "count by (prometheus) (job_agent_operation:mcp_hub_requests:rate5m)";
    eventually("recorded series are in the store", || {
        store.query("prometheus", recorded).contains_key("one")
    });
    assert_eq!(prometheus.complaints(), Vec::<String>::new());
}
