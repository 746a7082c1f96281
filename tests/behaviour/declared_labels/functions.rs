//! Free functions.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use mcp_metrics::tracked;
use mcp_metrics_tests::errors;

use crate::{Error, cases};

mod planner {
    #[derive(Debug, mcp_metrics::ErrorType)]
    pub(super) enum Error {
        NoPlan,
    }

    pub(super) type Result<T> = std::result::Result<T, Error>;
    pub(super) type Outcome = std::result::Result<(), Error>;

    #[mcp_metrics::tracked("functions")]
    pub(super) fn own_error() -> std::result::Result<(), Error> {
        Ok(())
    }
}

mod runner {
    #[derive(Debug, mcp_metrics::ErrorType)]
    pub(super) enum Error {
        Crashed,
    }

    #[mcp_metrics::tracked("functions")]
    pub(super) fn other_error() -> Result<(), Error> {
        Ok(())
    }
}

type Swapped<E, T> = Result<T, E>;
type Parsed = planner::Outcome;

/// A type whose parameter has a bound.
struct Page<T: Display>(T);
type PageResult<T> = Result<Page<T>, Error>;

#[derive(Debug)]
struct Document;

impl Display for Document {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

struct View<'a>(&'a str);

#[tracked("functions")]
fn imported() -> Result<String, Error> {
    Ok(String::new())
}

#[tracked("functions")]
fn by_path() -> Result<Vec<Document>, crate::Error> {
    Ok(Vec::new())
}

#[tracked("functions")]
fn alias_of_module() -> planner::Result<Vec<u8>> {
    Ok(Vec::new())
}

#[tracked("functions")]
fn alias_of_crate(text: &str) -> errors::Result<&str> {
    Ok(text)
}

#[tracked("functions")]
fn alias_with_default_replaced() -> errors::Result<(), Error> {
    Ok(())
}

#[tracked("functions")]
fn alias_without_arguments() -> Parsed {
    Ok(())
}

#[tracked("functions")]
fn alias_with_arguments_swapped() -> Swapped<Error, Document> {
    Ok(Document)
}

#[tracked("functions")]
fn alias_with_bound() -> PageResult<Document> {
    Ok(Page(Document))
}

#[tracked("functions")]
fn of_other_crate() -> Result<(), errors::StoreError> {
    Ok(())
}

#[tracked("functions")]
fn boxed_error() -> Result<(), Box<Error>> {
    Ok(())
}

#[tracked("functions")]
fn shared_error() -> Result<(), Arc<errors::StoreError>> {
    Ok(())
}

#[tracked("functions")]
fn borrowed_error<'a>(_: &'a str) -> Result<(), &'a Error> {
    Ok(())
}

#[tracked("functions")]
fn result_in_ok() -> Result<Result<u8, planner::Error>, Error> {
    Ok(Ok(1))
}

#[tracked("functions")]
fn result_in_ok_of_unlabelled() -> Result<errors::Result<u8>, std::io::Error> {
    Ok(Ok(1))
}

#[tracked("functions")]
fn opaque_value() -> Result<impl Iterator<Item = u8>, Error> {
    Ok(std::iter::empty())
}

#[tracked("functions")]
fn array() -> Result<[u8; 2], Error> {
    Ok([1, 2])
}

#[tracked("functions")]
fn trait_object() -> Result<Box<dyn for<'a> Fn(&'a str)>, Error> {
    Ok(Box::new(|_| ()))
}

#[tracked("functions")]
fn explicit_lifetime(text: &str) -> Result<View<'_>, Error> {
    Ok(View(text))
}

macro_rules! generated {
    ($name:ident, $value:ty, $error:ty) => {
        #[tracked("functions")]
        fn $name() -> Result<$value, $error> {
            Ok(<$value>::default())
        }
    };
}

generated!(of_macro, String, Error);

#[tracked("functions", ok_if = Result::is_ok)]
fn with_predicate() -> Result<(), Error> {
    Ok(())
}

// Functions that cannot fail with the labels of their types.

#[tracked("functions", error_type = "Chosen")]
fn literal_label() -> Result<(), Error> {
    Ok(())
}

#[tracked("functions", error_type = |_| "Chosen")]
fn chosen_label() -> Result<(), Error> {
    Ok(())
}

#[tracked("functions")]
fn error_as_value() -> Result<Error, std::io::Error> {
    Ok(Error::Timeout)
}

