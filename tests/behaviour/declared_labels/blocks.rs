//! Methods of tracked blocks, where the attribute can resolve `Self`.

use mcp_metrics::tracked;
use mcp_metrics_tests::errors;

use crate::{Error, cases};

struct Store<'a>(&'a str);

#[tracked("blocks")]
impl<'a> Store<'a> {
    fn put(&self) -> Result<&'a str, Error> {
        Ok(self.0)
    }

    fn open(name: &'a str) -> errors::Result<Self> {
        Ok(Self(name))
    }

    #[tracked(operation = "renamed")]
    async fn get(&self) -> Result<Option<&Self>, Error> {
        Ok(None)
    }

    fn generic_method<T>(&self, value: T) -> Result<T, Error> {
        Ok(value)
    }
}

trait Tool {
    type Error;
    type Output<'a>
    where
        Self: 'a;
    const SIZE: usize;

    fn of_self(&self) -> Result<(), Self::Error>;
    fn of_generic_type(&self) -> Result<Self::Output<'_>, Self::Error>;
    fn of_qualified_self(&self) -> Result<(), <Self as Tool>::Error>;
    fn result_in_ok(&self) -> Result<Result<(), Self::Error>, Error>;
    fn later(&self) -> impl Future<Output = Result<(), Self::Error>>;
    fn sized(&self) -> Result<[u8; 1], Self::Error>;
}

struct Search;

#[tracked("blocks")]
impl Tool for Search {
    type Error = errors::StoreError;
    type Output<'a> = &'a Self;
    const SIZE: usize = 1;

    fn of_self(&self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn of_generic_type(&self) -> Result<Self::Output<'_>, Self::Error> {
        Ok(self)
    }

    fn of_qualified_self(&self) -> Result<(), <Self as Tool>::Error> {
        Ok(())
    }

    fn result_in_ok(&self) -> Result<Result<(), Self::Error>, Error> {
        Ok(Ok(()))
    }

    async fn later(&self) -> Result<(), Self::Error> {
        Ok(())
    }

    fn sized(&self) -> Result<[u8; Self::SIZE], Self::Error> {
        Ok([0; Self::SIZE])
    }
}

#[async_trait::async_trait]
trait AsyncTool {
    type Error;

    async fn above(&self) -> Result<(), Self::Error>;
}

#[tracked("blocks")]
#[async_trait::async_trait]
impl AsyncTool for Search {
    type Error = errors::StoreError;

    async fn above(&self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[async_trait::async_trait]
#[tracked("blocks")]
trait Provided {
    type Error;

    async fn below(&self) -> Result<u8, Error> {
        Ok(1)
    }

    async fn below_of_self(&self) -> Result<u8, Self::Error> {
        Ok(1)
    }
}

impl Provided for Search {
    type Error = errors::StoreError;
}

struct Cache<Item>(Item);

#[tracked("blocks")]
impl<Item: Clone> Cache<Item> {
    fn in_generic_block(&self) -> Result<u8, Error> {
        Ok(1)
    }

    fn of_generics(&self) -> Result<Item, Error> {
        Ok(self.0.clone())
    }

    fn of_generic_self(&self) -> Result<&Self, Error> {
        Ok(self)
    }
}

// `Error` is another type in this scope than in the module; the block resolves the local one.
fn local() -> bool {
    #[derive(mcp_metrics::ErrorType)]
    enum Error {
        Lost,
    }

    struct Local;

    #[tracked("blocks")]
    impl Local {
        fn local_error() -> Result<(), Error> {
            Ok(())
        }
    }

    Local::local_error().is_ok()
}

cases! {
    put: ["Refused", "Timeout"], Store("").put();
    open: ["Full", "Offline"], Store::open("");
    renamed: ["Refused", "Timeout"], crate::ready(Store("").get());
    of_self: ["Full", "Offline"], Search.of_self();
    of_generic_type: ["Full", "Offline"], Search.of_generic_type();
    of_qualified_self: ["Full", "Offline"], Search.of_qualified_self();
    result_in_ok: ["Full", "Offline", "Refused", "Timeout"], Search.result_in_ok();
    later: ["Full", "Offline"], crate::ready(Search.later());
    above: ["Full", "Offline"], crate::ready(Search.above());
    below: ["Refused", "Timeout"], crate::ready(Search.below());
    in_generic_block: ["Refused", "Timeout"], Cache(1).in_generic_block();
    local_error: ["Lost"], local();
    // The bounds do not describe this error.
    below_of_self: [], crate::ready(Search.below_of_self());
    @at_first_call:
    generic_method: ["Refused", "Timeout"], Store("").generic_method(1);
    sized: ["Full", "Offline"], Search.sized();
    of_generics: ["Refused", "Timeout"], Cache(1).of_generics();
    of_generic_self: ["Refused", "Timeout"], Cache(1).of_generic_self();
}
