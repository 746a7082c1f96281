//! How a request ended, read off the value that it returned.

use std::borrow::Cow;
use std::error::Error;

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
/// just `Error`, with the crate in front, `serde_json::Error`.
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
/// A `Result` is one if it is an `Err`. Other types of the standard library are successes.
/// Implement it for a type of your own that carries its failure inside:
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

impl<T, E: ErrorType> Outcome for Result<T, E> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.as_ref().err().map(ErrorType::error_type)
    }
}

macro_rules! successes {
    ($([$($param:ident),*] $type:ty),+ $(,)?) => {$(
        impl<$($param),*> Outcome for $type {
            fn failure(&self) -> Option<Cow<'static, str>> {
                None
            }
        }
    )+};
}

successes! {
    [] (), [] bool, [] char, [] String, [] &str, [] Cow<'_, str>,
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] f32,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize, [] f64,
    [] std::time::Duration, [] std::path::PathBuf,
    [T] Option<T>, [T] Vec<T>, [T] Box<T>, [T] std::sync::Arc<T>, [T] std::rc::Rc<T>,
    [K, V, S] std::collections::HashMap<K, V, S>, [K, V] std::collections::BTreeMap<K, V>,
    [T, S] std::collections::HashSet<T, S>, [T] std::collections::BTreeSet<T>,
    [A] (A,), [A, B] (A, B), [A, B, C] (A, B, C), [A, B, C, D] (A, B, C, D),
}

impl<T, const N: usize> Outcome for [T; N] {
    fn failure(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// The label of an error whose type alone is known: its name without path and generics, and with
/// its crate in front if the name is just `Error`.
pub(crate) fn type_label<E: ?Sized>() -> Cow<'static, str> {
    label_of_type_name(std::any::type_name::<E>())
}

fn label_of_type_name(full: &'static str) -> Cow<'static, str> {
    if full.starts_with(['(', '[']) {
        return full.into();
    }
    let bare = full
        .trim_start_matches('&')
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
    let path = bare.split(['<', ' ', '+']).next().unwrap_or(bare);
    let name = path.rsplit("::").next().unwrap_or(path);
    if name == "Error" {
        let krate = match path.split("::").next().unwrap_or_default() {
            "core" | "alloc" => "std",
            krate => krate,
        };
        return format!("{krate}::{name}").into();
    }
    if name.is_empty() {
        "other".into()
    } else {
        name.into()
    }
}

/// Errors that users name without having defined them: by kind where they have one, otherwise by
/// the type's name.
macro_rules! named_by_type {
    ($($type:ty),+ $(,)?) => {$(
        impl ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                type_label::<Self>()
            }
        }
    )+};
}

named_by_type! {
    (), str, String, Cow<'_, str>,
    std::fmt::Error, std::num::ParseFloatError, std::num::TryFromIntError,
    std::str::Utf8Error, std::str::ParseBoolError, std::string::FromUtf8Error,
    std::string::FromUtf16Error, std::char::ParseCharError, std::net::AddrParseError,
    std::array::TryFromSliceError, std::cell::BorrowError, std::cell::BorrowMutError,
    std::sync::mpsc::RecvError, std::time::SystemTimeError, std::alloc::LayoutError,
    std::ffi::NulError, std::ffi::IntoStringError, std::num::ParseIntError,
    std::thread::AccessError,
}

impl ErrorType for std::convert::Infallible {
    fn error_type(&self) -> Cow<'static, str> {
        match *self {}
    }
}

impl ErrorType for std::io::Error {
    fn error_type(&self) -> Cow<'static, str> {
        self.kind().error_type()
    }
}

impl ErrorType for std::io::ErrorKind {
    fn error_type(&self) -> Cow<'static, str> {
        // The kind's `Debug` is its variant's name, for kinds of later compilers too.
        format!("{self:?}").into()
    }
}

impl ErrorType for std::env::VarError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::NotPresent => "NotPresent".into(),
            Self::NotUnicode(_) => "NotUnicode".into(),
        }
    }
}

impl ErrorType for std::sync::mpsc::RecvTimeoutError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Timeout => "Timeout".into(),
            Self::Disconnected => "Disconnected".into(),
        }
    }
}

macro_rules! boxed {
    ($($type:ty),+) => {$(
        /// The kind of an [`std::io::Error`] inside; for all others the box has hidden the type,
        /// and the label is `Box`.
        impl ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                self.downcast_ref::<std::io::Error>()
                    .map_or(Cow::Borrowed("Box"), ErrorType::error_type)
            }
        }
    )+};
}

boxed!(dyn Error, dyn Error + Send, dyn Error + Send + Sync);

macro_rules! delegates {
    ($($type:ty),+) => {$(
        impl<E: ErrorType + ?Sized> ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                (**self).error_type()
            }
        }
    )+};
}

delegates!(&E, &mut E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);

/// A value whose outcome the macros read. Method look-up tries the traits below in order of
/// references: what implements [`Outcome`], then any `Result`, then anything at all. That works
/// on the type, so an alias of `Result` is one, and a user's own `Result` is not.
#[derive(Debug)]
pub struct Returned<'a, T: ?Sized>(pub &'a T);

/// First choice: the type says it itself.
pub trait ViaOutcome {
    /// The label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

impl<T: Outcome + ?Sized> ViaOutcome for &&Returned<'_, T> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.0.failure()
    }
}

/// Second choice: a `Result` whose error goes by its type's name.
pub trait ViaResult {
    /// The label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

impl<T, E> ViaResult for &Returned<'_, Result<T, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.0.is_err().then(type_label::<E>)
    }
}

/// Last choice: any other value is a success.
pub trait ViaAny {
    /// The label of a failure: none.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

impl<T: ?Sized> ViaAny for Returned<'_, T> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// An error whose label the derive reads, by [`ErrorType`] or else by its type's name.
#[derive(Debug)]
pub struct Inner<'a, E: ?Sized>(pub &'a E);

/// First choice: the inner error has a label.
pub trait ViaErrorType {
    /// The inner error's label.
    fn error_type(&self) -> Cow<'static, str>;
}

impl<E: ErrorType + ?Sized> ViaErrorType for &Inner<'_, E> {
    fn error_type(&self) -> Cow<'static, str> {
        self.0.error_type()
    }
}

/// Last choice: the inner error's type has a name.
pub trait ViaTypeName {
    /// The name of the inner error's type.
    fn error_type(&self) -> Cow<'static, str>;
}

impl<E: ?Sized> ViaTypeName for Inner<'_, E> {
    fn error_type(&self) -> Cow<'static, str> {
        type_label::<E>()
    }
}

#[cfg(test)]
mod tests {
    use super::label_of_type_name as label;

    #[test]
    fn type_names_lose_path_and_generics() {
        assert_eq!(label("core::num::error::ParseIntError"), "ParseIntError");
        assert_eq!(label("app::Failure<alloc::string::String>"), "Failure");
        assert_eq!(label("&mut app::Failure"), "Failure");
        assert_eq!(label("dyn core::any::Any + core::marker::Send"), "Any");
        assert_eq!(label("reqwest::error::Error"), "reqwest::Error");
        assert_eq!(label("serde_json::error::Error"), "serde_json::Error");
        assert_eq!(label("core::fmt::Error"), "std::Error");
        assert_eq!(label("()"), "()");
        assert_eq!(label("(i32, bool)"), "(i32, bool)");
    }
}
