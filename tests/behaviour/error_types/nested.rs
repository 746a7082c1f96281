//! Values in an `Ok` that are failures themselves, with and without labels on each side of the
//! `Result`.

use super::*;

/// An error without a label.
#[derive(Debug)]
struct Silent;

#[derive(Debug, ErrorType)]
enum Labelled {
    Timeout,
}

/// A value without an outcome of its own.
struct Plain;

fn tool(is_error: bool) -> CallToolResult {
    let text = vec![ContentBlock::text("what came of it")];
    if is_error {
        CallToolResult::error(text)
    } else {
        CallToolResult::success(text)
    }
}

/// The result of a call: a successful value, a value that is a failure itself, or an error.
#[derive(Clone, Copy, PartialEq)]
enum Call {
    Good,
    Bad,
    Error,
}

use Call::{Bad, Error as Erroneous, Good};

fn call<T, E>(call: Call, value: impl Fn(bool) -> T, error: E) -> Result<T, E> {
    match call {
        Good => Ok(value(false)),
        Bad => Ok(value(true)),
        Erroneous => Err(error),
    }
}

/// Asserts the failure that a function records for each call.
macro_rules! outcomes {
    ($function:ident: $($call:expr => $failed:expr),+ $(,)?) => {$(
        let (_, metrics) = record(|| $function($call));
        let failed: Option<&str> = $failed;
        let failed: Vec<_> = failed.map(|label| (label, 1)).into_iter().collect();
        let success = u64::from(failed.is_empty());
        metrics.requests("nested", stringify!($function)).assert(success, &failed);
    )+};
}

#[tracked(agent = "nested")]
fn both(case: Call) -> Result<CallToolResult, Labelled> {
    call(case, tool, Labelled::Timeout)
}

#[tracked(agent = "nested")]
fn value_only(case: Call) -> Result<CallToolResult, Silent> {
    call(case, tool, Silent)
}

#[tracked(agent = "nested")]
fn error_only(case: Call) -> Result<Plain, Labelled> {
    call(case, |_| Plain, Labelled::Timeout)
}

#[tracked(agent = "nested")]
fn neither(case: Call) -> Result<Plain, Silent> {
    call(case, |_| Plain, Silent)
}

#[test]
fn ok_with_a_failed_value_is_a_failure() {
    outcomes!(both: Good => None, Bad => Some("tool_error"), Erroneous => Some("Timeout"));
    outcomes!(value_only: Good => None, Bad => Some("tool_error"), Erroneous => Some("Silent"));
    outcomes!(error_only: Good => None, Erroneous => Some("Timeout"));
    outcomes!(neither: Good => None, Erroneous => Some("Silent"));
}

fn inner<F>(error: F, bad: bool) -> Result<Plain, F> {
    if bad { Err(error) } else { Ok(Plain) }
}

#[tracked(agent = "nested")]
fn labelled_in_labelled(case: Call) -> Result<Result<Plain, io::Error>, Labelled> {
    call(case, |bad| inner(not_found(), bad), Labelled::Timeout)
}

#[tracked(agent = "nested")]
fn labelled_in_silent(case: Call) -> Result<Result<Plain, io::Error>, Silent> {
    call(case, |bad| inner(not_found(), bad), Silent)
}

#[tracked(agent = "nested")]
fn silent_in_labelled(case: Call) -> Result<Result<Plain, Silent>, Labelled> {
    call(case, |bad| inner(Silent, bad), Labelled::Timeout)
}

#[tracked(agent = "nested")]
fn silent_in_silent(case: Call) -> Result<Result<Plain, Silent>, Wrapped<u8>> {
    call(case, |bad| inner(Silent, bad), Wrapped(1))
}

