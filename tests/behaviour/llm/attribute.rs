//! Calls of functions with `#[tracked_llm]`.

use std::future::{Future, pending};
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use mcp_metrics::catalog::llm;
use mcp_metrics::{Outcome, TokenUsage, testing, tracked, tracked_llm, tracked_retry};
use mcp_metrics_tests::{PROVOKED, exporter, panics, scrape};

use crate::read::Calls;

struct Reply {
    prompt_tokens: u64,
    completion_tokens: u64,
}

const REPLY: Reply = Reply {
    prompt_tokens: 12,
    completion_tokens: 3,
};

fn usage_of(reply: &Reply) -> TokenUsage {
    TokenUsage {
        input: reply.prompt_tokens,
        output: reply.completion_tokens,
    }
}

fn timeout() -> io::Error {
    io::ErrorKind::TimedOut.into()
}

#[tracked_llm("attribute", "sync", usage = usage_of)]
fn complete(fails: bool) -> Result<Reply, io::Error> {
    if fails { Err(timeout()) } else { Ok(REPLY) }
}

#[test]
fn results_of_functions_are_measured() {
    exporter();
    assert!(complete(false).is_ok());
    assert!(complete(true).is_err());
    let expected = Calls::of(2.0, &[("", 1.0), ("TimedOut", 1.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "attribute", "sync"), expected);
}

#[tracked_llm(provider = "attribute", model = model.clone(), usage = usage_of)]
async fn complete_async(model: String, wait: bool) -> Result<Reply, io::Error> {
    if wait {
        pending::<()>().await;
    }
    tokio::task::yield_now().await;
    // The model can be moved by the body.
    drop(model);
    Ok(REPLY)
}

#[tokio::test(start_paused = true)]
async fn async_functions_are_measured_and_cancelled() {
    exporter();
    drop(complete_async("async".to_owned(), false)); // never polled
    assert!(complete_async("async".to_owned(), false).await.is_ok());
    let stuck = complete_async("async".to_owned(), true);
    let stuck = tokio::time::timeout(Duration::from_secs(1), stuck).await;
    assert!(stuck.is_err());
    let expected = Calls::of(2.0, &[("", 1.0), ("cancelled", 1.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "attribute", "async"), expected);
}

#[tracked_llm(
    "attribute",
    "future",
    operation = "text_completion",
    usage = |reply| TokenUsage { input: reply.prompt_tokens, output: reply.completion_tokens },
)]
fn future(fails: bool) -> impl Future<Output = Result<Reply, io::Error>> {
    async move { if fails { Err(timeout()) } else { Ok(REPLY) } }
}

#[tokio::test]
async fn futures_are_measured_under_their_operation() {
    exporter();
    assert!(future(false).await.is_ok());
    assert!(future(true).await.is_err());
    let scrape = scrape();
    let expected = Calls::of(2.0, &[("", 1.0), ("TimedOut", 1.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape, "attribute", "future"), expected);
    let labels = [
        ("gen_ai_operation_name", "text_completion"),
        ("gen_ai_provider_name", "attribute"),
    ];
    let durations = format!("{}_count", llm::OPERATION_DURATION);
    assert_eq!(scrape.sum(&durations, &labels), 2.0);
}

#[tracked_llm("attribute", "panic")]
fn crash() -> u8 {
    panic!("{PROVOKED}");
}

#[tracked_llm("attribute", "panic", usage = |()| -> TokenUsage { panic!("{PROVOKED}") })]
fn crash_in_usage() {}

#[tracked_llm("attribute", "panic")]
async fn crash_later() -> Result<(), io::Error> {
    tokio::task::yield_now().await;
    panic!("{PROVOKED}");
}

#[test]
fn panics_are_failures_of_functions_and_futures() {
    exporter();
    panics(|| assert_eq!(crash(), 0));
    panics(crash_in_usage);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    panics(AssertUnwindSafe(|| drop(runtime.block_on(crash_later()))));
    let expected = Calls::of(3.0, &[("panic", 3.0)]);
    assert_eq!(Calls::read(&scrape(), "attribute", "panic"), expected);
}

#[test]
fn future_that_a_callers_panic_drops_is_cancelled() {
    #[tracked_llm("attribute", "unwound")]
    async fn unwound() -> Result<(), io::Error> {
        pending().await
    }

    exporter();
    panics(|| {
        let mut future = Box::pin(unwound());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        panic!("{PROVOKED}");
    });
    let expected = Calls::of(1.0, &[("cancelled", 1.0)]);
    assert_eq!(Calls::read(&scrape(), "attribute", "unwound"), expected);
}

/// A reply whose failure is in a field.
struct Checked {
    filtered: bool,
}

impl Outcome for Checked {
    fn failure(&self) -> Option<std::borrow::Cow<'static, str>> {
        self.filtered.then(|| "content_filter".into())
    }
}

