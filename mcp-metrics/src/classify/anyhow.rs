//! Labels of [`anyhow::Error`](::anyhow::Error).

use std::borrow::Cow;

use super::ErrorType;
use super::known::root_cause;

/// The label of the first error in the chain of causes whose type is known, whatever context was
/// added to it; `anyhow::Error` if there is none.
///
/// Known are the errors of the standard library and, with the features of these names, of
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
