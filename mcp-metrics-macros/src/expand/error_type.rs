//! `#[derive(ErrorType)]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Attribute, Data, DeriveInput, Error, Fields, Ident, LitStr, Member, Result, Token};

use crate::attr::{Errors, Krate};

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(|input| implementation(&input))
        .unwrap_or_else(|error| error.to_compile_error())
}

/// What `#[error_type(…)]` says of a variant or a struct.
enum Rule {
    /// Nothing: the name is the label.
    Name,
    /// The label in place of the name.
    Label(LitStr),
    /// The label is the inner error's.
    Transparent(Span),
}

/// All that the attributes on one place say.
struct Attributes {
    rule: Rule,
    krate: Krate,
}

fn implementation(input: &DeriveInput) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let container = errors.take(Attributes::of(&input.attrs));
    let container = container.unwrap_or(Attributes {
        rule: Rule::Name,
        krate: Krate(None),
    });
    let krate = &container.krate;
    let arms = match &input.data {
        Data::Struct(data) => {
            let pattern = quote!(Self);
            let arm = arm(krate, &pattern, &input.ident, &data.fields, &container.rule);
            errors.take(arm).into_iter().collect()
        }
        Data::Enum(data) => {
            match &container.rule {
                Rule::Name => {}
                Rule::Label(text) => errors.push(Error::new(text.span(), MISPLACED)),
                Rule::Transparent(span) => errors.push(Error::new(*span, MISPLACED)),
            }
            let mut arms = Vec::new();
            for variant in &data.variants {
                let name = &variant.ident;
                let arm = Attributes::of(&variant.attrs).and_then(|attributes| {
                    let pattern = quote!(Self::#name);
                    arm(krate, &pattern, name, &variant.fields, &attributes.rule)
                });
                arms.extend(errors.take(arm));
            }
            arms
        }
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span,
                "`ErrorType` is for enums and structs",
            ));
        }
    };
    errors.finish()?;

    let name = &input.ident;
    let (impl_generics, ty_generics, where_clause) = input.generics.split_for_impl();
    let deref = arms.is_empty().then(|| quote!(*));
    Ok(quote_spanned! {Span::mixed_site()=>
        #[automatically_derived]
        impl #impl_generics #krate::ErrorType for #name #ty_generics #where_clause {
            fn error_type(&self) -> #krate::__private::Cow<'static, str> {
                match #deref self { #(#arms)* }
            }
        }
    })
}

const MISPLACED: &str = "this goes on a variant; on an enum it would give all of them one label";

/// The arm for one variant or struct.
fn arm(
    krate: &Krate,
    pattern: &TokenStream,
    name: &Ident,
    fields: &Fields,
    rule: &Rule,
) -> Result<TokenStream> {
    let label = match rule {
        Rule::Name => LitStr::new(&name.unraw().to_string(), name.span()),
        Rule::Label(label) => label.clone(),
        Rule::Transparent(span) => {
            let mut members = fields.members();
            let (Some(member), None) = (members.next(), members.next()) else {
                let message = "`transparent` takes the label of the inner error, so there must be \
                               one field";
                return Err(Error::new(*span, message));
            };
            return Ok(transparent_arm(krate, pattern, &member));
        }
    };
    Ok(quote_spanned! {Span::mixed_site()=>
        #pattern { .. } => #krate::__private::Cow::Borrowed(#label),
    })
}

fn transparent_arm(krate: &Krate, pattern: &TokenStream, member: &Member) -> TokenStream {
    let inner = format_ident!("inner", span = Span::mixed_site());
    quote_spanned! {Span::mixed_site()=>
        #pattern { #member: #inner } => {
            use #krate::__private::{ViaErrorType as _, ViaTypeName as _};
            (&&#krate::__private::Inner(#inner)).error_type()
        }
    }
}

impl Attributes {
    fn of(attrs: &[Attribute]) -> Result<Self> {
        let mut all = Self {
            rule: Rule::Name,
            krate: Krate(None),
        };
        for attr in attrs
            .iter()
            .filter(|attr| attr.path().is_ident("error_type"))
        {
            attr.parse_args_with(|input: ParseStream<'_>| all.read(input))?;
        }
        Ok(all)
    }

    fn read(&mut self, input: ParseStream<'_>) -> Result<()> {
        let rule = if input.peek(LitStr) {
            let label: LitStr = input.parse()?;
            if label.value().is_empty() {
                return Err(Error::new(
                    label.span(),
                    "the label is empty; leave the attribute out to use the name",
                ));
            }
            Rule::Label(label)
        } else {
            let word = input.call(Ident::parse_any)?;
            if word == "crate" {
                input.parse::<Token![=]>()?;
                self.krate = Krate(Some(input.parse()?));
                return Ok(());
            }
            if word != "transparent" {
                let message = "expected a label, `#[error_type(\"Timeout\")]`, or \
                               `#[error_type(transparent)]`";
                return Err(Error::new(word.span(), message));
            }
            Rule::Transparent(word.span())
        };
        if !matches!(self.rule, Rule::Name) {
            return Err(input.error("there is a label already"));
        }
        self.rule = rule;
        Ok(())
    }
}
