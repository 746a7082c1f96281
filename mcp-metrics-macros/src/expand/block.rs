//! `#[tracked]` on an `impl` block or a trait: tracks each method with a body.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, ImplItem, ItemImpl, ItemTrait, Macro, Result, Signature, Token, TraitItem,
};

use super::own_attributes::OwnAttributes;
use crate::attr::BlockArgs;
use crate::declared::Block;
use crate::function::visible;

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

    syn::parse2::<Starts>(visible(item.clone())).is_ok_and(|starts| starts.0)
}

/// Expands to the block with `#[tracked]` on each of its methods.
pub(super) fn expand(tokens: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let item = visible(item.clone());
    let args = BlockArgs::parse(tokens.clone())?;
    if let Ok(mut block) = syn::parse2::<ItemImpl>(item.clone()) {
        let methods = Methods {
            tokens,
            args,
            block: Block::of_impl(&block),
        };
        for item in &mut block.items {
            match item {
                ImplItem::Fn(method) => methods.attach(&mut method.attrs, &method.sig),
                ImplItem::Macro(call) => methods.check(&mut call.attrs, &call.mac)?,
                _ => {}
            }
        }
        return Ok(block.into_token_stream());
    }
    let mut block: ItemTrait = syn::parse2(item)?;
    let methods = Methods {
        tokens,
        args,
        block: Block::of_trait(&block),
    };
    for item in &mut block.items {
        match item {
            TraitItem::Fn(method) if method.default.is_some() => {
                methods.attach(&mut method.attrs, &method.sig);
            }
            TraitItem::Macro(call) => methods.check(&mut call.attrs, &call.mac)?,
            _ => {}
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
    /// Adds `#[tracked]` to a method, or the block's arguments to the method's own `#[tracked]`.
    fn attach(&self, attrs: &mut Vec<Attribute>, sig: &Signature) {
        let krate = &self.args.krate;
        let hint = self.block.hint(sig, krate);
        let mut own = OwnAttributes::default();
        own.rewrite(attrs, krate, &|own| {
            let args = self.args.inherit(own)?;
            Some(syn::parse_quote!(#krate::tracked(#hint #args)))
        });
        if sig.constness.is_some() {
            return;
        }
        let tokens = self.tokens;
        if let Some(attribute) =
            own.unless_active(&syn::parse_quote!(#krate::tracked(#hint #tokens)))
        {
            // Above the method's other attributes: it must see the method before they rewrite it.
            attrs.insert(0, attribute);
        }
    }

    /// Checks that the call of a macro, whose methods the block does not see, is excluded.
    fn check(&self, attrs: &mut Vec<Attribute>, call: &Macro) -> Result<()> {
        let mut own = OwnAttributes::default();
        own.rewrite(attrs, &self.args.krate, &|own| {
            self.args.inherit(own)?;
            // Reported below.
            Some(syn::parse_quote!(tracked))
        });
        if own.is_skipped() {
            return Ok(());
        }
        Err(Error::new_spanned(
            call,
            "methods that a macro generates are not tracked by the attribute on their block; write \
             `#[tracked(…)]` on the methods in the macro, and `#[tracked(skip)]` on its call",
        ))
    }
}
