//! Expressions of the `error_type` label of a returned value.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

use crate::attr::{ErrorLabel, OutcomeRule, TrackedArgs};

/// Returns an expression of the `error_type` label of `value`, which is `None` for a success.
pub(super) fn failure(krate: &Path, value: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #krate::__private::{ViaAny as _, ViaFuture as _, ViaOutcome as _, ViaResult as _};
        (&&&&&&#krate::__private::Returned(&#value)).failure()
    }}
}

/// Returns the same for a tracked function, whose arguments may define the outcome and the label.
pub(super) fn outcome(args: &TrackedArgs, value: &TokenStream) -> TokenStream {
    let krate = &args.krate;
    let by_type = failure(krate, value);
    let failed = match &args.outcome_rule {
        OutcomeRule::Type => None,
        OutcomeRule::OkIf(ok) => {
            Some(quote_spanned!(Span::mixed_site()=> !#krate::__private::test(&#value, #ok)))
        }
        OutcomeRule::ErrorIf(error) => {
            Some(quote_spanned!(Span::mixed_site()=> #krate::__private::test(&#value, #error)))
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
            quote_spanned!(Span::mixed_site()=> #krate::__private::label_error(&#value, #function))
        }
        (ErrorLabel::Function(function), Some(failed)) => quote_spanned! {Span::mixed_site()=>
            #krate::__private::label_value(#failed, &#value, #function)
        },
    }
}
