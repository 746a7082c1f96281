//! The first argument of a method's `#[tracked]` that the enclosing block adds.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Result, Token, Type};

/// The resolved type of a method's value, `None` if a static cannot name it.
///
/// The block passes it as the first argument of the method's `#[tracked]`.
pub(crate) struct Hint(pub(super) Option<Type>);

impl Hint {
    /// Splits an attribute's arguments into the hint and the remaining tokens.
    pub(crate) fn take(args: TokenStream) -> Result<(Option<Self>, TokenStream)> {
        struct Hinted(Option<Hint>, TokenStream);

        impl Parse for Hinted {
            fn parse(input: ParseStream<'_>) -> Result<Self> {
                let mut hint = None;
                if input.peek(Token![@]) {
                    input.parse::<Token![@]>()?;
                    let content;
                    syn::braced!(content in input);
                    let ty = (!content.is_empty()).then(|| content.parse());
                    hint = Some(Hint(ty.transpose()?));
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
        let ty = &self.0;
        tokens.extend(quote!(@ { #ty }));
    }
}
