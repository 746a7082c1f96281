//! `#[derive(ErrorType)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Member, Result, Type};

use crate::attr::{Case, ErrorTypeAttributes, Errors, Krate, Rule};

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(|input| implementation(&input))
        .unwrap_or_else(|error| error.to_compile_error())
}

/// A struct or variant, and the source of its label.
struct LabelArm {
    pattern: TokenStream,
    label: Source,
}

enum Source {
    Literal(LitStr),
    Inner(Member, Box<Type>),
}

fn implementation(input: &DeriveInput) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let container = errors.take(ErrorTypeAttributes::of(&input.attrs));
    let container = container.unwrap_or(ErrorTypeAttributes::none());
    let arms = match &input.data {
        Data::Struct(data) => {
            if let Some((_, span)) = container.rename_all {
                errors.push(Error::new(
                    span,
                    "`rename_all` is only allowed on enums; use `#[error_type(\"…\")]` to set the \
                     label of a struct",
                ));
            }
            let source = source(&input.ident, &data.fields, container.rule, None);
            let source = errors.take(source);
            source
                .into_iter()
                .map(|label| LabelArm {
                    pattern: quote!(Self),
                    label,
                })
                .collect()
        }
        Data::Enum(data) => {
            let misplaced = match &container.rule {
                Rule::Name => None,
                Rule::Label(text) => Some(text.span()),
                Rule::Transparent(span) => Some(*span),
            };
            if let Some(span) = misplaced {
                let message = "not allowed on an enum; apply the attribute to its variants";
                errors.push(Error::new(span, message));
            }
            let case = container.rename_all.map(|(case, _)| case);
            let mut all: Vec<LabelArm> = Vec::new();
            for variant in &data.variants {
                let name = &variant.ident;
                let label = ErrorTypeAttributes::of(&variant.attrs)
                    .and_then(|attributes| source(name, &variant.fields, attributes.rule, case));
                let label = errors.take(label);
                all.extend(label.map(|label| LabelArm {
                    pattern: quote!(Self::#name),
                    label,
                }));
            }
            all
        }
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span,
                "`ErrorType` can only be derived for structs and enums",
            ));
        }
    };
    errors.finish()?;
    Ok(tokens(input, &container.krate, &arms))
}

/// Returns the source of the label of a struct or variant.
fn source(name: &Ident, fields: &Fields, rule: Rule, case: Option<Case>) -> Result<Source> {
    match rule {
        Rule::Name => {
            let unraw = name.unraw().to_string();
            let label = case.map_or_else(|| unraw.clone(), |case| case(&unraw));
            Ok(Source::Literal(LitStr::new(&label, name.span())))
        }
        Rule::Label(label) => Ok(Source::Literal(label)),
        Rule::Transparent(span) => {
            let mut members = fields.members().zip(fields);
            match (members.next(), members.next()) {
                (Some((member, field)), None) => {
                    Ok(Source::Inner(member, Box::new(field.ty.clone())))
                }
                _ => Err(Error::new(
                    span,
                    format!(
                        "`transparent` requires exactly one field, found {}",
                        fields.len()
                    ),
                )),
            }
        }
    }
}

// Input:  enum E { Timeout, #[error_type(transparent)] Io(io::Error) }
// Output: impl ErrorType for E {
//             fn error_type(&self) -> Cow<'static, str> {
//                 match self {
//                     Self::Timeout { .. } => Cow::Borrowed("Timeout"),
//                     Self::Io { 0: inner } => …inner…error_type(),
//                 }
//             }
//         }
//         impl HasErrorLabels for E {
//             const LABELS: &'static ErrorLabels = &ErrorLabels {
//                 own: &["Timeout"],
//                 inner: &[|| …io::Error…labels()],
//             };
//         }
fn tokens(input: &DeriveInput, krate: &Krate, arms: &[LabelArm]) -> TokenStream {
    let inner = format_ident!("inner", span = Span::mixed_site());
    let match_arms = arms.iter().map(|LabelArm { pattern, label }| match label {
        Source::Literal(label) => quote_spanned! {Span::mixed_site()=>
            #pattern { .. } => #krate::__private::Cow::Borrowed(#label),
        },
        Source::Inner(member, _) => quote_spanned! {Span::mixed_site()=>
            #pattern { #member: #inner } => {
                use #krate::__private::{ViaErrorType as _, ViaTypeName as _};
                (&&#krate::__private::Inner(#inner)).error_type()
            }
        },
    });
    let labels = arms.iter().filter_map(|arm| match &arm.label {
        Source::Literal(label) => Some(label),
        Source::Inner(..) => None,
    });
    let inner_labels = arms.iter().filter_map(|arm| match &arm.label {
        Source::Inner(_, ty) => Some(quote_spanned! {Span::mixed_site()=> || {
            use #krate::__private::ViaLabels as _;
            (&&#krate::__private::InnerProbe::<#ty>::NEW).labels()
        }}),
        Source::Literal(_) => None,
    });
    let name = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let deref = arms.is_empty().then(|| quote!(*));
    quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #impl_generics #krate::ErrorType for #name #ty_generics #where_clause {
            fn error_type(&self) -> #krate::__private::Cow<'static, str> {
                match #deref self { #(#match_arms)* }
            }
        }

        #[automatically_derived]
        impl #impl_generics #krate::__private::HasErrorLabels for #name #ty_generics #where_clause {
            const LABELS: &'static #krate::__private::ErrorLabels =
                &#krate::__private::ErrorLabels {
                    own: &[#(#labels),*],
                    inner: &[#(#inner_labels),*],
                };
        }
    }
}
