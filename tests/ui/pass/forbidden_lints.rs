//! A program can forbid lints: an expansion that allows one of them would not compile.

#![forbid(
    dead_code,
    deprecated,
    let_underscore_drop,
    missing_docs,
    non_snake_case,
    non_upper_case_globals,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_code,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_assignments,
    unused_braces,
    unused_extern_crates,
    unused_labels,
    unused_lifetimes,
    unused_macros,
    unused_must_use,
    unused_mut,
    unused_parens,
    unused_qualifications,
    unused_results,
    unused_unsafe,
    unused_variables
)]
// Of clippy, only lints that expansions have violated: the test compiles without clippy.
#![forbid(clippy::empty_loop, clippy::implicit_return, clippy::unreachable)]

use std::pin::Pin;

use mcp_metrics::{
    ErrorType, tracked, tracked_cache, tracked_execution, tracked_llm, tracked_retry,
    tracked_search,
};

#[derive(Debug, ErrorType)]
enum Failure {
    Timeout,
    #[error_type("renamed")]
    Renamed,
    #[error_type(transparent)]
    Io(std::io::Error),
}

#[derive(Debug, ErrorType)]
#[error_type(transparent)]
struct Wrapped<T>(T);

#[tracked("a")]
fn sync(value: u8) -> Result<u8, Failure> {
    match value {
        0 => Err(Failure::Timeout),
        1 => Err(Failure::Renamed),
        2 => Err(Failure::Io(std::io::ErrorKind::NotFound.into())),
        value => Ok(value),
    }
}

#[tracked("a")]
fn plain(value: u8) -> u8 {
    value
}

#[tracked("a")]
fn never() -> ! {
    std::process::exit(0)
}

#[tracked("a", operation = name.clone(), ok_if = |value| *value > 1, error_type = "low")]
fn dynamic(name: String, value: u8) -> u8 {
    let length = name.len();
    if length > 3 { value } else { 0 }
}

#[tracked("a")]
async fn asynchronous(text: &str) -> Result<usize, Wrapped<Failure>> {
    std::future::ready(()).await;
    Ok(text.len())
}

#[tracked("a")]
async fn serve() -> ! {
    loop {
        std::future::ready(()).await;
    }
}

#[tracked("a")]
async fn predicate() -> impl Fn(&str) -> &str {
    |text| text.trim()
}

#[tracked("a")]
fn opaque(value: u8) -> impl Future<Output = Result<u8, Failure>> {
    async move { sync(value) }
}

#[tracked("a")]
fn boxed(value: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move { value })
}

#[tracked_execution]
#[tracked_search]
#[tracked_llm("provider", model = model.clone())]
fn events(model: String) -> Result<u8, Failure> {
    if model.is_empty() { Err(Failure::Timeout) } else { Ok(1) }
}

#[tracked_execution]
async fn executed() -> ! {
    serve().await
}

#[tracked_cache("c")]
async fn cached(key: u8) -> Option<u8> {
    std::future::ready((key > 1).then_some(key)).await
}

#[tracked_retry("s")]
fn counted() -> Result<u8, Failure> {
    let mut attempt = 1;
    while let Err(_) = sync(attempt)
        && attempt < 3
    {
        attempt += 1;
    }
    sync(attempt)
}

#[tracked_retry("s", attempts = 3, delay = "1ms", retry_if = |_| true)]
async fn generated(value: u8) -> Result<u8, Failure> {
    std::future::ready(sync(value)).await
}

struct Store {
    name: String,
}

#[tracked(agent = "store")]
impl Store {
    fn name(&self) -> &str {
        &self.name
    }

    #[tracked(operation = self.name.clone(), error_type = |error: &Failure| error.error_type())]
    async fn run(self) -> Result<String, Failure> {
        std::future::ready(Ok(self.name)).await
    }
}

#[tracked(agent = "runs")]
trait Runs {
    fn run_twice(&self) -> Result<u8, Failure> {
        Ok(self.run_once()?.max(self.run_once()?))
    }

    fn run_once(&self) -> Result<u8, Failure>;
}

impl Runs for Store {
    fn run_once(&self) -> Result<u8, Failure> {
        sync(u8::try_from(self.name.len()).unwrap_or_default())
    }
}

fn main() {
    let store = Store { name: "store".into() };
    println!("{:?} {:?} {}", sync(plain(3)), store.run_twice(), store.name());
    println!("{} {:?} {:?}", dynamic("name".into(), 1), events("gpt".into()), counted());
    drop((asynchronous("text"), opaque(1), boxed(1), cached(1), generated(1), store.run()));
    drop((serve(), executed(), predicate()));
    never();
}