#[tracked_llm("attribute", "checked")]
fn checked(filtered: bool) -> Checked {
    Checked { filtered }
}

#[tracked_llm("attribute", "judged", error_if = |reply: &Option<Reply>| reply.is_none(), error_type = "empty")]
fn judged(reply: Option<Reply>) -> Option<Reply> {
    reply
}

#[test]
fn outcome_is_that_of_the_type_or_of_the_arguments() {
    exporter();
    let _ = [checked(true), checked(false)];
    let _ = [judged(None), judged(Some(REPLY))];
    let scrape = scrape();
    let expected = Calls::of(2.0, &[("", 1.0), ("content_filter", 1.0)]);
    assert_eq!(Calls::read(&scrape, "attribute", "checked"), expected);
    let expected = Calls::of(2.0, &[("", 1.0), ("empty", 1.0)]);
    assert_eq!(Calls::read(&scrape, "attribute", "judged"), expected);
}

#[tracked_llm("attribute", "option", usage = |reply: &Option<Reply>| reply.as_ref().map(usage_of))]
fn cached(reply: Option<Reply>) -> Option<Reply> {
    reply
}

#[test]
fn usage_may_be_unknown() {
    exporter();
    let _ = [cached(None), cached(Some(REPLY))];
    let expected = Calls::of(2.0, &[("", 2.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "attribute", "option"), expected);
}

struct Client {
    model: String,
}

impl Client {
    #[tracked("client", "ask")]
    #[tracked_llm("attribute", self.model.clone(), usage = usage_of)]
    async fn ask(&self, prompt: &str) -> Result<Reply, io::Error> {
        if prompt.is_empty() {
            return Err(timeout());
        }
        Ok(REPLY)
    }
}

#[tokio::test]
async fn methods_stack_with_tracked() {
    exporter();
    let client = Client {
        model: "method".to_owned(),
    };
    assert!(client.ask("Hello").await.is_ok());
    assert!(client.ask("").await.is_err());
    let scrape = scrape();
    let expected = Calls::of(2.0, &[("", 1.0), ("TimedOut", 1.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape, "attribute", "method"), expected);
    let requests = scrape.requests("client", "ask");
    assert_eq!((requests.total, requests.success), (2.0, 1.0));
}

#[tracked_retry("llm_api", attempts = 3, delay = "0ms")]
#[tracked_llm("attribute", "retried", usage = usage_of)]
fn retried(failures: &mut u8) -> Result<Reply, io::Error> {
    if *failures > 0 {
        *failures -= 1;
        return Err(timeout());
    }
    Ok(REPLY)
}

#[test]
fn each_attempt_of_a_generated_loop_is_a_call() {
    exporter();
    assert!(retried(&mut 2).is_ok());
    let expected = Calls::of(3.0, &[("", 1.0), ("TimedOut", 2.0)]).with_tokens(12.0, 3.0);
    assert_eq!(Calls::read(&scrape(), "attribute", "retried"), expected);
}

#[tracked_llm("attribute", "never_called")]
fn never_called() {}

#[test]
fn literal_labels_start_the_counter_at_zero() {
    exporter();
    let _ = never_called as fn();
    let expected = Calls::of(0.0, &[]);
    let scrape = scrape();
    assert_eq!(Calls::read(&scrape, "attribute", "never_called"), expected);
    let labels = [("provider", "attribute"), ("model", "never_called")];
    assert_eq!(
        scrape.get("mcp_hub_llm_api_calls_total", &labels),
        Some(0.0)
    );
}

#[test]
fn calls_are_recorded_under_a_local_recorder() {
    let (_, metrics) = testing::record(|| complete(true));
    let failed = [("gen_ai_request_model", "sync"), ("error_type", "TimedOut")];
    let durations = metrics.histogram(llm::OPERATION_DURATION, &failed);
    assert_eq!(durations.count, 1, "{metrics}");
}
