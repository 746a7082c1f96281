//! Earlier editions.

use crate::package::Package;

const DEPENDENCIES: &str = r#"
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false, features = ["retry"] }
"#;

/// Functions that each edition since 2018 has.
const SINCE_2018: &str = r#"
use std::future::Future;
use std::pin::Pin;

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};

#[derive(Debug, ErrorType)]
pub enum Failure {
    One,
    #[error_type(transparent)]
    Io(std::io::Error),
}

#[tracked("a")]
pub async fn serve() -> ! {
    loop {
        tick().await;
    }
}

#[tracked_execution]
pub async fn execute() -> ! {
    serve().await
}

#[tracked_retry("s")]
pub async fn counted() -> ! {
    loop {
        tick().await;
    }
}

#[tracked_search]
#[tracked_llm("provider", "model")]
pub async fn events() -> ! {
    serve().await
}

#[tracked("a", ok_if = |_| true)]
pub async fn judged() -> ! {
    serve().await
}

#[tracked("a")]
#[tracked_execution]
#[tracked_retry("s")]
pub async fn all() -> ! {
    loop {
        tick().await;
    }
}

#[tracked_execution]
pub fn sync() -> ! {
    loop {}
}

/// The temporaries of the last expression borrow from the arguments.
#[tracked("a")]
pub fn locked(value: std::sync::Mutex<u8>) -> u8 {
    *value.lock().unwrap()
}

#[tracked("a")]
#[tracked_execution]
pub fn matched(value: std::sync::Mutex<Vec<u8>>) -> Result<u8, u8> {
    match value.lock().unwrap().first() {
        Some(first) => Ok(*first),
        None => Err(0),
    }
}

#[tracked("a")]
#[track_caller]
pub fn located(value: std::sync::Mutex<u8>, _guard: Box<dyn Send>) -> Result<u8, u8> {
    Ok(*value.lock().unwrap())
}

#[tracked("a")]
pub async fn locked_later(value: std::sync::Mutex<u8>) -> u8 {
    *value.lock().unwrap()
}

#[tracked("a")]
pub fn future_of(value: std::sync::Mutex<u8>) -> impl Future<Output = u8> {
    std::future::ready(*value.lock().unwrap())
}

#[tracked("a")]
pub fn iterator(value: std::sync::Mutex<u8>) -> impl Iterator<Item = u8> {
    std::iter::once(*value.lock().unwrap())
}

/// The signature of the closure is inferred from the return type.
#[tracked("a")]
pub fn comparison<T, K: Ord, F: FnMut(&T) -> K>(
    mut key: F,
) -> impl FnMut(&T, &T) -> std::cmp::Ordering {
    move |a, b| key(a).cmp(&key(b))
}

pub struct Owner(std::sync::Mutex<u8>);

impl Owner {
    #[tracked("a")]
    pub fn consume(self, other: std::sync::Mutex<u8>) -> u8 {
        *self.0.lock().unwrap() + *other.lock().unwrap()
    }
}

pub struct Server;

#[tracked("server")]
impl Server {
    pub async fn serve(&self) -> ! {
        loop {
            tick().await;
        }
    }

    pub fn borrowed<'a>(&'a self, text: &'a str) -> impl Future<Output = usize> + 'a {
        async move { text.len() }
    }

    pub fn boxed<'a>(&'a self) -> Pin<Box<dyn Future<Output = Result<u8, Failure>> + Send + 'a>> {
        Box::pin(async move { Err(Failure::One) })
    }
}

#[tracked("a")]
async fn tick() {}

#[tracked("a")]
pub async fn trimmer() -> impl Fn(&str) -> &str {
    |text| text.trim()
}

#[tracked_cache("c")]
pub fn cached(key: u8) -> Option<u8> {
    Some(key)
}

#[tracked_retry("s", attempts = 2, delay = "1ms")]
pub async fn generated() -> Result<u8, Failure> {
    Err(Failure::One)
}
"#;

/// Edition 2015 has no `async fn` and resolves paths from the crate's root.
const IN_2015: &str = r#"
#[macro_use]
extern crate mcp_metrics;

#[derive(Debug, ErrorType)]
pub enum Failure {
    One,
}

pub mod module {
    use mcp_metrics::{tracked, tracked_retry};

    #[tracked("a")]
    pub fn sync() -> Result<u8, ::Failure> {
        Err(::Failure::One)
    }

    #[tracked_retry("s", attempts = 2)]
    pub fn generated() -> Result<u8, ::Failure> {
        sync()
    }

    #[tracked("a")]
    pub fn plain(text: &str) -> usize {
        text.len()
    }
}
"#;

fn package<'a>(name: &'a str, edition: &'a str, source: &'a str) -> Package<'a> {
    Package {
        name,
        edition,
        dependencies: DEPENDENCIES,
        source,
    }
}

#[test]
fn attributes_in_edition_2021_compile() {
    package("edition-2021", "2021", SINCE_2018).compiles();
}

#[test]
fn attributes_in_edition_2018_compile() {
    package("edition-2018", "2018", SINCE_2018).compiles();
}

#[test]
fn attributes_in_edition_2015_compile() {
    package("edition-2015", "2015", IN_2015).compiles();
}
