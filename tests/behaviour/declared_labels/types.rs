//! Error types and the labels that their derive declares.

use std::borrow::Cow;
use std::rc::Rc;

use mcp_metrics::{ErrorType, tracked};
use mcp_metrics_tests::errors;

use crate::{Error, cases};

#[derive(ErrorType)]
#[error_type(rename_all = "kebab-case")]
enum Renamed {
    TimedOut,
    #[error_type("Chosen")]
    Named,
    #[cfg(any())]
    NotThere,
}

#[derive(ErrorType)]
struct Structure;

#[derive(ErrorType)]
enum Outer {
    Own,
    #[error_type(transparent)]
    Middle(Middle),
    #[error_type(transparent)]
    Io(std::io::Error),
    #[error_type(transparent)]
    Boxed(Box<dyn std::error::Error>),
}

#[derive(ErrorType)]
#[error_type(transparent)]
struct Middle {
    inner: Rc<errors::StoreError>,
}

#[derive(ErrorType)]
enum Left {
    Start,
    #[error_type(transparent)]
    Right(Box<Right>),
}

#[derive(ErrorType)]
enum Right {
    End,
    #[error_type(transparent)]
    Left(Box<Left>),
    #[error_type(transparent)]
    Again(Box<Self>),
}

#[derive(ErrorType)]
enum Generic<'a, T> {
    Own(&'a T),
    #[error_type(transparent)]
    Inner(T),
    #[error_type(transparent)]
    Known(Result2<T>),
}

/// An alias in a field.
type Result2<T> = Wrapped<T, Error>;

#[derive(ErrorType)]
#[error_type(transparent)]
struct Wrapped<T, E: ErrorType>(Pair<T, E>);

#[derive(ErrorType)]
enum Pair<T, E> {
    Both(T, E),
}

trait Service {
    type Error;
}

struct Store;

impl Service for Store {
    type Error = errors::StoreError;
}

#[derive(ErrorType)]
enum Call<S: Service> {
    Own,
    #[error_type(transparent)]
    Service(S::Error),
    #[error_type(transparent)]
    Again(Box<Call<S>>),
}

#[derive(ErrorType)]
enum OfGeneric {
    #[error_type(transparent)]
    Labelled(Generic<'static, Structure>),
    #[error_type(transparent)]
    Unlabelled(Call<Unlabelled>),
}

/// A service whose error implements `ErrorType` by hand.
struct Unlabelled;

impl Service for Unlabelled {
    type Error = ByHand;
}

#[derive(ErrorType)]
enum Never {}

/// An error with a manual implementation of `ErrorType`.
struct ByHand;

impl ErrorType for ByHand {
    fn error_type(&self) -> Cow<'static, str> {
        "ByHand".into()
    }
}

#[tracked("types")]
fn renamed() -> Result<(), Renamed> {
    Ok(())
}

#[tracked("types")]
fn structure() -> Result<(), Structure> {
    Ok(())
}

#[tracked("types")]
fn chain() -> Result<(), Outer> {
    Ok(())
}

#[tracked("types")]
fn cycle() -> Result<(), Left> {
    Ok(())
}

#[tracked("types")]
fn generic() -> Result<(), Generic<'static, errors::StoreError>> {
    Ok(())
}

#[tracked("types")]
fn generic_by_hand() -> Result<(), Box<Generic<'static, ByHand>>> {
    Ok(())
}

#[tracked("types")]
fn associated() -> Result<(), Call<Store>> {
    Ok(())
}

#[tracked("types")]
fn of_generic() -> Result<(), OfGeneric> {
    Ok(())
}

#[tracked("types")]
fn never() -> Result<(), Never> {
    Ok(())
}

#[tracked("types")]
fn by_hand() -> Result<(), ByHand> {
    Ok(())
}

#[tracked("types")]
fn trait_object() -> Result<(), Box<dyn ErrorType>> {
    Ok(())
}

cases! {
    renamed: ["Chosen", "timed-out"], renamed();
    structure: ["Structure"], structure();
    chain: ["Full", "Offline", "Own"], chain();
    cycle: ["End", "Start"], cycle();
    generic: ["Both", "Full", "Offline", "Own"], generic();
    // `T` has no declared labels.
    generic_by_hand: ["Both", "Own"], generic_by_hand();
    associated: ["Full", "Offline", "Own"], associated();
    of_generic: ["Both", "Own", "Structure"], of_generic();
    never: [], never();
    by_hand: [], by_hand();
    trait_object: [], trait_object();
    @at_first_call:
}
