//! The attributes of LLM calls, searches, code executions and cache accesses.

use std::future::pending;

use mcp_metrics::{tracked, tracked_cache, tracked_execution, tracked_llm, tracked_search};
use mcp_metrics_tests::{exporter, panics, scrape};

use super::Failure;

struct Llm {
    model: String,
}

impl Llm {
    #[tracked_llm("test", self.model.clone())]
    #[tracked("llm", "complete")]
    async fn complete(&self, fail: bool) -> Result<(), Failure> {
        tokio::task::yield_now().await;
        if fail { Err(Failure::Busy) } else { Ok(()) }
    }

    #[tracked_llm(provider = "test", model = "boxed")]
    fn boxed(&self) -> std::pin::Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(async { self.model.len() })
    }
}

#[tracked("search", "search")]
#[tracked_search]
fn search(query: &str) -> Vec<&str> {
    query.split(' ').collect()
}

#[tracked_execution]
fn execute(fail: Option<bool>) -> Result<(), Failure> {
    match fail {
        None => panic!("provoked by a test"),
        Some(true) => Err(Failure::Final),
        Some(false) => Ok(()),
    }
}

#[tracked("execution", "hangs")]
#[tracked_execution]
async fn hangs() {
    pending::<()>().await;
}

#[tracked_cache("plain")]
fn plain_cache(hit: bool) -> Option<u8> {
    hit.then_some(1)
}

#[tracked_cache(cache_type = format!("fallible-{name}"))]
async fn fallible_cache(name: &str, hit: Option<bool>) -> Result<Option<u8>, Failure> {
    tokio::task::yield_now().await;
    Ok(hit.ok_or(Failure::Final)?.then_some(1))
}

#[tokio::test(start_paused = true)]
async fn attributes_of_the_other_families_record_their_calls() {
    exporter();
    let llm = Llm {
        model: "dynamic model".to_owned(),
    };
    let _ = (
        llm.complete(true).await,
        llm.complete(false).await,
        llm.boxed().await,
    );
    // Never polled, never called.
    drop((llm.complete(true), llm.boxed()));
    assert_eq!(search("a b").len(), 2);
    let _ = (execute(Some(true)), execute(Some(false)));
    panics(|| drop(execute(None)));
    assert!(
        tokio::time::timeout(std::time::Duration::from_secs(1), hangs())
            .await
            .is_err()
    );
    let _ = (plain_cache(true), plain_cache(false), plain_cache(true));
    for hit in [Some(true), Some(false), None] {
        let _ = fallible_cache("x", hit).await;
    }

    let scrape = scrape();
    let calls = |model| {
        scrape.value(
            "mcp_hub_llm_api_calls_total",
            &[("provider", "test"), ("model", model)],
        )
    };
    assert_eq!((calls("dynamic model"), calls("boxed")), (2.0, 1.0));
    scrape.requests("llm", "complete").assert(1, &[("Busy", 1)]);
    assert_eq!(scrape.value("mcp_hub_search_api_calls_total", &[]), 1.0);
    let executions = |status| scrape.value("mcp_hub_code_executions_total", &[("status", status)]);
    assert_eq!((executions("success"), executions("failure")), (1.0, 3.0));
    scrape
        .requests("execution", "hangs")
        .assert(0, &[("cancelled", 1)]);
    let cache = |family, cache_type| {
        scrape.value(
            &format!("mcp_hub_cache_{family}_total"),
            &[("cache_type", cache_type)],
        )
    };
    assert_eq!(
        (cache("hits", "plain"), cache("misses", "plain")),
        (2.0, 1.0)
    );
    assert_eq!(
        (cache("hits", "fallible-x"), cache("misses", "fallible-x")),
        (1.0, 1.0)
    );
}
