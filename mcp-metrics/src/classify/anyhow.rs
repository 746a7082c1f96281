//! Labels of [`anyhow::Error`](::anyhow::Error).

use std::borrow::Cow;

use super::ErrorType;
use super::known::root_cause;

/// The label is that of the first error of a known type in the chain of sources, beneath any added
/// context. If there is none, the label is `anyhow::Error`.
///
/// Known types are the errors of the standard library and, with the features of the same names, of
/// `reqwest`, `rmcp` and `tokio`.
///
/// ```
/// use anyhow::Context as _;
/// use mcp_metrics::ErrorType;
///
/// let error = std::fs::read("/no/such/file").context("no settings").unwrap_err();
/// assert_eq!(error.error_type(), "NotFound");
/// assert_eq!(anyhow::anyhow!("no settings").error_type(), "anyhow::Error");
/// ```
impl ErrorType for ::anyhow::Error {
    fn error_type(&self) -> Cow<'static, str> {
        root_cause(self.as_ref()).unwrap_or(Cow::Borrowed("anyhow::Error"))
    }
}
