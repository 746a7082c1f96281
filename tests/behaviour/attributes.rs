//! The arguments of `#[tracked]`, blocks of methods, and the attributes of the other families.

use std::future::pending;

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_search,
};
use mcp_metrics_tests::{exporter, panics, scrape};

#[derive(Debug, ErrorType)]
enum Failure {
    Busy,
    Final,
}

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

struct Store<T> {
    items: Vec<T>,
}

#[tracked(agent = "store")]
impl<T: Clone> Store<T> {
    const LIMIT: usize = 2;

    const fn new() -> Self {
        Self { items: Vec::new() }
    }

    fn put(&mut self, item: T) -> Result<&T, &'static str> {
        if self.items.len() == Self::LIMIT {
            return Err("full");
        }
        self.items.push(item);
        self.items.last().ok_or("empty")
    }

    async fn first(&self) -> Option<T> {
        self.items.first().cloned()
    }

    #[tracked(skip)]
    fn len(&self) -> usize {
        self.items.len()
    }

    #[tracked("elsewhere", "renamed")]
    fn elsewhere(&mut self) {
        self.items.clear();
    }

    /// Keeps the block's agent.
    #[tracked(operation = "renamed")]
    fn renamed(&mut self) {
        self.items.clear();
    }
}

trait Speaks {
    fn name(&self) -> &'static str;
    fn speak(&self) -> String;
    fn shout(&self) -> String;
}

#[tracked(agent = self.name())]
impl Speaks for Store<u8> {
    #[tracked(skip)]
    fn name(&self) -> &'static str {
        "speaker"
    }

    fn speak(&self) -> String {
        "hello".to_owned()
    }

    fn shout(&self) -> String {
        self.speak().to_uppercase()
    }
}

#[tracked("greeter")]
trait Greets {
    const GREETING: &'static str;
    type Greeting;

    fn greet(&self) -> String {
        Self::GREETING.to_owned()
    }

    fn without_body(&self) -> Self::Greeting;
}

impl Greets for u8 {
    const GREETING: &'static str = "hi";
    type Greeting = u8;

    fn without_body(&self) -> u8 {
        *self
    }
}

#[tracked("async_store")]
#[async_trait::async_trait]
impl Fetches for u8 {
    async fn fetch(&self, fail: bool) -> Result<u8, Failure> {
        tokio::task::yield_now().await;
        if fail { Err(Failure::Busy) } else { Ok(*self) }
    }
}

#[async_trait::async_trait]
trait Fetches {
    async fn fetch(&self, fail: bool) -> Result<u8, Failure>;
}

#[async_trait::async_trait]
#[tracked("async_store_below")]
impl Fetches for u16 {
    async fn fetch(&self, fail: bool) -> Result<u8, Failure> {
        tokio::task::yield_now().await;
        if fail { Err(Failure::Busy) } else { Ok(2) }
    }
}

#[tokio::test]
async fn block_attribute_tracks_each_method_with_a_body() {
    exporter();
    let mut store = Store::new();
    assert_eq!(store.put(1), Ok(&1));
    assert_eq!(store.put(2), Ok(&2));
    assert_eq!(store.put(3), Err("full"));
    assert_eq!(store.first().await, Some(1));
    assert_eq!(store.len(), 2);
    store.elsewhere();
    store.renamed();
    assert_eq!(store.shout(), "HELLO");
    assert_eq!((1_u8.greet(), 1.without_body()), ("hi".to_owned(), 1));
    assert!(1_u8.fetch(true).await.is_err() && 1_u8.fetch(false).await.is_ok());
    assert!(1_u16.fetch(true).await.is_err() && 1_u16.fetch(false).await.is_ok());

    let scrape = scrape();
    scrape.requests("store", "put").assert(2, &[("str", 1)]);
    scrape.requests("store", "first").assert(1, &[]);
    scrape.requests("store", "renamed").assert(1, &[]);
    scrape.requests("elsewhere", "renamed").assert(1, &[]);
    assert_eq!(
        scrape
            .select("mcp_hub_requests_total", &[("agent", "store")])
            .count(),
        3
    );
    scrape.requests("speaker", "speak").assert(1, &[]);
    scrape.requests("speaker", "shout").assert(1, &[]);
    scrape.requests("greeter", "greet").assert(1, &[]);
    scrape
        .requests("async_store", "fetch")
        .assert(1, &[("Busy", 1)]);
    scrape
        .requests("async_store_below", "fetch")
        .assert(1, &[("Busy", 1)]);
}

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
    pending().await
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