#[test]
fn err_in_an_ok_is_a_failure() {
    outcomes! {
        labelled_in_labelled:
        Good => None, Bad => Some("NotFound"), Erroneous => Some("Timeout"),
    }
    outcomes! {
        labelled_in_silent:
        Good => None, Bad => Some("NotFound"), Erroneous => Some("Silent"),
    }
    outcomes! {
        silent_in_labelled:
        Good => None, Bad => Some("Silent"), Erroneous => Some("Timeout"),
    }
    outcomes! {
        silent_in_silent:
        Good => None, Bad => Some("Silent"), Erroneous => Some("Wrapped"),
    }
}

#[tracked(agent = "nested")]
fn plain_response(case: Call) -> Response {
    status(case).into_response()
}

#[tracked(agent = "nested")]
async fn handler(case: Call) -> Result<Response, (StatusCode, String)> {
    tokio::task::yield_now().await;
    let mistake = (StatusCode::NOT_FOUND, "no such tool".to_owned());
    call(
        case,
        |bad| plain_response(if bad { Bad } else { Good }),
        mistake,
    )
}

#[tracked(agent = "nested")]
async fn pair(case: Call) -> (StatusCode, String) {
    tokio::task::yield_now().await;
    (status(case), "a body".to_owned())
}

#[tracked(agent = "nested")]
async fn opaque(case: Call) -> impl axum::response::IntoResponse {
    pair(case).await.0
}

fn status(case: Call) -> StatusCode {
    match case {
        Good => StatusCode::OK,
        Bad => StatusCode::BAD_GATEWAY,
        Erroneous => StatusCode::BAD_REQUEST,
    }
}

/// Asserts the outcome that each function records for a call.
macro_rules! async_outcomes {
    ($call:expr, $success:expr, $failed:expr; $($function:ident),+) => {$(
        let (_, metrics) = record_async($function($call)).await;
        metrics.requests("nested", stringify!($function)).assert($success, $failed);
    )+};
}

#[tokio::test]
async fn response_with_a_server_error_is_a_failure() {
    outcomes!(plain_response: Good => None, Bad => Some("5xx"), Erroneous => None);
    async_outcomes!(Good, 1, &[]; handler, pair, opaque);
    async_outcomes!(Bad, 0, &[("5xx", 1)]; handler, pair, opaque);
    async_outcomes!(Erroneous, 0, &[("4xx", 1)]; handler);
    async_outcomes!(Erroneous, 1, &[]; pair, opaque);
}

#[tracked(agent = "nested")]
fn generic<T, E>(value: Result<T, E>) -> Result<T, E> {
    value
}

#[tracked(agent = "nested")]
fn generic_outcome<T: Outcome, E: ErrorType>(value: Result<T, E>) -> Result<T, E> {
    value
}

#[test]
fn generic_function_reads_outcomes_through_its_bounds() {
    let ((), metrics) = record(|| {
        assert!(generic(Ok::<_, Silent>(tool(true))).is_ok());
        assert!(generic(Err::<u8, _>(Labelled::Timeout)).is_err());
    });
    let requests = metrics.requests("nested", "generic");
    assert_eq!((requests.success, requests.failed_as("Labelled")), (1, 1));

    let ((), metrics) = record(|| {
        assert!(generic_outcome(Ok::<_, Labelled>(tool(true))).is_ok());
        assert!(generic_outcome(Err::<u8, _>(Labelled::Timeout)).is_err());
    });
    let failed = [("tool_error", 1), ("Timeout", 1)];
    metrics
        .requests("nested", "generic_outcome")
        .assert(0, &failed);
}

#[test]
fn track_request_run_reads_only_the_err() {
    let (_, metrics) = record(|| {
        let result = || call(Bad, tool, Labelled::Timeout);
        drop(track_request("nested", "run").run(result));
        let failure = |result: &Result<CallToolResult, _>| match result {
            Ok(value) => value.failure(),
            Err(error) => Some(ErrorType::error_type(error)),
        };
        track_request("nested", "run").run_with(result, failure)
    });
    metrics
        .requests("nested", "run")
        .assert(1, &[("tool_error", 1)]);
}
