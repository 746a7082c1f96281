//! Reading an outcome or a label off a value whose type only the compiler knows.
//!
//! The macros write one method call on a stack of references. Method look-up takes the references
//! off one by one and calls the first method that the type has, so an implementation for more
//! references goes before one for fewer. That works on the type: an alias of `Result` is one, and
//! a user's own `Result` is not.

use std::borrow::Cow;
use std::pin::Pin;

use super::{ErrorType, Outcome, type_label};

/// A value whose outcome the macros read: `(&&&&&&Returned(&value)).failure()`.
///
/// | references | what is known | failure |
/// |---|---|---|
/// | 5 | `Pin<impl Deref<Target: Future>>` | a compile error: its outcome is yet to come |
/// | 4 | `Result<impl Outcome, impl ErrorType>` | the error's label, or what the value in the `Ok` says |
/// | 3 | `Result<impl Outcome, _>` | the error's type, or what the value in the `Ok` says |
/// | 3 | `Result<Result<_, _>, impl ErrorType>` | the outer error's label, or the inner error's type |
/// | 2 | `impl Outcome`, such as `Result<_, impl ErrorType>` | what it says |
/// | 2 | `Result<Result<_, _>, _>` | the type of the outer or inner error |
/// | 1 | `Result<_, _>` | the error's type |
/// | 0 | nothing | none |
///
/// Two on one level are never both known: the levels above have taken what they share.
#[derive(Debug)]
pub struct Returned<'a, T: ?Sized>(pub &'a T);

/// A boxed future that the attribute has not seen in the function's signature, for an alias hides
/// it. Futures that are types of their own (a `JoinHandle`) are values like others.
pub trait ViaFuture {
    /// Does not compile: timed here, it would be timed before it runs.
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

/// Implemented by nothing.
#[diagnostic::on_unimplemented(
    message = "this function returns a future by a name that the attribute cannot see through",
    label = "the call would be counted when the future is made, not when it runs",
    note = "return `impl Future<Output = …>`, `Pin<Box<dyn Future<Output = …>>>` or `BoxFuture`, or \
            make it an `async fn`",
    note = "or leave it without the attribute, and count where it is awaited: \
            `track_request(…).run_async(future).await`"
)]
pub trait SeenByAttribute {}

/// The type says it itself, or for all of its kind.
pub trait ViaOutcome {
    /// The label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

/// A `Result`, of which one half or neither says it itself.
pub trait ViaResult {
    /// The label of a failure.
    fn failure(&self) -> Option<Cow<'static, str>>;
}

/// Any other value is a success.
pub trait ViaAny {
    /// The label of a failure: none.
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
