//! An `async fn` that returns an opaque type whose values cannot be a failure, such as `impl Fn(&str)`.
//!
//! The compiler infers a closure's signature from the bounds of the return type, which an `async`
//! block does not see. So the body remains in the function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::punctuated::Punctuated;
use syn::{Path, ReturnType, Signature, Token, Type, TypeParamBound};

use super::body::expression;
use super::control_flow::may_return_early;
use super::request::Request;
use crate::declared::is_independent;
use crate::function::Function;

// Input:  async fn f() -> impl Fn(&str) -> &str { |text| text.trim() }
// Output: async fn f() -> impl Fn(&str) -> &str {
//             fn bounded<T: Fn(&str) -> &str>(value: T) -> T { value }
//             let request = begin_async(…);
//             return succeed(request, bounded({ |text| text.trim() }));
//         }
/// Returns the body of a function for which [`is_success`] holds.
pub(super) fn in_async_fn(
    krate: &Path,
    request: &Request<'_>,
    function: &Function,
    statements: &TokenStream,
) -> TokenStream {
    let labels = &request.labels;
    let bounds = bounds(&function.sig);
    let body = expression(function, statements);
    quote_spanned! {Span::mixed_site()=>
        fn bounded<T: #bounds>(value: T) -> T {
            value
        }
        let request = #krate::__private::begin_async(#labels);
        return #krate::__private::succeed(request, bounded(#body));
    }
}

/// Returns whether the function returns such a type, and a nested function can name its bounds. A
/// body that returns early must be in an `async` block.
pub(super) fn is_success(request: &Request<'_>, function: &Function) -> bool {
    bounds(&function.sig).is_some()
        && !request.reads_value()
        && !may_return_early(&function.body.stream())
}

/// Returns the bounds of an opaque return type, unless they contain generics or lifetimes.
fn bounds(sig: &Signature) -> Option<&Punctuated<TypeParamBound, Token![+]>> {
    let ReturnType::Type(_, ty) = &sig.output else {
        return None;
    };
    let Type::ImplTrait(opaque) = &**ty else {
        return None;
    };
    is_independent(ty, &sig.generics).then_some(&opaque.bounds)
}
