//! The request that covers the body of a tracked function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Type;

use super::opened::Opened;
use super::outcome::outcome;
use crate::attr::TrackedArgs;
use crate::value_type::ValueType;

/// A request with these labels.
pub(super) struct Request<'a> {
    pub(super) args: &'a TrackedArgs,
    /// An expression. May use the function's arguments.
    pub(super) labels: TokenStream,
    /// The type of the value, or of the items, that determine the outcome.
    pub(super) value: ValueType,
    /// The stream in the function's value that ends the request.
    pub(super) opened: Option<&'a Opened>,
}

impl Request<'_> {
    /// Returns whether the outcome depends on the value.
    pub(super) fn reads_value(&self) -> bool {
        self.value.can_fail || self.args.reads_value()
    }

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
        let value = quote_spanned!(Span::mixed_site()=> &value);
        let outcome = outcome(self.args, &value, &self.value);
        let close = quote_spanned! {Span::mixed_site()=>
            #krate::__private::close(&mut request, #outcome);
            #krate::__private::forget(request);
        };
        (begin, close)
    }

    /// Returns a statement that evaluates the labels when the function is called. They may use
    /// arguments that the user's body moves.
    pub(super) fn let_labels(&self) -> TokenStream {
        let labels = &self.labels;
        quote_spanned!(Span::mixed_site()=> let labels = #labels;)
    }

    /// Returns an expression of `future` as a request with `labels`.
    pub(super) fn track_future(
        &self,
        labels: &TokenStream,
        future: &TokenStream,
        failure: &TokenStream,
    ) -> TokenStream {
        let krate = &self.args.krate;
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::track_future(#labels, #future, #failure)
        }
    }

    /// Returns an expression of a tracked stream with the flag of the attribute.
    pub(super) fn stream(&self, stream: &TokenStream) -> TokenStream {
        let krate = &self.args.krate;
        if self.args.ok_if_dropped.is_some() {
            quote_spanned!(Span::mixed_site()=> #krate::__private::ok_if_dropped(#stream))
        } else {
            stream.clone()
        }
    }

    /// Returns an expression of a closure that reads the outcome of a value. `ty` is the type of
    /// the value, if the compiler does not infer it.
    pub(super) fn failure(&self, ty: Option<&Type>) -> TokenStream {
        if !self.reads_value() {
            let krate = &self.args.krate;
            return quote_spanned!(Span::mixed_site()=> |_| #krate::__private::None);
        }
        let value = quote_spanned!(Span::mixed_site()=> value);
        let outcome = outcome(self.args, &value, &self.value);
        let ty = ty.map(|ty| quote_spanned!(Span::mixed_site()=> : &#ty));
        quote_spanned!(Span::mixed_site()=> |value #ty| #outcome)
    }
}
