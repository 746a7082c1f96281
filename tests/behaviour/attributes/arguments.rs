//! The arguments of `#[tracked]` that decide the outcome and the error label.

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

use super::Failure;

impl Failure {
    fn class(&self) -> &'static str {
        match self {
            Self::Busy => "transient",
            Self::Final => "final",
        }
    }
}

struct Score {
    value: f64,
    valid: bool,
}

impl Score {
    fn is_invalid(&self) -> bool {
        !self.valid
    }
}

#[tracked("ok_if", "call", ok_if = |score: &Score| score.valid)]
fn ok_if(valid: bool) -> Score {
    Score { value: 1.0, valid }
}

#[tracked("error_if", "call", error_if = Score::is_invalid, error_type = "Invalid")]
async fn error_if(valid: bool) -> Score {
    Score { value: 1.0, valid }
}

#[tracked("error_if_label", "call", error_if = |n| *n > 2, error_type = |n| format!("Over{n}"))]
fn labelled_by_value(n: u8) -> u8 {
    n
}

#[tracked("ok_if_result", "call", ok_if = |r| !matches!(r, Err(Failure::Final)))]
fn result_by_predicate(result: Result<(), Failure>) -> Result<(), Failure> {
    result
}

#[tracked("literal_label", "call", error_type = "Any")]
fn one_label(result: Result<(), Failure>) -> Result<(), Failure> {
    result
}

#[tracked("path_label", "call", error_type = Failure::class)]
async fn path_label(result: Result<(), Failure>) -> Result<(), Failure> {
    result
}

#[tracked("closure_label", "call", error_type = |error: &Failure| error.class().to_uppercase())]
fn closure_label(result: Result<(), Failure>) -> Result<(), Failure> {
    result
}

#[tokio::test]
async fn predicates_and_labels_in_arguments_decide_the_outcome() {
    exporter();
    let value = ok_if(true).value + ok_if(false).value;
    assert_eq!(
        value + error_if(true).await.value + error_if(false).await.value,
        4.0
    );
    assert_eq!((1..=4).map(labelled_by_value).sum::<u8>(), 10);
    let results = || [Ok(()), Err(Failure::Busy), Err(Failure::Final)];
    for result in results() {
        let _ = result_by_predicate(result);
    }
    for result in results() {
        let _ = one_label(result);
    }
    for result in results() {
        let _ = path_label(result).await;
    }
    for result in results() {
        let _ = closure_label(result);
    }
    let scrape = scrape();
    let check =
        |agent, success, failed: &[_]| scrape.requests(agent, "call").assert(success, failed);
    check("ok_if", 1, &[("rejected", 1)]);
    check("error_if", 1, &[("Invalid", 1)]);
    check("error_if_label", 2, &[("Over3", 1), ("Over4", 1)]);
    check("ok_if_result", 2, &[("Final", 1)]);
    check("literal_label", 1, &[("Any", 2)]);
    check("path_label", 1, &[("final", 1), ("transient", 1)]);
    check("closure_label", 1, &[("FINAL", 1), ("TRANSIENT", 1)]);
}
