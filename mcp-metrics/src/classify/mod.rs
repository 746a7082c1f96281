//! Classifies returned values as successes or failures, and labels the failures.

#[cfg(feature = "anyhow")]
mod anyhow;
#[cfg(feature = "axum")]
mod axum;
mod cache;
mod downcast;
mod dyn_errors;
mod error_labels;
mod hidden_future;
mod known;
mod names;
mod outcome_by_type;
mod outcome_rule;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "rmcp")]
mod rmcp;
mod std_errors;
#[cfg(feature = "tokio")]
mod tokio;
mod values;

use std::borrow::Cow;

pub use error_labels::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, HasOwnErrorLabels, InnerProbe, Mask, Probe,
    ViaLabels, no_labels,
};
pub use hidden_future::{Unnamed, ViaIntoFuture, ViaNoFuture};
pub(crate) use names::type_label;
pub use outcome_by_type::{
    Inner, ViaAny, ViaErrorType, ViaFuture, ViaOutcome, ViaResult, ViaTypeName, borrowed, returned,
};
pub use outcome_rule::{failure_if, label_error, label_value, test, with_label};

/// A short class name for an error: the value of the label `error_type`.
///
/// Derive it on your error enums, so that each variant has a label of its own:
///
/// ```
/// use mcp_metrics::ErrorType;
///
/// #[derive(ErrorType)]
/// enum SearchError {
///     Timeout,
///     #[error_type("Upstream")]
///     Provider(String),
///     #[error_type(transparent)]
///     Io(std::io::Error),
/// }
///
/// assert_eq!(SearchError::Timeout.error_type(), "Timeout");
/// assert_eq!(SearchError::Provider("503".into()).error_type(), "Upstream");
/// let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
/// assert_eq!(SearchError::Io(missing).error_type(), "NotFound");
/// ```
///
/// Errors without an implementation are labelled with the name of their type, such as
/// `ParseIntError`. If that is just `Error`, the crate is added, as in `serde_json::Error`. Errors
/// of the standard library are labelled with their kind if they have one. The features `anyhow`,
/// `reqwest`, `rmcp` and `tokio` do the same for the errors of these crates. With the feature
/// `axum`, a status code or a response that is returned as an error is labelled with its class.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `error_type` label",
    label = "this error does not implement `ErrorType`",
    note = "derive it with `#[derive(mcp_metrics::ErrorType)]`, or label the error in place: \
            `.run_with(…, |result| result.as_ref().err().map(|_| \"Parse\".into()))`"
)]
pub trait ErrorType {
    /// Returns the label of this error: one of a small set, never a message.
    fn error_type(&self) -> Cow<'static, str>;
}

/// The outcome of a returned value: a success, or a failure with its `error_type`.
///
/// A `Result` is a failure if it is an `Err`. Other types of the standard library are successes.
/// With the feature `axum`, responses with a status of 500 or above are failures. With the feature
/// `rmcp`, tool results with `is_error` set are failures.
///
/// Implement it for your own types that represent a failure in a field. The attributes also find
/// such a value in an `Ok`.
///
/// ```
/// use std::borrow::Cow;
/// use mcp_metrics::Outcome;
///
/// struct Reply { status: u16 }
///
/// impl Outcome for Reply {
///     fn failure(&self) -> Option<Cow<'static, str>> {
///         (self.status >= 500).then(|| "5xx".into())
///     }
/// }
///
/// assert!(Reply { status: 503 }.failure().is_some());
/// assert!(Ok::<(), std::io::Error>(()).failure().is_none());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be classified as a success or a failure",
    label = "this type does not implement `Outcome`",
    note = "implement `mcp_metrics::Outcome` for it, or classify it in place: \
            `.run_with(…, |_| None)`, `track_stream_with(…, |_| None)`"
)]
pub trait Outcome {
    /// Returns the label `error_type` if the value is a failure, `None` if it is a success.
    fn failure(&self) -> Option<Cow<'static, str>>;
}
