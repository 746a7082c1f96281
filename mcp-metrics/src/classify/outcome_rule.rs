//! Outcomes and labels that the arguments of `#[tracked]` define: `ok_if`, `error_if`, `error_type`.

use std::borrow::Cow;

/// Applies the user's predicate to a value.
pub fn test<T: ?Sized>(value: &T, predicate: impl FnOnce(&T) -> bool) -> bool {
    predicate(value)
}

/// Returns the label of a value if the user's predicate classified it as a failure: the value's own
/// label, or else `rejected`.
#[must_use]
pub fn failure_if(failed: bool, own: Option<Cow<'static, str>>) -> Option<Cow<'static, str>> {
    failed.then(|| own.unwrap_or(Cow::Borrowed("rejected")))
}

/// Replaces the label of a failure by `label`.
#[must_use]
pub fn with_label(
    failure: Option<Cow<'static, str>>,
    label: &'static str,
) -> Option<Cow<'static, str>> {
    failure.map(|_| Cow::Borrowed(label))
}

/// Returns the label that the user's function assigns to an error.
pub fn label_error<T, E, L: Into<Cow<'static, str>>>(
    value: &Result<T, E>,
    label: impl FnOnce(&E) -> L,
) -> Option<Cow<'static, str>> {
    value.as_ref().err().map(|error| label(error).into())
}

/// Returns the label that the user's function assigns to a value that the predicate classified as a
/// failure.
pub fn label_value<T: ?Sized, L: Into<Cow<'static, str>>>(
    failed: bool,
    value: &T,
    label: impl FnOnce(&T) -> L,
) -> Option<Cow<'static, str>> {
    failed.then(|| label(value).into())
}
