//! The request that covers the body of a tracked function.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{Expr, Path, Type};

use super::opened::Opened;
use super::outcome::outcome;
use crate::attr::OutcomeArgs;
use crate::value_type::ValueType;

/// A request with these labels.
pub(super) struct Request<'a> {
    pub(super) krate: &'a Path,
    pub(super) args: &'a OutcomeArgs,
    /// What the request is.
    pub(super) kind: Kind<'a>,
    /// An expression. May use the function's arguments.
    pub(super) labels: TokenStream,
    /// The type of the value, or of the items, that determine the outcome.
    pub(super) value: ValueType,
    /// The stream in the function's value that ends the request.
    pub(super) opened: Option<&'a Opened>,
}

/// What a request is, by which values show more than an outcome.
pub(super) enum Kind<'a> {
    /// A request of an agent.
    Agent,
    /// An LLM call, with a function that returns the token usage of a reply.
    Llm { usage: Option<&'a Expr> },
}

impl Request<'_> {
    /// Returns whether the outcome depends on the value.
    pub(super) fn reads_value(&self) -> bool {
        let reads_usage = matches!(self.kind, Kind::Llm { usage: Some(_) });
        self.value.can_fail || self.args.reads_value() || reads_usage
    }

    /// Returns statements that start the request and do not end it. Only for a body that cannot
    /// fail.
    pub(super) fn enter(&self) -> TokenStream {
        let (krate, labels) = (self.krate, &self.labels);
        quote_spanned!(Span::mixed_site()=> let _request = #krate::__private::enter(#labels);)
    }

    /// Returns statements that start the request, and that end it by the local `value`.
    pub(super) fn begin_and_close(&self) -> (TokenStream, TokenStream) {
        let (krate, labels) = (self.krate, &self.labels);
        let begin = quote_spanned! {Span::mixed_site()=>
            let mut request = #krate::__private::begin(#labels);
        };
        let value = quote_spanned!(Span::mixed_site()=> &value);
        let outcome = self.outcome(&value);
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
        let krate = self.krate;
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::track_future(#labels, #future, #failure)
        }
    }

    /// Returns an expression of a tracked stream with the flag of the attribute.
    pub(super) fn stream(&self, stream: &TokenStream) -> TokenStream {
        let krate = self.krate;
        if self.args.ok_if_dropped.is_some() {
            quote_spanned!(Span::mixed_site()=> #krate::__private::ok_if_dropped(#stream))
        } else {
            stream.clone()
        }
    }

    /// Returns an expression of a closure that reads the outcome of a value. `ty` is the type of
    /// the value, if the compiler does not infer it.
    pub(super) fn read(&self, ty: Option<&Type>) -> TokenStream {
        if !self.reads_value() {
            let outcome = self.success();
            return quote_spanned!(Span::mixed_site()=> |_| #outcome);
        }
        let value = quote_spanned!(Span::mixed_site()=> value);
        let outcome = self.outcome(&value);
        let ty = ty.map(|ty| quote_spanned!(Span::mixed_site()=> : &#ty));
        quote_spanned!(Span::mixed_site()=> |value #ty| #outcome)
    }

    /// Returns an expression of the outcome that a value shows. `value` is an expression of a
    /// reference to the value.
    fn outcome(&self, value: &TokenStream) -> TokenStream {
        let krate = self.krate;
        let failure = outcome(krate, self.args, value, &self.value);
        match self.kind {
            Kind::Agent => failure,
            Kind::Llm { usage } => {
                let usage = match usage {
                    None => quote_spanned!(Span::mixed_site()=> #krate::__private::None),
                    // Errors are reported at the user's function.
                    Some(usage) => quote_spanned! {Span::mixed_site().located_at(usage.span())=> {
                        use #krate::__private::{ViaOk as _, ViaValue as _};
                        (&&#krate::__private::Reply(#value)).mcp_metrics_usage(#usage)
                    }},
                };
                quote_spanned! {Span::mixed_site()=>
                    #krate::__private::llm_outcome(#failure, #usage)
                }
            }
        }
    }

    /// Returns an expression of the outcome of a value that cannot be a failure.
    fn success(&self) -> TokenStream {
        let krate = self.krate;
        let none = quote_spanned!(Span::mixed_site()=> #krate::__private::None);
        match self.kind {
            Kind::Agent => none,
            Kind::Llm { .. } => {
                quote_spanned!(Span::mixed_site()=> #krate::__private::llm_outcome(#none, #none))
            }
        }
    }
}
