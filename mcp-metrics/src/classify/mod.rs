//! How a request ended, read off the value that it returned.

#[cfg(feature = "anyhow")]
mod anyhow;
#[cfg(feature = "axum")]
mod axum;
mod cache;
mod dispatch;
mod error_labels;
mod known;
mod names;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "rmcp")]
mod rmcp;
mod std_errors;
#[cfg(feature = "tokio")]
mod tokio;
mod values;

use std::borrow::Cow;

pub use dispatch::{
    Inner, Returned, ViaAny, ViaErrorType, ViaFuture, ViaOutcome, ViaResult, ViaTypeName,
};
pub use error_labels::{
    DeclaredLabels, ErrorLabels, HasErrorLabels, InnerProbe, Mask, Probe, ViaLabels, no_labels,
};
pub(crate) use names::type_label;

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
/// Errors without an implementation go by their type's name: `ParseIntError`, and where that is
/// just `Error`, with the crate in front, `serde_json::Error`. The standard library's go by their
/// kind where they have one, and with the features of these names, so do those of `anyhow`,
/// `reqwest`, `rmcp` and `tokio`; with the feature `axum`, a status code or a response returned as
/// an error goes by its class.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `error_type` label",
    label = "this error does not implement `ErrorType`",
    note = "derive it (`#[derive(mcp_metrics::ErrorType)]`), or count the value yourself: \
            `.run_with(…, |result| result.as_ref().err().map(|_| \"Parse\".into()))`"
)]
pub trait ErrorType {
    /// The label of this error: one of few, never a message.
    fn error_type(&self) -> Cow<'static, str>;
}

/// Whether a returned value is a failure, and of which type.
///
/// A `Result` is one if it is an `Err`. Other types of the standard library are successes. With
/// the features of these names, `axum`'s responses fail with a status of 500 or above, and `rmcp`'s
/// tool results if they say so.
///
/// Implement it for a type of your own that carries its failure inside. The attributes find such a
/// value in an `Ok`, too.
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
    message = "cannot tell whether a `{Self}` is a failure",
    label = "this type does not implement `Outcome`",
    note = "implement `mcp_metrics::Outcome` for it, or say it in place: `.run_with(…, |_| None)`"
)]
pub trait Outcome {
    /// The label `error_type` if the value is a failure, `None` if it is a success.
    fn failure(&self) -> Option<Cow<'static, str>>;
}
