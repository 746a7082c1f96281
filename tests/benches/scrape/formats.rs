//! The time of each response format of the router, compared with `render` and prometheus-client.

use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{Request, StatusCode};
use mcp_metrics_benches::{in_own_process, median, quick};
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::sets::{CLIENT, Library, Tracked, library};

const SETS: usize = 10_000;

/// Name, path and `Accept` of each response.
const RESPONSES: [(&str, &str, &str); 4] = [
    ("text", "/metrics", "text/plain"),
    (
        "OpenMetrics",
        "/metrics",
        "application/openmetrics-text; version=1.0.0",
    ),
    (
        "protobuf",
        "/metrics",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
         encoding=delimited",
    ),
    ("JSON summary", "/api/metrics_summary", "application/json"),
];

pub(crate) fn print() {
    let numbers = in_own_process(&["--formats", &SETS.to_string()]);
    println!("\n## Response formats\n");
    println!("| {SETS} sets | ms | ÷ `render` | ÷ {CLIENT} |");
    println!("|---|--:|--:|--:|");
    let names = ["`render`", CLIENT]
        .into_iter()
        .chain(RESPONSES.map(|(name, ..)| name));
    for (name, numbers) in names.zip(numbers.chunks(3)) {
        let &[seconds, to_render, to_client] = numbers else {
            panic!("expected three numbers, found {numbers:?}")
        };
        println!(
            "| {name} | {:.2} | {to_render:.2} | {to_client:.2} |",
            seconds * 1e3
        );
    }
}

/// Prints the seconds of each format, and the ratios to `render` and to prometheus-client.
pub(crate) fn measure(sets: usize) {
    let tracked = Tracked::new(sets);
    let client = library(CLIENT, sets);
    let runtime = Runtime::new().expect("threads can be spawned");
    let mut router = tracked.0.router();
    let mut render = |format: usize| match format {
        0 => seconds(&tracked, sets, || tracked.text().len()),
        1 => seconds(&*client, sets, || client.text().len()),
        _ => {
            let (_, path, accept) = RESPONSES[format - 2];
            seconds(&tracked, sets, || {
                runtime.block_on(body_len(&mut router, path, accept))
            })
        }
    };
    let rounds: Vec<_> = (0..if quick() { 5 } else { 15 })
        .map(|round| {
            let mut times = [0.0; RESPONSES.len() + 2];
            // The order differs between rounds: large buffers that were freed may be reused.
            for turn in 0..times.len() {
                let format = (turn * 5 + round) % times.len();
                times[format] = render(format);
            }
            times
        })
        .collect();
    for format in 0..RESPONSES.len() + 2 {
        let times = rounds.iter().map(|round| round[format]);
        let ratio = |to: usize| median(rounds.iter().map(|round| round[format] / round[to]));
        println!("{} {} {}", median(times), ratio(0), ratio(1));
    }
}

/// Records to each set, and returns the seconds that `encode` takes.
fn seconds(library: &dyn Library, sets: usize, encode: impl FnOnce() -> usize) -> f64 {
    (0..sets).for_each(|agent| library.record(agent));
    let start = Instant::now();
    let bytes = encode();
    let seconds = start.elapsed().as_secs_f64();
    assert!(bytes > sets, "all sets are encoded");
    seconds
}

/// Returns the length of a response's body.
async fn body_len(router: &mut Router, path: &str, accept: &str) -> usize {
    let request = Request::get(path).header(ACCEPT, accept);
    let request = request.body(Body::empty()).expect("the request is valid");
    let response = router.call(request).await.expect("a router can't fail");
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    if accept.starts_with("application/vnd") {
        let content_type = &response.headers()[CONTENT_TYPE];
        let content_type = content_type.to_str().expect("a media type is ASCII");
        assert!(
            content_type.starts_with("application/vnd"),
            "{content_type}"
        );
    }
    let body = to_bytes(response.into_body(), usize::MAX).await;
    body.expect("the body is complete").len()
}
