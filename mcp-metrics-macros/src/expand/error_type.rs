//! `#[derive(ErrorType)]`.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{DeriveInput, Path};

use super::bounds::GenericTypes;
use super::derived;
use crate::attr::{ErrorTypeArgs, LabelArm, LabelSource};

pub(super) fn expand(item: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(item) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ErrorTypeArgs { krate, arms } = ErrorTypeArgs::of(&input);
    let krate = match krate {
        Ok(krate) => krate,
        Err(missing) => return missing.to_compile_error(),
    };
    match arms {
        Ok(arms) => implementations(&input, &krate, &arms),
        Err(errors) => {
            let mut tokens = errors.to_compile_error();
            tokens.extend(fallback(&input, &krate));
            tokens
        }
    }
}

// Input:  enum E { Timeout, #[error_type(transparent)] Io(io::Error) }
// Output: const _: () = {
//             static OWN: [&str; 1] = ["Timeout"];
//             impl ErrorType for E {
//                 fn error_type(&self) -> Cow<'static, str> {
//                     match self {
//                         Self::Timeout { .. } => Cow::Borrowed(OWN[0]),
//                         Self::Io { 0: inner } => …inner…error_type(),
//                     }
//                 }
//             }
//             impl HasErrorLabels for E {
//                 const LABELS: &'static ErrorLabels = &ErrorLabels {
//                     own: &OWN,
//                     inner: &[|| …io::Error…labels()],
//                 };
//             }
//         };
// The labels are in a static so that those of a value and those that are declared have the same
// address, by which they are compared first.
fn implementations(input: &DeriveInput, krate: &Path, arms: &[LabelArm]) -> TokenStream {
    let name = &derived(&input.ident);
    let (impl_generics, ty_generics, _) = input.generics.split_for_impl();
    let body = error_type_body(krate, arms);
    let labels = labels(krate, arms);
    let own: Vec<_> = arms.iter().filter_map(LabelArm::literal).collect();
    let count = own.len();
    let generic = GenericTypes::of(input, arms);
    let error_type = quote_spanned!(Span::mixed_site()=> #krate::ErrorType);
    let has_labels = quote_spanned!(Span::mixed_site()=> #krate::__private::HasErrorLabels);
    let has_error_type = generic.bounded(input, &error_type);
    let all_have_labels = generic.bounded(input, &quote!(#error_type + #has_labels));
    // For types whose parameters implement `ErrorType` by hand, and therefore have no labels.
    let own_labels = (!generic.is_empty()).then(|| {
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            impl #impl_generics #krate::__private::HasOwnErrorLabels for #name #ty_generics
            #has_error_type
            {
                const LABELS: &'static #krate::__private::ErrorLabels = #labels;
            }
        }
    });
    quote_spanned! {Span::mixed_site()=>
        const _: () = {
            static OWN: [&str; #count] = [#(#own),*];

            #[automatically_derived]
            impl #impl_generics #error_type for #name #ty_generics #has_error_type {
                fn error_type(&self) -> #krate::__private::Cow<'static, str> {
                    #body
                }
            }

            #[automatically_derived]
            impl #impl_generics #has_labels for #name #ty_generics #all_have_labels {
                const LABELS: &'static #krate::__private::ErrorLabels = #labels;
            }

            #own_labels
        };
    }
}

fn error_type_body(krate: &Path, arms: &[LabelArm]) -> TokenStream {
    let inner = format_ident!("inner", span = Span::mixed_site());
    let mut index = 0..;
    let match_arms = arms.iter().map(|LabelArm { variant, label }| {
        let pattern = match variant {
            Some(variant) => {
                let variant = derived(variant);
                quote!(Self::#variant)
            }
            None => quote!(Self),
        };
        match label {
            LabelSource::Literal(_) => {
                let at = index.next().map(Literal::usize_unsuffixed);
                quote_spanned! {Span::mixed_site()=>
                    #pattern { .. } => #krate::__private::Cow::Borrowed(OWN[#at]),
                }
            }
            LabelSource::Inner(member, _) => quote_spanned! {Span::mixed_site()=>
                #pattern { #member: #inner } => {
                    use #krate::__private::{ViaErrorType as _, ViaTypeName as _};
                    (&&#krate::__private::Inner(#inner)).mcp_metrics_error_type()
                }
            },
        }
    });
    // A reference to an empty enum must be matched, too.
    let deref = arms.is_empty().then(|| quote!(*));
    quote_spanned!(Span::mixed_site()=> match #deref self { #(#match_arms)* })
}

/// Returns an expression of the labels that are known without a value.
fn labels(krate: &Path, arms: &[LabelArm]) -> TokenStream {
    let inner = arms.iter().filter_map(|arm| match &arm.label {
        LabelSource::Inner(_, ty) => Some(quote_spanned! {Span::mixed_site()=> || {
            use #krate::__private::ViaLabels as _;
            (&&&#krate::__private::InnerProbe::<#ty>::NEW).mcp_metrics_labels()
        }}),
        LabelSource::Literal(_) => None,
    });
    quote_spanned! {Span::mixed_site()=>
        &#krate::__private::ErrorLabels {
            own: &OWN,
            inner: &[#(#inner),*],
        }
    }
}

/// Returns implementations for an item with errors, so that each use of it is not an error, too.
fn fallback(input: &DeriveInput, krate: &Path) -> TokenStream {
    let name = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #impl_generics #krate::ErrorType for #name #ty_generics #where_clause {
            fn error_type(&self) -> #krate::__private::Cow<'static, str> {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl #impl_generics #krate::__private::HasErrorLabels for #name #ty_generics #where_clause {
            const LABELS: &'static #krate::__private::ErrorLabels =
                #krate::__private::no_labels();
        }
    }
}
