//! What our answers over HTTP take, next to the text alone.

use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::ACCEPT;
use axum::http::{Request, StatusCode};
use mcp_metrics_benches::{in_own_process, median};
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::sets::{Library as _, Ours};

const SETS: usize = 10_000;
const ROUNDS: usize = 15;

/// What is asked for, and how.
const ANSWERS: [(&str, &str, &str); 3] = [
    ("text", "/metrics", "text/plain"),
    (
        "OpenMetrics, as Prometheus asks for it",
        "/metrics",
        "application/openmetrics-text; version=1.0.0",
    ),
    (
        "summary, as the status page asks for it",
        "/api/metrics_summary",
        "*/*",
    ),
];

pub(crate) fn print() {
    let numbers = in_own_process(&["--formats", &SETS.to_string()]);
    println!("\n## Answers of ours\n");
    println!("| {SETS} sets | ms | ÷ `render` |");
    println!("|---|--:|--:|");
    let names = ["`render`"]
        .into_iter()
        .chain(ANSWERS.map(|(name, ..)| name));
    for (name, numbers) in names.zip(numbers.chunks(2)) {
        println!("| {name} | {:.2} | {:.2} |", numbers[0] * 1e3, numbers[1]);
    }
}

/// Prints the seconds of each answer, and its part of what `render` takes.
pub(crate) fn measure(sets: usize) {
    let library = Ours::new(sets);
    let runtime = Runtime::new().expect("threads can be had");
    let mut router = library.0.router();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let seconds_of = |work: &mut dyn FnMut() -> usize| {
            (0..sets).for_each(|agent| library.record(agent));
            let start = Instant::now();
            assert!(work() > sets, "the sets are there");
            start.elapsed().as_secs_f64()
        };
        let mut times = vec![seconds_of(&mut || library.text().len())];
        times.extend(ANSWERS.map(|(_, path, accept)| {
            seconds_of(&mut || runtime.block_on(answer(&mut router, path, accept)))
        }));
        rounds.push(times);
    }
    for answer in 0..=ANSWERS.len() {
        let times = rounds.iter().map(|round| round[answer]);
        let ratios = rounds.iter().map(|round| round[answer] / round[0]);
        println!("{} {}", median(times), median(ratios));
    }
}

/// How long an answer is.
async fn answer(router: &mut Router, path: &str, accept: &str) -> usize {
    let request = Request::get(path).header(ACCEPT, accept);
    let request = request.body(Body::empty()).expect("it is a request");
    let response = router.call(request).await.expect("it can't fail");
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let body = to_bytes(response.into_body(), usize::MAX).await;
    body.expect("the body is there").len()
}
