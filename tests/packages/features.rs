//! Uses of a disabled feature: the error names the feature.

use crate::package::{Diagnostic, Package};

const STREAMS: &str = r#"
use std::pin::Pin;

use futures_core::Stream;
use mcp_metrics::tracked;

pub struct Numbers;

impl Stream for Numbers {
    type Item = Result<u8, u8>;

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(None)
    }
}

#[tracked("a")]
pub fn opaque() -> impl Stream<Item = Result<u8, u8>> {
    Numbers
}

#[tracked("a", error_type = "label")]
pub fn boxed() -> Pin<Box<dyn Stream<Item = Result<u8, u8>> + Send>> {
    Box::pin(Numbers)
}

#[tracked("a")]
impl Numbers {
    pub fn method(self) -> impl Stream<Item = Result<u8, u8>> {
        self
    }
}

#[tracked("a", ok_if_dropped)]
pub fn early() -> impl Stream<Item = Result<u8, u8>> {
    Numbers
}

#[tracked("a", stream, ok_if_dropped)]
pub async fn opened() -> Result<impl Stream<Item = Result<u8, u8>>, u8> {
    Ok(Numbers)
}

#[tracked("a", stream)]
pub fn opened_sync() -> Option<Pin<Box<dyn Stream<Item = Result<u8, u8>> + Send>>> {
    Some(Box::pin(Numbers))
}

#[tracked("a", stream)]
pub fn opened_future() -> impl Future<Output = Result<impl Stream<Item = Result<u8, u8>>, u8>> {
    async { Ok(Numbers) }
}
"#;

const RETRIES: &str = r#"
use mcp_metrics::tracked_retry;

#[tracked_retry("service", attempts = 3)]
pub fn sync() -> Result<u8, String> {
    Err(String::new())
}

#[tracked_retry("service", attempts = 3, delay = "1s", factor = 2.0, retry_if = |_| true)]
pub async fn asynchronous() -> Result<u8, String> {
    Err(String::new())
}

#[tracked_retry(String::from("service"), attempts = 3)]
pub async fn dynamic() -> Result<u8, String> {
    Err(String::new())
}

#[tracked_retry("service")]
pub fn counted() -> Result<u8, String> {
    for _ in 0..3 {}
    Err(String::new())
}
"#;

const DEPENDENCIES: &str = r#"
futures-core = { version = "0.3", default-features = false }
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false }
"#;

const WITH_FEATURES: &str = r#"
futures-core = { version = "0.3", default-features = false }
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false, features = ["retry", "stream"] }
"#;

fn package<'a>(name: &'a str, dependencies: &'a str, source: &'a str) -> Package<'a> {
    Package {
        name,
        edition: "2024",
        dependencies,
        source,
    }
}

/// Checks that there is one error per function, and that each names the feature.
fn check_feature(errors: &[Diagnostic], feature: &str, count: usize) {
    assert_eq!(errors.len(), count, "{errors:#?}");
    for error in errors {
        let named = format!("requires the feature `{feature}` of `mcp-metrics`");
        assert!(error.message.contains(&named), "{error:#?}");
        let fix = format!("features = [\"{feature}\"]");
        assert!(error.has_note(&fix), "{error:#?}");
        assert_eq!(error.level, "error", "{error:#?}");
    }
}

#[test]
fn stream_without_the_feature_is_one_error_that_names_it() {
    let errors = package("stream-disabled", DEPENDENCIES, STREAMS).check();
    check_feature(&errors, "stream", 7);
}

#[test]
fn generated_retry_without_the_feature_is_one_error_that_names_it() {
    let errors = package("retry-disabled", DEPENDENCIES, RETRIES).check();
    check_feature(&errors, "retry", 3);
}

#[test]
fn streams_and_retries_with_the_features_compile() {
    package("stream-enabled", WITH_FEATURES, STREAMS).compiles();
    package("retry-enabled", WITH_FEATURES, RETRIES).compiles();
}
