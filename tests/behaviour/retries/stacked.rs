//! `#[tracked_retry]` together with the attributes of requests and events.

use std::cell::Cell;

use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry};
use mcp_metrics_tests::{exporter, scrape};

use super::{Failure, assert_retries, service};

#[tracked("stacked", "above")]
#[tracked_retry("stacked_above", attempts = 3, delay = "1ms")]
async fn tracked_above(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked_retry("stacked_below")]
#[tracked("stacked", "below")]
fn tracked_below(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tracked("stacked", "above_loop")]
#[tracked_retry("stacked_above_loop")]
async fn tracked_above_loop(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whole_loop_is_one_request_in_any_order_of_attributes() {
    exporter();
    assert_eq!(tracked_above(&Cell::new(2)).await, Ok(7));
    assert_eq!(tracked_below(&Cell::new(2)), Ok(7));
    assert_eq!(tracked_above_loop(&Cell::new(2)).await, Ok(7));
    for (operation, service) in [
        ("above", "stacked_above"),
        ("below", "stacked_below"),
        ("above_loop", "stacked_above_loop"),
    ] {
        scrape().requests("stacked", operation).assert(1, &[]);
        assert_retries(service, &[1, 1], 0);
    }
}

#[tracked_llm("events", "above")]
#[tracked_retry("events", attempts = 3, delay = "1ms")]
#[tracked("events", "above")]
fn event_above_driven(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked("events", "below")]
#[tracked_retry("events", attempts = 3, delay = "1ms")]
#[tracked_llm("events", "below")]
#[tracked_execution]
async fn event_below_driven(failures: &Cell<u32>) -> Result<u32, Failure> {
    service(failures)
}

#[tracked_llm("events", "loop")]
#[tracked_execution]
#[tracked_retry("events")]
fn event_above_loop(failures: &Cell<u32>) -> Result<u32, Failure> {
    loop {
        if let Ok(reply) = service(failures) {
            return Ok(reply);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn events_count_each_driven_attempt_and_requests_the_whole_loop() {
    exporter();
    event_above_driven(&Cell::new(2)).unwrap();
    event_below_driven(&Cell::new(2)).await.unwrap();
    event_above_loop(&Cell::new(2)).unwrap();
    let scrape = scrape();
    let calls = |model| {
        scrape.value(
            "mcp_hub_llm_api_calls_total",
            &[("provider", "events"), ("model", model)],
        )
    };
    assert_eq!(
        (calls("above"), calls("below"), calls("loop")),
        (3.0, 3.0, 1.0)
    );
    scrape.requests("events", "above").assert(1, &[]);
    scrape.requests("events", "below").assert(1, &[]);
    let first = [("service", "events"), ("attempt", "1")];
    assert_eq!(scrape.value("mcp_hub_retries_total", &first), 3.0);
    let executions = |status| scrape.value("mcp_hub_code_executions_total", &[("status", status)]);
    assert_eq!((executions("success"), executions("failure")), (2.0, 2.0));
}

#[tracked_retry("borrowing", attempts = 3, delay = "1ms")]
#[tracked_llm("borrowing", "sync")]
#[tracked_cache("borrowing")]
#[expect(
    clippy::needless_pass_by_value,
    reason = "each attempt must be able to use it"
)]
fn borrow(prompt: Option<String>, failures: &mut u32) -> Result<Option<usize>, Failure> {
    if *failures > 0 {
        *failures -= 1;
        return Err(Failure::Busy);
    }
    Ok(prompt.as_ref().map(String::len))
}

#[tracked_cache("borrowing")]
#[tracked_llm("borrowing", "async")]
#[tracked_retry("borrowing", attempts = 3, delay = "1ms")]
async fn borrow_async(
    prompt: Option<String>,
    failures: &mut u32,
) -> Result<Option<usize>, Failure> {
    tokio::task::yield_now().await;
    if *failures > 0 {
        *failures -= 1;
        return Err(Failure::Busy);
    }
    Ok(prompt.as_ref().map(String::len))
}

#[tokio::test(start_paused = true)]
async fn each_driven_attempt_of_an_event_borrows_the_arguments() {
    exporter();
    let prompt = || Some("Hello".to_owned());
    assert_eq!(borrow(prompt(), &mut 2), Ok(Some(5)));
    assert_eq!(borrow_async(prompt(), &mut 2).await, Ok(Some(5)));
    for model in ["sync", "async"] {
        let labels = [("provider", "borrowing"), ("model", model)];
        let calls = scrape().value("mcp_hub_llm_api_calls_total", &labels);
        assert_eq!(calls, 3.0, "{model}");
    }
}
