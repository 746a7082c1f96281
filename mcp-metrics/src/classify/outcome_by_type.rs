//! Reads the outcome or the label of a value whose type the macros cannot see, by autoref
//! specialization.
//!
//! The macros emit one method call on a value behind several references. Method lookup removes the
//! references one by one and selects the first implementation that applies, so an implementation
//! for more references takes precedence over one for fewer. Lookup works on types: an alias of
//! `Result` is treated as a `Result`, and a user-defined type of that name is not.

use std::borrow::Cow;

use super::dyn_errors::BorrowedError;
use super::hidden_future::{HidesFuture, SeenByAttribute};
use super::{ErrorType, Outcome, type_label};

/// A value whose outcome the macros read: `(&&&&&&returned(&value)).mcp_metrics_failure()`.
///
/// | references | type | failure |
/// |---|---|---|
/// | 7 | `Result<impl Outcome, impl BorrowedError>` | the cause's label, or that of the value in `Ok` |
/// | 6 | `Result<_, impl BorrowedError>` | the cause's label |
/// | 5 | `impl HidesFuture` | a compile error: the future has no outcome yet |
/// | 4 | `Result<impl Outcome, impl ErrorType>` | the error's label, or that of the value in `Ok` |
/// | 3 | `Result<impl Outcome, _>` | the error's type, or the label of the value in `Ok` |
/// | 3 | `Result<Result<_, _>, impl ErrorType>` | the outer error's label, or the inner's type |
/// | 2 | `impl Outcome`, such as `Result<_, impl ErrorType>` | its label |
/// | 2 | `Result<Result<_, _>, _>` | the type of the outer or inner error |
/// | 1 | `Result<_, _>`, `&Result<_, _>` | the error's type |
/// | 0 | any other | none |
///
/// Two implementations on one level never compete: a higher level covers the types that match both.
/// The methods have a prefix, since a trait of the user may have a method of the same name for all
/// types.
///
/// Lookup ignores lifetimes. Only if `BORROWED` is set, that is if the signature shows that the
/// error may contain references, are errors behind `dyn Error` not required to be `'static`.
#[derive(Debug)]
pub struct Returned<'a, T: ?Sized, const BORROWED: bool>(pub(super) &'a T);

/// Returns a value whose error is `'static` if it is behind `dyn Error`.
pub const fn returned<T: ?Sized>(value: &T) -> Returned<'_, T, false> {
    Returned(value)
}

/// Returns a value whose error may be behind `dyn Error` and contain references.
pub const fn borrowed<T: ?Sized>(value: &T) -> Returned<'_, T, true> {
    Returned(value)
}

/// Rejects a boxed future that the signature hides from the attribute, such as by an alias.
pub trait ViaFuture {
    /// The type of the value, which the error mentions.
    type Value: ?Sized;

    /// Fails to compile: the request would end before the future runs.
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>>
    where
        Self::Value: SeenByAttribute;
}

impl<T: HidesFuture, const B: bool> ViaFuture for &&&&&Returned<'_, T, B> {
    type Value = T;

    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>>
    where
        T: SeenByAttribute,
    {
        None
    }
}

/// The outcome of a type that implements [`Outcome`], or of a more specific type.
pub trait ViaOutcome {
    /// Returns the label of a failure.
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>>;
}

/// The outcome of a `Result`, depending on the traits that its type parameters implement.
pub trait ViaResult {
    /// Returns the label of a failure.
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>>;
}

/// The outcome of any other type: a success.
pub trait ViaAny {
    /// Returns `None`.
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>>;
}

impl<T: Outcome, E: BorrowedError> ViaResult for &&&&&&&Returned<'_, Result<T, E>, true> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(value) => value.failure(),
            Err(error) => Some(error.label()),
        }
    }
}

impl<T, E: BorrowedError> ViaResult for &&&&&&Returned<'_, Result<T, E>, true> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        self.0.as_ref().err().map(BorrowedError::label)
    }
}

impl<T: Outcome, E: ErrorType, const B: bool> ViaResult for &&&&Returned<'_, Result<T, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(value) => value.failure(),
            Err(error) => Some(error.error_type()),
        }
    }
}

impl<T: Outcome, E, const B: bool> ViaResult for &&&Returned<'_, Result<T, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(value) => value.failure(),
            Err(_) => Some(type_label::<E>()),
        }
    }
}

impl<T, F, E: ErrorType, const B: bool> ViaOutcome for &&&Returned<'_, Result<Result<T, F>, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(Ok(_)) => None,
            Ok(Err(_)) => Some(type_label::<F>()),
            Err(error) => Some(error.error_type()),
        }
    }
}

impl<T: Outcome + ?Sized, const B: bool> ViaOutcome for &&Returned<'_, T, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        self.0.failure()
    }
}

impl<T, F, E, const B: bool> ViaResult for &&Returned<'_, Result<Result<T, F>, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(Ok(_)) => None,
            Ok(Err(_)) => Some(type_label::<F>()),
            Err(_) => Some(type_label::<E>()),
        }
    }
}

impl<T, E, const B: bool> ViaResult for &Returned<'_, Result<T, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        self.0.is_err().then(type_label::<E>)
    }
}

impl<T, E, const B: bool> ViaResult for &Returned<'_, &Result<T, E>, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        self.0.is_err().then(type_label::<E>)
    }
}

impl<T: ?Sized, const B: bool> ViaAny for Returned<'_, T, B> {
    fn mcp_metrics_failure(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// An inner error whose label the derive reads, by [`ErrorType`] or else by its type's name.
#[derive(Debug)]
pub struct Inner<'a, E: ?Sized>(pub &'a E);

/// The label of an inner error that implements [`ErrorType`].
pub trait ViaErrorType {
    /// Returns the inner error's label.
    fn mcp_metrics_error_type(&self) -> Cow<'static, str>;
}

impl<E: ErrorType + ?Sized> ViaErrorType for &Inner<'_, E> {
    fn mcp_metrics_error_type(&self) -> Cow<'static, str> {
        self.0.error_type()
    }
}

/// The fallback for other inner errors: the name of the type.
pub trait ViaTypeName {
    /// Returns the name of the inner error's type.
    fn mcp_metrics_error_type(&self) -> Cow<'static, str>;
}

impl<E: ?Sized> ViaTypeName for Inner<'_, E> {
    fn mcp_metrics_error_type(&self) -> Cow<'static, str> {
        type_label::<E>()
    }
}
