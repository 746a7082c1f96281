//! Combination of results, so that all errors of an item are reported together.

use syn::Result;

/// Results whose values are only needed together.
pub(crate) trait Results {
    type Values;

    /// Returns all values, or all errors in the order of the results.
    fn all(self) -> Result<Self::Values>;
}

impl<A, B> Results for (Result<A>, Result<B>) {
    type Values = (A, B);

    fn all(self) -> Result<(A, B)> {
        match self {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (Err(mut errors), Err(error)) => {
                errors.combine(error);
                Err(errors)
            }
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        }
    }
}

/// Implements `Results` for a longer tuple, by the tuple of all results but the last.
macro_rules! longer {
    ($($T:ident $first:ident),+; $L:ident $last:ident) => {
        impl<$($T,)+ $L> Results for ($(Result<$T>,)+ Result<$L>) {
            type Values = ($($T,)+ $L);

            fn all(self) -> Result<Self::Values> {
                let ($($first,)+ $last) = self;
                let (($($first),+), $last) = (($($first),+).all(), $last).all()?;
                Ok(($($first,)+ $last))
            }
        }
    };
}

longer!(A a, B b; C c);
longer!(A a, B b, C c; D d);
longer!(A a, B b, C c, D d; E e);
longer!(A a, B b, C c, D d, E e; F f);

impl<T> Results for Vec<Result<T>> {
    type Values = Vec<T>;

    fn all(self) -> Result<Vec<T>> {
        let mut all = Ok(Vec::new());
        for result in self {
            all = (all, result).all().map(|(mut all, value)| {
                all.push(value);
                all
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::Error;

    use super::*;

    fn error(message: &str) -> Error {
        Error::new(Span::call_site(), message)
    }

    fn messages<T>(result: Result<T>) -> Vec<String> {
        let errors = result.err().into_iter().flatten();
        errors.map(|error| error.to_string()).collect()
    }

    #[test]
    fn results_without_errors_are_values() {
        assert_eq!(
            (Ok(1), Ok("two"), Ok('3')).all().ok(),
            Some((1, "two", '3'))
        );
        assert_eq!(vec![Ok(1), Ok(2)].all().ok(), Some(vec![1, 2]));
        assert_eq!(Vec::<Result<u8>>::new().all().ok(), Some(Vec::new()));
    }

    #[test]
    fn errors_are_reported_in_the_order_of_the_results() {
        let failed = |message| Err::<u8, _>(error(message));
        let tuple = (failed("a"), Ok(2), failed("c"), Ok(4), failed("e"));
        assert_eq!(messages(tuple.all()), ["a", "c", "e"]);
        assert_eq!(messages((Ok(1), failed("b")).all()), ["b"]);
        let list = vec![Ok(1), failed("b"), Ok(3), failed("d")];
        assert_eq!(messages(list.all()), ["b", "d"]);
    }
}
