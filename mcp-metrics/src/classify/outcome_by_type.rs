//! Reads the outcome or the label of a value whose type the macros cannot see, by autoref
//! specialization.
//!
//! The macros emit one method call on a value behind several references. Method lookup removes the
//! references one by one and selects the first implementation that applies, so an implementation
//! for more references takes precedence over one for fewer. Lookup works on types: an alias of
//! `Result` is treated as a `Result`, and a user-defined type of that name is not.

use std::borrow::Cow;
use std::pin::Pin;

use super::{ErrorType, Outcome, type_label};

/// A value whose outcome the macros read: `(&&&&&&Returned(&value)).failure()`.
///
/// | references | type | failure |
/// |---|---|---|
/// | 5 | `Pin<impl Deref<Target: Future>>` | a compile error: the future has no outcome yet |
/// | 4 | `Result<impl Outcome, impl ErrorType>` | the error's label, or that of the value in `Ok` |
/// | 3 | `Result<impl Outcome, _>` | the error's type, or the label of the value in `Ok` |
/// | 3 | `Result<Result<_, _>, impl ErrorType>` | the outer error's label, or the inner's type |
/// | 2 | `impl Outcome`, such as `Result<_, impl ErrorType>` | its label |
/// | 2 | `Result<Result<_, _>, _>` | the type of the outer or inner error |
/// | 1 | `Result<_, _>` | the error's type |
/// | 0 | any other | none |
///
/// Two implementations on one level never compete: a higher level covers the types that match both.
#[derive(Debug)]
pub struct Returned<'a, T: ?Sized>(pub &'a T);

/// Rejects a boxed future that a type alias in the signature hides from the attribute. Named future
/// types, such as `JoinHandle`, are treated as plain values.
pub trait ViaFuture {
    /// Fails to compile: the request would end before the future runs.
    fn failure(&self) -> Option<Cow<'static, str>>
    where
        Self: SeenByAttribute;
}

impl<P> ViaFuture for &&&&&Returned<'_, Pin<P>>
where
    Pin<P>: Future,
{
    fn failure(&self) -> Option<Cow<'static, str>>
    where
        Self: SeenByAttribute,
    {
        None
    }
}

/// A trait without implementations: a call with this bound is a compile error.
#[diagnostic::on_unimplemented(
    message = "the return type is an alias that hides a future from the attribute",
    label = "the call would be counted when the future is created, not when it runs",
    note = "return `impl Future<Output = …>`, `Pin<Box<dyn Future<Output = …>>>` or `BoxFuture`, \
            or make the function an `async fn`",
    note = "alternatively, remove the attribute and track the future where it is awaited: \
            `track_request(…).run_async(future).await`"
)]
pub trait SeenByAttribute {}

/// The outcome of a type that implements [`Outcome`], or of a more specific type.
pub trait ViaOutcome {
    /// Returns the label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

/// The outcome of a `Result`, depending on the traits that its type parameters implement.
pub trait ViaResult {
    /// Returns the label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

/// The outcome of any other type: a success.
pub trait ViaAny {
    /// Returns `None`.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

impl<T: Outcome, E: ErrorType> ViaResult for &&&&Returned<'_, Result<T, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(value) => value.failure(),
            Err(error) => Some(error.error_type()),
        }
    }
}

impl<T: Outcome, E> ViaResult for &&&Returned<'_, Result<T, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(value) => value.failure(),
            Err(_) => Some(type_label::<E>()),
        }
    }
}

impl<T, F, E: ErrorType> ViaOutcome for &&&Returned<'_, Result<Result<T, F>, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(Ok(_)) => None,
            Ok(Err(_)) => Some(type_label::<F>()),
            Err(error) => Some(error.error_type()),
        }
    }
}

impl<T: Outcome + ?Sized> ViaOutcome for &&Returned<'_, T> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.0.failure()
    }
}

impl<T, F, E> ViaResult for &&Returned<'_, Result<Result<T, F>, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        match self.0 {
            Ok(Ok(_)) => None,
            Ok(Err(_)) => Some(type_label::<F>()),
            Err(_) => Some(type_label::<E>()),
        }
    }
}

impl<T, E> ViaResult for &Returned<'_, Result<T, E>> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.0.is_err().then(type_label::<E>)
    }
}

impl<T: ?Sized> ViaAny for Returned<'_, T> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        None
    }
}

/// An inner error whose label the derive reads, by [`ErrorType`] or else by its type's name.
#[derive(Debug)]
pub struct Inner<'a, E: ?Sized>(pub &'a E);

/// The label of an inner error that implements [`ErrorType`].
pub trait ViaErrorType {
    /// Returns the inner error's label.
    fn error_type(&self) -> Cow<'static, str>;
}

impl<E: ErrorType + ?Sized> ViaErrorType for &Inner<'_, E> {
    fn error_type(&self) -> Cow<'static, str> {
        self.0.error_type()
    }
}

/// The fallback for other inner errors: the name of the type.
pub trait ViaTypeName {
    /// Returns the name of the inner error's type.
    fn error_type(&self) -> Cow<'static, str>;
}

impl<E: ?Sized> ViaTypeName for Inner<'_, E> {
    fn error_type(&self) -> Cow<'static, str> {
        type_label::<E>()
    }
}
