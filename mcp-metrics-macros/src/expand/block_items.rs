//! The items of an `impl` block or a trait that `#[tracked]` on the block concerns.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ImplItem, ItemImpl, ItemTrait, Macro, Result, Signature, TraitItem};

use crate::declared::Block;

/// An `impl` block or a trait.
pub(super) enum Items {
    Impl(ItemImpl),
    Trait(ItemTrait),
}

/// An item of a block, with its attributes.
pub(super) enum Item<'a> {
    /// A method with a body.
    Method(&'a mut Vec<Attribute>, &'a Signature),
    /// The call of a macro, which may generate methods.
    Macro(&'a mut Vec<Attribute>, &'a Macro),
}

impl Items {
    pub(super) fn parse(item: TokenStream) -> Result<Self> {
        match syn::parse2(item.clone()) {
            Ok(block) => Ok(Self::Impl(block)),
            Err(_) => syn::parse2(item).map(Self::Trait),
        }
    }

    /// Returns the attributes of the block.
    pub(super) const fn attrs(&mut self) -> &mut Vec<Attribute> {
        match self {
            Self::Impl(block) => &mut block.attrs,
            Self::Trait(block) => &mut block.attrs,
        }
    }

    /// Returns what the types of the methods' values depend on.
    pub(super) fn context(&self) -> Block {
        match self {
            Self::Impl(block) => Block::of_impl(block),
            Self::Trait(block) => Block::of_trait(block),
        }
    }

    pub(super) fn for_each(&mut self, mut visit: impl FnMut(Item<'_>)) {
        match self {
            Self::Impl(block) => {
                for item in &mut block.items {
                    match item {
                        ImplItem::Fn(method) => {
                            visit(Item::Method(&mut method.attrs, &method.sig));
                        }
                        ImplItem::Macro(call) => visit(Item::Macro(&mut call.attrs, &call.mac)),
                        _ => {}
                    }
                }
            }
            Self::Trait(block) => {
                for item in &mut block.items {
                    match item {
                        TraitItem::Fn(method) if method.default.is_some() => {
                            visit(Item::Method(&mut method.attrs, &method.sig));
                        }
                        TraitItem::Macro(call) => visit(Item::Macro(&mut call.attrs, &call.mac)),
                        _ => {}
                    }
                }
            }
        }
    }
}

impl ToTokens for Items {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Impl(block) => block.to_tokens(tokens),
            Self::Trait(block) => block.to_tokens(tokens),
        }
    }
}
