//! The request that covers the body of a tracked function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

use super::outcome::outcome;
use crate::attr::TrackedArgs;

/// A request with these labels.
pub(super) struct Request<'a> {
    pub(super) args: &'a TrackedArgs,
    /// An expression. May use the function's arguments.
    pub(super) labels: TokenStream,
}

impl Request<'_> {
    /// Returns statements that start the request and do not end it. Only for a body that cannot
    /// fail.
    pub(super) fn enter(&self) -> TokenStream {
        let (krate, labels) = (&self.args.krate, &self.labels);
        quote_spanned!(Span::mixed_site()=> let _request = #krate::__private::enter(#labels);)
    }

    /// Returns statements that start the request, and that end it by the local `value`.
    pub(super) fn begin_and_close(&self) -> (TokenStream, TokenStream) {
        let (krate, labels) = (&self.args.krate, &self.labels);
        let begin = quote_spanned! {Span::mixed_site()=>
            let mut request = #krate::__private::begin(#labels);
        };
        let outcome = outcome(self.args, &quote_spanned!(Span::mixed_site()=> value));
        let close = quote_spanned! {Span::mixed_site()=>
            #krate::__private::close(&mut request, #outcome);
            #krate::__private::forget(request);
        };
        (begin, close)
    }

    /// Returns an expression that awaits `future` as a request with `labels`. `ty` is the type of
    /// its output, if the compiler does not infer it.
    pub(super) fn awaited(
        &self,
        labels: &TokenStream,
        future: &TokenStream,
        ty: Option<&Type>,
    ) -> TokenStream {
        let krate = &self.args.krate;
        let outcome = outcome(self.args, &quote_spanned!(Span::mixed_site()=> *value));
        let ty = ty.map(|ty| quote_spanned!(Span::mixed_site()=> : &#ty));
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::run_async(#labels, #future, |value #ty| #outcome).await
        }
    }
}
