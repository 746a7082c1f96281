//! Methods with their own attribute, which does not see the enclosing `impl`.

use std::fmt::Display;

use mcp_metrics::tracked;
use mcp_metrics_tests::errors;

use crate::{Error, cases};

struct Plain;

impl Plain {
    #[tracked("methods")]
    fn method(&self) -> Result<String, Error> {
        Ok(String::new())
    }

    #[tracked("methods")]
    async fn async_method(&self, text: &str) -> errors::Result<usize> {
        Ok(text.len())
    }

    #[tracked("methods")]
    fn associated() -> Result<u8, Error> {
        Ok(1)
    }

    #[tracked("methods")]
    fn make() -> Result<Self, Error> {
        Ok(Self)
    }
}

trait Tool {
    type Error;

    fn fallible(&self) -> Result<(), Self::Error>;

    #[tracked("methods")]
    fn provided(&self) -> Result<(), Error> {
        Ok(())
    }

    #[tracked("methods")]
    fn provided_of_self(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

impl Tool for Plain {
    type Error = errors::StoreError;

    #[tracked("methods")]
    fn fallible(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[async_trait::async_trait]
trait AsyncTool {
    type Error;

    async fn expanded(&self) -> Result<u8, Error>;
    async fn expanded_of_self(&self) -> Result<(), Self::Error>;
}

#[async_trait::async_trait]
impl AsyncTool for Plain {
    type Error = errors::StoreError;

    #[tracked("methods")]
    async fn expanded(&self) -> Result<u8, Error> {
        Ok(1)
    }

    #[tracked("methods")]
    async fn expanded_of_self(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

trait Backend: Display {
    type Failure;
}

impl Backend for &str {
    type Failure = Error;
}

/// A type whose parameter has a bound.
struct Transaction<B: Backend>(B);

/// A type whose parameters are named like types; one has the name of a type in this module.
struct Generic<Store, Failure, const SIZE: usize> {
    store: Store,
    failure: Option<Failure>,
}

impl<Store: Backend + Clone, Failure, const SIZE: usize> Generic<Store, Failure, SIZE> {
    #[tracked("methods")]
    fn in_generic_impl(&self) -> Result<u8, Error> {
        Ok(1)
    }

    #[tracked("methods")]
    fn bounded(&self) -> Result<Transaction<Store>, Error> {
        Ok(Transaction(self.store.clone()))
    }

    #[tracked("methods")]
    async fn bounded_later(&self) -> Result<Transaction<Store>, Error> {
        Ok(Transaction(self.store.clone()))
    }

    #[tracked("methods")]
    fn sized(&self) -> Result<[u8; SIZE], Error> {
        Ok([0; SIZE])
    }

    #[tracked("methods")]
    fn generic_error(&self) -> Result<(), Failure> {
        Ok(())
    }

    #[tracked("methods")]
    fn projected(&self) -> Result<(), Store::Failure> {
        Ok(())
    }

    #[tracked("methods")]
    fn open(store: Store) -> Result<Generic<Store, Failure, SIZE>, Error> {
        let failure = None;
        Ok(Generic { store, failure })
    }
}

const GENERIC: Generic<&str, Error, 2> = Generic {
    store: "",
    failure: None,
};

struct Lifetimes<'a>(&'a str);

impl<'a> Lifetimes<'a> {
    #[tracked("methods")]
    fn lifetime_of_impl(&self) -> Result<&'a str, Error> {
        Ok(self.0)
    }
}

cases! {
    method: ["Refused", "Timeout"], Plain.method();
    async_method: ["Full", "Offline"], crate::ready(Plain.async_method(""));
    associated: ["Refused", "Timeout"], Plain::associated();
    provided: ["Refused", "Timeout"], Plain.provided();
    expanded: ["Refused", "Timeout"], crate::ready(Plain.expanded());
    in_generic_impl: ["Refused", "Timeout"], GENERIC.in_generic_impl();
    lifetime_of_impl: ["Refused", "Timeout"], Lifetimes("").lifetime_of_impl();
    // The bounds do not describe these errors.
    provided_of_self: [], Plain.provided_of_self();
    generic_error: [], GENERIC.generic_error();
    projected: [], GENERIC.projected();
    @at_first_call:
    make: ["Refused", "Timeout"], Plain::make();
    fallible: ["Full", "Offline"], Plain.fallible();
    expanded_of_self: ["Full", "Offline"], crate::ready(Plain.expanded_of_self());
    bounded: ["Refused", "Timeout"], GENERIC.bounded();
    bounded_later: ["Refused", "Timeout"], crate::ready(GENERIC.bounded_later());
    sized: ["Refused", "Timeout"], GENERIC.sized();
    open: ["Refused", "Timeout"], Generic::<&str, Error, 2>::open("");
}
