//! Expressions of labels, and of the request labels of a tracked function.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::VisitMut;
use syn::{Path, Signature, Type};

use super::derived;
use crate::attr::{ErrorLabel, Label, TrackedArgs};
use crate::declared::{Declared, Hint, InStatic};
use crate::stream_place::StreamPlace;

impl ToTokens for Label {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(text) => text.to_tokens(tokens),
            Self::Dynamic(expression) => expression.to_tokens(tokens),
        }
    }
}

impl Label {
    /// Returns an expression of the label's value.
    ///
    /// It has the span of the user's expression, where the borrow checker then reports a borrowed
    /// label. The parentheses give it to the call.
    pub(super) fn evaluated(&self, krate: &Path) -> TokenStream {
        let label = self.to_token_stream();
        let mut spans = label.clone().into_iter().map(|token| token.span());
        let first = spans.next().unwrap_or_else(Span::mixed_site);
        let last = spans.last().unwrap_or(first);
        let parenthesized = |tokens, span| {
            let mut group = Group::new(Delimiter::Parenthesis, tokens);
            group.set_span(span);
            group
        };
        let function = quote_spanned!(Span::mixed_site()=> #krate::__private::label);
        let function = parenthesized(function, first);
        let argument = parenthesized(label, last);
        quote!(#function #argument)
    }
}

/// Returns an expression of the request's labels. Two literals get a callsite of their own. `stream`
/// is the stream in the function's value that ends the request.
pub(super) fn labels(
    args: &TrackedArgs,
    hint: Option<Hint>,
    stream: Option<&StreamPlace>,
    sig: &Signature,
) -> TokenStream {
    let TrackedArgs {
        agent,
        operation,
        krate,
        ..
    } = args;
    let (Label::Literal(agent), Label::Literal(operation)) = (agent, operation) else {
        let (agent, operation) = (agent.evaluated(krate), operation.evaluated(krate));
        return quote_spanned! {Span::mixed_site()=>
            #krate::__private::labels(#agent, #operation)
        };
    };
    let Declared { in_static, at_call } = match args.outcome.error_type {
        ErrorLabel::Type => Declared::of(sig, stream, hint, krate),
        ErrorLabel::Literal(_) | ErrorLabel::Function(_) => Declared::default(),
    };
    let labels = match in_static {
        None => quote_spanned!(Span::mixed_site()=> #krate::__private::no_labels),
        Some(InStatic { ty, unclear }) if unclear.is_empty() => {
            let labels = probe(krate, &ty);
            quote_spanned!(Span::mixed_site()=> || #labels)
        }
        Some(InStatic { ty, unclear }) => masked(krate, &ty, &unclear),
    };
    let site = quote_spanned!(Span::mixed_site()=> #krate::__site!(#agent, #operation, #labels));
    match at_call {
        None => quote_spanned!(Span::mixed_site()=> #krate::__private::Literal(#site)),
        Some(ty) => {
            let labels = probe(krate, &ty);
            quote_spanned!(Span::mixed_site()=> #krate::__private::FirstCall(#site, || #labels))
        }
    }
}

/// Returns an expression of the error labels that `ty` declares.
fn probe(krate: &Path, ty: &Type) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #krate::__private::ViaLabels as _;
        (&&&&&#krate::__private::Probe::<#ty>::NEW).mcp_metrics_labels()
    }}
}

// Input:  Result<Backend, Failure>, where `Backend` is a generic of the `impl`
// Output: {
//             type Backend<'a> = Mask<'a>;
//             type Failure<'a> = Mask<'a>;
//             {
//                 use self::*; // has the type `Failure`
//                 || …Probe::<fn(&()) -> Result<Backend, Failure>>…
//             }
//         }
/// Returns an expression of a function that returns the error labels that `ty` declares. The names
/// have spans in the expansion, where lints about names and lifetimes do not fire.
///
/// Each name in `unclear` is either a type of the module or a generic parameter of an `impl`. A
/// static that names such a parameter does not compile, so an alias to `Mask` shadows each name
/// outside the static, and `use self::*` shadows the aliases with the module's types. The aliases
/// also shadow types that are declared in an enclosing function's body; if the module has a type of
/// the same name, the static probes that type.
fn masked(krate: &Path, ty: &Type, unclear: &[Ident]) -> TokenStream {
    let ty = in_expansion(ty, unclear);
    let unclear = unclear.iter().map(derived);
    let masked = syn::parse_quote_spanned!(Span::mixed_site()=> fn(&()) -> #ty);
    let labels = probe(krate, &masked);
    let masks = unclear.clone();
    quote_spanned! {Span::mixed_site()=> {
        #(type #masks<'a> = #krate::__private::Mask<'a>;)*
        const _: #krate::__private::Probe<(#(#unclear<'static>,)*)> = #krate::__private::Probe::NEW;
        {
            use self::*;
            fn labels() -> &'static #krate::__private::ErrorLabels #labels
            labels
        }
    }}
}

/// Returns a type with the spans of these names in the expansion.
fn in_expansion(ty: &Type, names: &[Ident]) -> Type {
    struct Respan<'a>(&'a [Ident]);

    impl VisitMut for Respan<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            if self.0.contains(ident) {
                *ident = derived(ident);
            }
        }
    }

    let mut ty = ty.clone();
    Respan(names).visit_type_mut(&mut ty);
    ty
}