#[tracked("functions")]
fn error_alone() -> Error {
    Error::Timeout
}

#[tracked("functions")]
fn result_in_option() -> Option<Result<(), Error>> {
    None
}

#[tracked("functions")]
fn result_behind_reference(result: &Result<(), Error>) -> &Result<(), Error> {
    result
}

#[tracked("functions")]
fn third_result() -> Result<Result<Result<(), Error>, u8>, u8> {
    Ok(Ok(Ok(())))
}

#[tracked("functions")]
fn boxed_dyn() -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

// Types that a static cannot name.

#[tracked("functions")]
fn generic<T: Debug>(value: T) -> Result<T, Error> {
    Ok(value)
}

#[tracked("functions")]
fn generic_length<const N: usize>() -> Result<[u8; N], Error> {
    Ok([0; N])
}

#[tracked("functions")]
fn generic_with_bound<Item: Display>(item: Item) -> PageResult<Item> {
    Ok(Page(item))
}

#[tracked("functions")]
async fn generic_future<T>(value: T) -> errors::Result<Option<T>> {
    Ok(Some(value))
}

const LENGTH: usize = 2;

#[tracked("functions")]
fn constant_length() -> Result<[u8; LENGTH], Error> {
    Ok([0; LENGTH])
}

fn local() -> u8 {
    #[derive(mcp_metrics::ErrorType)]
    enum Local {
        Lost,
    }

    #[tracked("functions")]
    fn local_error() -> Result<(), Local> {
        Ok(())
    }

    u8::from(local_error().is_ok())
}

#[tracked("functions")]
#[expect(
    elided_lifetimes_in_paths,
    mismatched_lifetime_syntaxes,
    reason = "it is what is tested"
)]
fn hidden_lifetime(text: &str) -> Result<View, Error> {
    Ok(View(text))
}

cases! {
    imported: ["Refused", "Timeout"], imported();
    by_path: ["Refused", "Timeout"], by_path();
    own_error: ["NoPlan"], planner::own_error();
    other_error: ["Crashed"], runner::other_error();
    alias_of_module: ["NoPlan"], alias_of_module();
    alias_of_crate: ["Full", "Offline"], alias_of_crate("");
    alias_with_default_replaced: ["Refused", "Timeout"], alias_with_default_replaced();
    alias_without_arguments: ["NoPlan"], alias_without_arguments();
    alias_with_arguments_swapped: ["Refused", "Timeout"], alias_with_arguments_swapped();
    alias_with_bound: ["Refused", "Timeout"], alias_with_bound();
    of_other_crate: ["Full", "Offline"], of_other_crate();
    boxed_error: ["Refused", "Timeout"], boxed_error();
    shared_error: ["Full", "Offline"], shared_error();
    borrowed_error: ["Refused", "Timeout"], borrowed_error("");
    result_in_ok: ["NoPlan", "Refused", "Timeout"], result_in_ok();
    result_in_ok_of_unlabelled: ["Full", "Offline"], result_in_ok_of_unlabelled();
    opaque_value: ["Refused", "Timeout"], opaque_value();
    array: ["Refused", "Timeout"], array();
    trait_object: ["Refused", "Timeout"], trait_object();
    explicit_lifetime: ["Refused", "Timeout"], explicit_lifetime("");
    of_macro: ["Refused", "Timeout"], of_macro();
    with_predicate: ["Refused", "Timeout"], with_predicate();
    result_behind_reference: ["Refused", "Timeout"], result_behind_reference(&Ok(()));
    literal_label: [], literal_label();
    chosen_label: [], chosen_label();
    error_as_value: [], error_as_value();
    error_alone: [], error_alone();
    result_in_option: [], result_in_option();
    third_result: [], third_result();
    boxed_dyn: [], boxed_dyn();
    @at_first_call:
    generic: ["Refused", "Timeout"], generic(1);
    generic_length: ["Refused", "Timeout"], generic_length::<1>();
    generic_with_bound: ["Refused", "Timeout"], generic_with_bound(Document);
    generic_future: ["Full", "Offline"], crate::ready(generic_future(1));
    constant_length: ["Refused", "Timeout"], constant_length();
    local_error: ["Lost"], local();
    hidden_lifetime: ["Refused", "Timeout"], hidden_lifetime("");
}
