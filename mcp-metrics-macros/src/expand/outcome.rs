//! Expressions of the `error_type` label of a returned value.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

use crate::attr::{ErrorLabel, OutcomeArgs, OutcomeRule};
use crate::value_type::{HiddenFutures, ValueType};

/// Returns an expression of the `error_type` label of a value, which is `None` for a success.
/// `value` is an expression of a reference to the value.
pub(super) fn failure(krate: &Path, value: &TokenStream, ty: &ValueType) -> TokenStream {
    if !ty.can_fail {
        return quote_spanned!(Span::mixed_site()=> #krate::__private::None);
    }
    let span = ty.span;
    let dereference = std::iter::repeat_n(quote_spanned!(span=> *), ty.references);
    let referent = match ty.references {
        0 => value.clone(),
        _ => quote_spanned!(span=> &*#(#dereference)*#value),
    };
    let check = (ty.hidden_futures == HiddenFutures::Any).then(|| {
        quote_spanned! {span=>
            use #krate::__private::{ViaIntoFuture as _, ViaNoFuture as _};
            (&&&&#krate::__private::Unnamed(#referent)).mcp_metrics_check();
        }
    });
    let outcome = if ty.borrowed {
        quote_spanned!(span=> (&&&&&&&&#krate::__private::borrowed(#referent)))
    } else {
        quote_spanned!(span=> (&&&&&&#krate::__private::returned(#referent)))
    };
    // Without need, it would report a type that the compiler failed to infer, too.
    let futures = (ty.hidden_futures != HiddenFutures::None)
        .then(|| quote_spanned!(span=> use #krate::__private::ViaFuture as _;));
    quote_spanned! {span=> {
        #check
        #futures
        use #krate::__private::{ViaAny as _, ViaOutcome as _, ViaResult as _};
        #outcome.mcp_metrics_failure()
    }}
}

/// Returns an expression of whether a value is a failure.
pub(super) fn is_failure(krate: &Path, value: &TokenStream, ty: &ValueType) -> TokenStream {
    if ty.can_fail {
        let failure = failure(krate, value, ty);
        quote_spanned!(Span::mixed_site()=> ::core::option::Option::is_some(&#failure))
    } else {
        quote_spanned!(Span::mixed_site()=> false)
    }
}

/// Returns an expression of the label for a tracked function, whose arguments may define the outcome
/// and the label.
pub(super) fn outcome(
    krate: &Path,
    args: &OutcomeArgs,
    value: &TokenStream,
    ty: &ValueType,
) -> TokenStream {
    let by_type = failure(krate, value, ty);
    let failed = match &args.rule {
        OutcomeRule::Type => None,
        OutcomeRule::OkIf(ok) => {
            Some(quote_spanned!(Span::mixed_site()=> !#krate::__private::test(#value, #ok)))
        }
        OutcomeRule::ErrorIf(error) => {
            Some(quote_spanned!(Span::mixed_site()=> #krate::__private::test(#value, #error)))
        }
    };
    let label = match &failed {
        None => by_type,
        Some(failed) => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::failure_if(#failed, #by_type))
        }
    };
    match (&args.error_type, failed) {
        (ErrorLabel::Type, _) => label,
        (ErrorLabel::Literal(literal), _) => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::with_label(#label, #literal))
        }
        (ErrorLabel::Function(function), None) => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::label_error(#value, #function))
        }
        (ErrorLabel::Function(function), Some(failed)) => quote_spanned! {Span::mixed_site()=>
            #krate::__private::label_value(#failed, #value, #function)
        },
    }
}
