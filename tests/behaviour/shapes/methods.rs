//! Methods: every form of `self`, labels from `self`, and traits.

use std::pin::Pin;

use mcp_metrics::tracked;
use mcp_metrics_tests::{exporter, scrape};

struct Selves(u8);

#[tracked("selves")]
impl Selves {
    fn by_value(mut self) -> Result<u8, ()> {
        self.0 += 1;
        Ok(self.0)
    }

    fn by_typed_reference(self: &Self) -> Result<u8, ()> {
        Ok(self.0)
    }

    fn by_arc(self: std::sync::Arc<Self>) -> Result<u8, ()> {
        Ok(self.0)
    }

    async fn by_pin(self: Pin<&mut Self>, add: u8) -> Result<u8, ()> {
        tokio::task::yield_now().await;
        let this = self.get_mut();
        this.0 += add;
        Ok(this.0)
    }

    fn returns_self(&mut self) -> Result<&mut Self, ()> {
        self.0 += 1;
        Ok(self)
    }
}

#[async_trait::async_trait]
trait AsyncSelves {
    async fn by_value(self: Box<Self>) -> Result<u8, ()>;
    async fn by_mut(&mut self) -> Result<&mut u8, ()>;
}

#[async_trait::async_trait]
impl AsyncSelves for u8 {
    #[tracked("async_selves")]
    async fn by_value(self: Box<Self>) -> Result<u8, ()> {
        tokio::task::yield_now().await;
        Ok(*self)
    }

    #[tracked("async_selves")]
    async fn by_mut(&mut self) -> Result<&mut u8, ()> {
        *self += 1;
        tokio::task::yield_now().await;
        Ok(self)
    }
}

#[tokio::test]
async fn every_form_of_self_is_supported() {
    exporter();
    assert_eq!(
        (Selves(1).by_value(), Selves(1).by_typed_reference()),
        (Ok(2), Ok(1))
    );
    assert_eq!(std::sync::Arc::new(Selves(1)).by_arc(), Ok(1));
    let mut pinned = Selves(1);
    assert_eq!(Pin::new(&mut pinned).by_pin(2).await, Ok(3));
    assert_eq!(pinned.returns_self().unwrap().0, 4);
    let mut number = 1_u8;
    *number.by_mut().await.unwrap() += 1;
    assert_eq!(AsyncSelves::by_value(Box::new(number)).await, Ok(3));
    let scrape = scrape();
    for method in [
        "by_value",
        "by_typed_reference",
        "by_arc",
        "by_pin",
        "returns_self",
    ] {
        scrape.requests("selves", method).assert(1, &[]);
    }
    scrape.requests("async_selves", "by_value").assert(1, &[]);
    scrape.requests("async_selves", "by_mut").assert(1, &[]);
}

struct Store {
    name: String,
    items: Vec<u8>,
}

impl Store {
    #[tracked(agent = "store")]
    fn new(name: &str) -> Result<Self, std::convert::Infallible> {
        Ok(Self {
            name: name.to_owned(),
            items: Vec::new(),
        })
    }

    #[tracked(agent = self.name.clone())]
    fn put(&mut self, item: u8) -> &mut Self {
        self.items.push(item);
        self
    }

    #[tracked(agent = format!("{}-{prefix}", self.name), operation = "take")]
    async fn take(self, prefix: &str) -> Option<Vec<u8>> {
        Some(self.items)
    }

    #[tracked("store")]
    fn by_box(self: Box<Self>) -> Result<usize, ()> {
        Ok(self.items.len())
    }
}

trait Agent {
    fn name(&self) -> String {
        "agent".to_owned()
    }

    #[tracked(agent = self.name(), operation = "default")]
    fn run(&self) -> Result<u8, ()> {
        Ok(1)
    }
}

impl Agent for Store {}

#[async_trait::async_trait]
trait AsyncAgent: Sync {
    async fn below(&self, fail: bool) -> Result<u8, String>;
}

#[async_trait::async_trait]
impl AsyncAgent for Store {
    #[tracked("async_trait")]
    async fn below(&self, fail: bool) -> Result<u8, String> {
        tokio::task::yield_now().await;
        if fail {
            Err("no".to_owned())?;
        }
        Ok(self.name.len().try_into().unwrap_or(0))
    }
}

#[tokio::test]
async fn method_labels_can_use_self_and_arguments() {
    exporter();
    let mut store = Store::new("s1").unwrap();
    store.put(1).put(2);
    assert_eq!(store.run(), Ok(1));
    assert_eq!(Box::new(Store::new("s2").unwrap()).by_box(), Ok(0));
    assert_eq!(
        (store.below(false).await, store.below(true).await),
        (Ok(2), Err("no".into()))
    );
    drop(store.below(true)); // never polled
    assert_eq!(store.take("x").await, Some(vec![1, 2]));

    let scrape = scrape();
    scrape.requests("store", "new").assert(2, &[]);
    scrape.requests("store", "by_box").assert(1, &[]);
    scrape.requests("s1", "put").assert(2, &[]);
    scrape.requests("agent", "default").assert(1, &[]);
    scrape.requests("s1-x", "take").assert(1, &[]);
    scrape
        .requests("async_trait", "below")
        .assert(1, &[("String", 1)]);
}
