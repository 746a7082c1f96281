//! Error labels and outcomes of types from other crates.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use mcp_metrics::testing::{record, record_async};
use mcp_metrics::{ErrorType, Outcome, track_request, tracked};
use rmcp::model::{CallToolResponse, CallToolResult, ContentBlock, ErrorCode};
use rmcp::{ErrorData, RmcpError, ServiceError};

#[path = "error_types/generic.rs"]
mod generic;
#[path = "error_types/http.rs"]
mod http;
#[path = "error_types/nested.rs"]
mod nested;
#[path = "error_types/tasks.rs"]
mod tasks;

/// An error with a source.
#[derive(Debug)]
struct Wrapped<E>(E);

impl<E> fmt::Display for Wrapped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it went wrong")
    }
}

impl<E: Error + 'static> Error for Wrapped<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn not_found() -> io::Error {
    io::ErrorKind::NotFound.into()
}

#[test]
fn anyhow_error_is_labelled_by_its_first_known_source() {
    let label = |error: anyhow::Error| error.error_type();
    assert_eq!(label(anyhow::anyhow!("no idea")), "anyhow::Error");
    assert_eq!(label(not_found().into()), "NotFound");
    assert_eq!(
        label("x".parse::<u8>().unwrap_err().into()),
        "ParseIntError"
    );
    let context = anyhow::Error::new(not_found())
        .context("one")
        .context("two");
    assert_eq!(label(context), "NotFound");
    assert_eq!(label(Wrapped(Wrapped(not_found())).into()), "NotFound");
    assert_eq!(
        label(anyhow::anyhow!(ErrorData::internal_error("x", None))),
        "InternalError"
    );
    let text: Result<(), _> = Err(fmt::Error).context("text");
    assert_eq!(label(text.unwrap_err()), "std::Error");
    let unknown = serde_json::from_str::<u8>("?").unwrap_err();
    assert_eq!(label(unknown.into()), "anyhow::Error");
}

#[test]
fn io_error_in_a_chain_is_labelled_by_its_inner_error() {
    let parse = || "x".parse::<u8>().unwrap_err();
    let label = |error: io::Error| anyhow::Error::new(error).error_type();
    assert_eq!(label(io::Error::other(parse())), "ParseIntError");
    assert_eq!(label(io::Error::other("a sentence")), "Other");
    assert_eq!(
        label(io::Error::new(io::ErrorKind::InvalidData, parse())),
        "InvalidData"
    );
    // Outside a chain, an `io::Error` is labelled by its kind, even if that is `Other`.
    assert_eq!(io::Error::other(parse()).error_type(), "Other");
}

#[test]
fn boxed_error_is_labelled_by_its_first_known_source() {
    let label = |error: Box<dyn Error + Send + Sync>| error.error_type();
    assert_eq!(label(not_found().into()), "NotFound");
    assert_eq!(
        label(Wrapped("x".parse::<u8>().unwrap_err()).into()),
        "ParseIntError"
    );
    assert_eq!(label("no idea".into()), "Box");
}

#[tracked("anyhow", "error_types")]
fn with_context(path: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {path}"))
}

#[test]
fn failure_of_an_anyhow_result_is_labelled_by_its_source() {
    let (_, metrics) = record(|| with_context("/no/such/file"));
    metrics
        .requests("anyhow", "error_types")
        .assert(0, &[("NotFound", 1)]);
}

#[test]
fn std_errors_are_labelled_by_kind_or_name() {
    let (sender, receiver) = mpsc::sync_channel(1);
    assert_eq!(receiver.try_recv().unwrap_err().error_type(), "Empty");
    sender.send(1).unwrap();
    assert_eq!(sender.try_send(2).unwrap_err().error_type(), "Full");
    drop(receiver);
    assert_eq!(sender.try_send(2).unwrap_err().error_type(), "Disconnected");
    assert_eq!(sender.send(2).unwrap_err().error_type(), "SendError");

    let lock = std::sync::Mutex::new(());
    let held = lock.lock().unwrap();
    assert_eq!(lock.try_lock().unwrap_err().error_type(), "WouldBlock");
    drop(held);

    let twice = [1, 2].get_disjoint_mut([0, 0]).unwrap_err().error_type();
    assert_eq!(twice, "OverlappingIndices");
    assert_eq!("x".parse::<u8>().unwrap_err().error_type(), "ParseIntError");
    let path = std::path::Path::new("/a").strip_prefix("/b");
    assert_eq!(path.unwrap_err().error_type(), "StripPrefixError");
    let payload: Box<dyn Any + Send> = Box::new("boom");
    assert_eq!(payload.error_type(), "panic");
}

#[test]
fn mcp_errors_are_labelled_by_the_name_of_their_code() {
    let label = |code| ErrorData::new(ErrorCode(code), "a sentence", None).error_type();
    assert_eq!(label(-32_700), "ParseError");
    assert_eq!(label(-32_600), "InvalidRequest");
    assert_eq!(label(-32_601), "MethodNotFound");
    assert_eq!(label(-32_602), "InvalidParams");
    assert_eq!(label(-32_603), "InternalError");
    assert_eq!(label(-32_002), "ResourceNotFound");
    assert_eq!(label(-32_050), "ServerError");
    assert_eq!(label(-31_999), "ErrorData");
    assert_eq!(label(42), "ErrorData");

    let invalid = || ServiceError::McpError(ErrorData::invalid_params("x", None));
    assert_eq!(invalid().error_type(), "InvalidParams");
    assert_eq!(RmcpError::from(invalid()).error_type(), "InvalidParams");
    assert_eq!(
        ServiceError::TransportClosed.error_type(),
        "TransportClosed"
    );
    let timeout = Duration::ZERO;
    assert_eq!(ServiceError::Timeout { timeout }.error_type(), "Timeout");
    let reason = None;
    assert_eq!(ServiceError::Cancelled { reason }.error_type(), "cancelled");
}

#[test]
fn tool_result_with_is_error_is_a_failure() {
    let text = || vec![ContentBlock::text("out of order")];
    let failure = |value: &dyn Outcome| value.failure();
    assert_eq!(failure(&CallToolResult::success(text())), None);
    let error = CallToolResult::error(text());
    assert_eq!(failure(&error).as_deref(), Some("tool_error"));
    let response = CallToolResponse::Complete(error);
    assert_eq!(failure(&response).as_deref(), Some("tool_error"));
    let response: CallToolResponse = CallToolResult::success(text()).into();
    assert_eq!(failure(&response), None);
}
