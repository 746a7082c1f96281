//! The first argument of a method's `#[tracked]` that the enclosing block adds.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Result, Token, Type};

/// Properties of a method that its block determines.
///
/// The block passes it as the first argument of the method's `#[tracked]`.
pub(crate) struct Hint {
    /// The resolved type of the method's value, `None` if a static cannot name it.
    pub(super) ty: Option<Type>,
    /// Whether the method belongs to a trait that other crates may use.
    pub(crate) of_public_trait: bool,
}

impl Hint {
    /// Splits an attribute's arguments into the hint and the remaining tokens.
    pub(crate) fn take(args: TokenStream) -> Result<(Option<Self>, TokenStream)> {
        struct Hinted(Option<Hint>, TokenStream);

        impl Parse for Hinted {
            fn parse(input: ParseStream<'_>) -> Result<Self> {
                let mut hint = None;
                if input.peek(Token![@]) {
                    input.parse::<Token![@]>()?;
                    let of_public_trait = input.parse::<Option<Token![pub]>>()?.is_some();
                    let content;
                    syn::braced!(content in input);
                    let ty = (!content.is_empty()).then(|| content.parse());
                    hint = Some(Hint {
                        ty: ty.transpose()?,
                        of_public_trait,
                    });
                }
                Ok(Self(hint, input.parse()?))
            }
        }

        let Hinted(hint, args) = syn::parse2(args)?;
        Ok((hint, args))
    }
}

impl ToTokens for Hint {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let ty = &self.ty;
        let public = self.of_public_trait.then(|| quote!(pub));
        tokens.extend(quote!(@ #public { #ty }));
    }
}
