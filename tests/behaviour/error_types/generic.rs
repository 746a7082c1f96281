//! Derived error types that forward the label of a generic field.

use std::borrow::Cow;

use super::*;

#[derive(Debug, ErrorType)]
enum Labelled {
    Timeout,
}

/// An error without a label.
#[derive(Debug)]
struct Silent;

/// An error with a manual implementation of `ErrorType`.
struct ByHand;

impl ErrorType for ByHand {
    fn error_type(&self) -> Cow<'static, str> {
        "by_hand".into()
    }
}

#[derive(ErrorType)]
enum Forward<T> {
    Own,
    #[error_type(transparent)]
    Inner(T),
    #[error_type(transparent)]
    Concrete(Concrete),
}

/// A type without parameters: its field needs no `ErrorType`.
#[derive(ErrorType)]
#[error_type(transparent)]
struct Concrete(Silent);

/// A type that is labelled although its parameter is not.
#[derive(ErrorType)]
enum Channel<T> {
    #[error_type(transparent)]
    Closed(mpsc::SendError<T>),
}

#[derive(ErrorType)]
#[error_type(transparent)]
struct Boxed<T: ?Sized>(Box<T>);

#[derive(ErrorType)]
#[error_type(transparent)]
struct Unsized<T: ?Sized> {
    error: T,
}

#[derive(ErrorType)]
enum Borrowed<'a, T>
where
    T: ?Sized,
{
    #[error_type(transparent)]
    Inner(&'a T),
}

#[derive(ErrorType)]
enum Nested<T> {
    #[error_type(transparent)]
    Forward(Forward<T>),
}

#[derive(ErrorType)]
enum Recursive<T> {
    #[error_type(transparent)]
    Leaf(T),
    #[error_type(transparent)]
    Cause(Box<Recursive<T>>),
    #[error_type(transparent)]
    Retried(Box<Self>),
}

trait Service {
    type Error;
}

struct Store;

impl Service for Store {
    type Error = Labelled;
}

mod call {
    use super::{ErrorType, Service};

    /// A type with the name of the associated type.
    #[derive(ErrorType)]
    pub(super) enum Error<S: Service> {
        #[error_type(transparent)]
        Service(S::Error),
        #[error_type(transparent)]
        Qualified(<S as Service>::Error),
        #[error_type(transparent)]
        Retried(Box<Error<S>>),
    }
}

fn label(error: &impl ErrorType) -> Cow<'static, str> {
    error.error_type()
}

#[test]
fn generic_field_is_labelled_by_its_own_label() {
    assert_eq!(label(&Forward::Inner(Labelled::Timeout)), "Timeout");
    assert_eq!(label(&Forward::Inner(not_found())), "NotFound");
    assert_eq!(label(&Forward::Inner(ByHand)), "by_hand");
    assert_eq!(label(&Forward::<ByHand>::Own), "Own");
    assert_eq!(
        label(&Forward::<ByHand>::Concrete(Concrete(Silent))),
        "Silent"
    );
}

#[test]
fn type_that_contains_a_parameter_is_labelled_by_its_own_label() {
    assert_eq!(
        label(&Channel::Closed(mpsc::SendError(Silent))),
        "SendError"
    );
    assert_eq!(label(&Boxed(Box::new(Labelled::Timeout))), "Timeout");
    let dynamic: Box<dyn Error + Send + Sync> = not_found().into();
    assert_eq!(label(&Boxed(dynamic)), "NotFound");
    let dynamic: &Unsized<dyn ErrorType> = &Unsized { error: ByHand };
    assert_eq!(dynamic.error_type(), "by_hand");
    assert_eq!(label(&Borrowed::Inner(&Labelled::Timeout)), "Timeout");
    assert_eq!(
        label(&Borrowed::Inner(&ByHand as &dyn ErrorType)),
        "by_hand"
    );
    let nested = Nested::Forward(Forward::Inner(Labelled::Timeout));
    assert_eq!(label(&nested), "Timeout");
}

#[test]
fn recursive_generic_type_is_labelled_by_its_innermost_error() {
    let leaf = Box::new(Recursive::Leaf(Labelled::Timeout));
    let retried = Recursive::Retried(Box::new(Recursive::Cause(leaf)));
    assert_eq!(label(&retried), "Timeout");
}

#[test]
fn associated_type_is_labelled_by_its_own_label() {
    let service = call::Error::<Store>::Service(Labelled::Timeout);
    assert_eq!(label(&service), "Timeout");
    let qualified = call::Error::<Store>::Qualified(Labelled::Timeout);
    assert_eq!(label(&qualified), "Timeout");
    assert_eq!(label(&call::Error::Retried(Box::new(qualified))), "Timeout");
}

#[tracked("generic")]
fn unbounded<T>(error: Forward<T>) -> Result<(), Forward<T>> {
    Err(error)
}

#[tracked("generic")]
fn bounded<T: ErrorType>(error: Forward<T>) -> Result<(), Forward<T>> {
    Err(error)
}

#[tracked("generic")]
fn silent(error: Forward<Silent>) -> Result<(), Forward<Silent>> {
    Err(error)
}

#[test]
fn type_is_labelled_by_its_name_if_its_parameter_has_no_label() {
    let ((), metrics) = record(|| {
        assert!(bounded(Forward::Inner(Labelled::Timeout)).is_err());
        assert!(bounded(Forward::<ByHand>::Own).is_err());
        assert!(unbounded(Forward::Inner(Labelled::Timeout)).is_err());
        assert!(silent(Forward::Inner(Silent)).is_err());
        assert!(silent(Forward::Own).is_err());
    });
    let failed = |operation: &str, labels: &[(&str, u64)]| {
        metrics.requests("generic", operation).assert(0, labels);
    };
    failed("bounded", &[("Own", 1), ("Timeout", 1)]);
    failed("unbounded", &[("Forward", 1)]);
    failed("silent", &[("Forward", 2)]);
}
