//! `#[tracked]` on an `impl` block or a trait: tracks each method with a body.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Macro, Result, Signature, Token};

use super::block_items::{Item, Items};
use super::expectations;
use super::own_attributes::OwnAttributes;
use crate::attr::{BlockArgs, ends_with_stream};
use crate::declared::Block;
use crate::function::visible;
use crate::stream_place::StreamPlace;

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
///
/// After an error, the methods' own attributes would report that the block's arguments are missing,
/// so the block is expanded nevertheless; without the block's arguments, to untracked methods.
pub(super) fn expand(tokens: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let mut errors = None;
    let args = BlockArgs::parse(tokens.clone())
        .map_err(|error| add(&mut errors, error))
        .ok();
    let mut block = Items::parse(visible(item.clone()))?;
    expectations::relax(block.attrs());
    let methods = args.map(|args| Methods {
        tokens,
        args,
        block: block.context(),
    });
    block.for_each(|item| match (item, &methods) {
        (Item::Method(attrs, sig), Some(methods)) => methods.attach(attrs, sig),
        (Item::Macro(attrs, call), Some(methods)) => {
            if let Err(error) = methods.check(attrs, call) {
                add(&mut errors, error);
            }
        }
        (Item::Method(attrs, _) | Item::Macro(attrs, _), None) => {
            let krate = syn::parse_quote!(::mcp_metrics);
            OwnAttributes::default().rewrite(attrs, &krate, &|_| None);
        }
    });
    let mut expanded = errors.map_or_else(TokenStream::new, |error| error.to_compile_error());
    block.to_tokens(&mut expanded);
    Ok(expanded)
}

fn add(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
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
        let mut own = OwnAttributes::default();
        own.rewrite(attrs, krate, &|own| {
            let args = self.args.inherit(own)?;
            let stream = ends_with_stream(own)
                .then(|| StreamPlace::of(sig))
                .flatten();
            let hint = self.block.hint(sig, stream.as_ref(), krate);
            Some(syn::parse_quote!(#krate::tracked(#hint #args)))
        });
        if sig.constness.is_some() {
            return;
        }
        let (tokens, hint) = (self.tokens, self.block.hint(sig, None, krate));
        if let Some(attribute) =
            own.unless_active(&syn::parse_quote!(#krate::tracked(#hint #tokens)))
        {
            // Above the method's other attributes: it must see the method before they rewrite it.
            attrs.insert(0, attribute);
        }
    }

    /// Checks that the call of a macro, whose methods the block does not see, is excluded or contains
    /// the methods with attributes of their own.
    fn check(&self, attrs: &mut Vec<Attribute>, call: &Macro) -> Result<()> {
        let mut own = OwnAttributes::default();
        own.rewrite(attrs, &self.args.krate, &|own| {
            self.args.inherit(own)?;
            // Reported below.
            Some(syn::parse_quote!(tracked))
        });
        if own.is_skipped() || mentions_attribute(&call.tokens) {
            return Ok(());
        }
        Err(Error::new_spanned(
            call,
            "methods that a macro generates are not tracked by the attribute on their block; write \
             `#[tracked(…)]` on the methods in the macro, and `#[tracked(skip)]` on its call",
        ))
    }
}

/// Returns whether a macro's tokens contain `tracked`: its methods have attributes of their own.
fn mentions_attribute(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "tracked",
        TokenTree::Group(group) => mentions_attribute(&group.stream()),
        _ => false,
    })
}
