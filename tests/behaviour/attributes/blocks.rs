//! `#[tracked]` on `impl` blocks and traits.

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

use super::Failure;

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
