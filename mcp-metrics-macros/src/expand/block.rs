//! `#[tracked]` on an `impl` block or a trait: tracks each method with a body.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ImplItem, ItemImpl, ItemTrait, Meta, Result, Signature, Token, TraitItem};

use super::stacking;
use crate::attr::{BlockArgs, MethodArgs};
use crate::declared::Block;

/// Returns whether the item is an `impl` block or a trait.
pub(super) fn is_block(item: &TokenStream) -> bool {
    struct Starts(bool);

    impl Parse for Starts {
        fn parse(input: ParseStream<'_>) -> Result<Self> {
            input.call(Attribute::parse_outer)?;
            input.parse::<syn::Visibility>()?;
            if input.peek(Token![default]) {
                input.parse::<Token![default]>()?;
            }
            if input.peek(Token![unsafe]) {
                input.parse::<Token![unsafe]>()?;
            }
            let starts = input.peek(Token![impl]) || input.peek(Token![trait]);
            input.parse::<TokenStream>()?;
            Ok(Self(starts))
        }
    }

    syn::parse2::<Starts>(item.clone()).is_ok_and(|starts| starts.0)
}

/// Expands to the block with `#[tracked]` on each of its methods.
pub(super) fn expand(tokens: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let args = BlockArgs::parse(tokens.clone())?;
    if let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) {
        let methods = Methods {
            tokens,
            args,
            block: Block::of_impl(&block),
        };
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item {
                methods.attach(&mut method.attrs, &method.sig);
            }
        }
        return Ok(block.into_token_stream());
    }
    let mut block: ItemTrait = syn::parse2(item.clone())?;
    let methods = Methods {
        tokens,
        args,
        block: Block::of_trait(&block),
    };
    for item in &mut block.items {
        if let TraitItem::Fn(method) = item
            && method.default.is_some()
        {
            methods.attach(&mut method.attrs, &method.sig);
        }
    }
    Ok(block.into_token_stream())
}

/// The attribute that the methods of a block get.
struct Methods<'a> {
    /// The arguments of the block's attribute, as written.
    tokens: &'a TokenStream,
    args: BlockArgs,
    block: Block,
}

impl Methods<'_> {
    /// Adds `#[tracked]` to a method, or the block's agent to the method's own `#[tracked]`.
    fn attach(&self, attrs: &mut Vec<Attribute>, sig: &Signature) {
        let BlockArgs { agent, krate } = &self.args;
        let hint = self.block.hint(sig, krate);
        let Some(own) = stacking::tracked_at(attrs) else {
            if sig.constness.is_none() {
                let tokens = self.tokens;
                // Above the method's other attributes: it must see the method before they rewrite
                // it.
                attrs.insert(0, syn::parse_quote!(#[#krate::tracked(#hint #tokens)]));
            }
            return;
        };
        let tokens = match &attrs[own].meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        let tokens = match MethodArgs::parse(&tokens) {
            MethodArgs::Skip => {
                attrs.remove(own);
                return;
            }
            MethodArgs::Own => tokens,
            MethodArgs::Inherit => quote!(agent = #agent, #tokens),
        };
        attrs[own] = syn::parse_quote!(#[#krate::tracked(#hint #tokens)]);
    }
}
