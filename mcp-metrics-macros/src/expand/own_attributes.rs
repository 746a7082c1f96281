//! A method's own `#[tracked]` in a tracked block, which may be in a `cfg_attr`.

use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

use super::stacking::is_own;

/// The `#[tracked]` attributes of a method.
#[derive(Default)]
pub(super) struct OwnAttributes {
    /// Whether there is one outside of any `cfg_attr`.
    unconditional: bool,
    skipped: bool,
    /// The predicates of those in a `cfg_attr`.
    predicates: Vec<Meta>,
}

impl OwnAttributes {
    /// Replaces each of the attributes by what `replace` returns for its arguments, and removes
    /// those for which it returns `None`.
    pub(super) fn rewrite(
        &mut self,
        attrs: &mut Vec<Attribute>,
        krate: &syn::Path,
        replace: &dyn Fn(&TokenStream) -> Option<Meta>,
    ) {
        let mut kept = Vec::new();
        for mut attr in attrs.drain(..) {
            if is_own(attr.path(), "tracked", krate) {
                self.unconditional = true;
                match replace(&arguments(&attr.meta)) {
                    Some(meta) => attr.meta = meta,
                    None => {
                        self.skipped = true;
                        continue;
                    }
                }
            } else if attr.path().is_ident("cfg_attr")
                && !self.rewrite_conditional(&mut attr, krate, replace)
            {
                continue;
            }
            kept.push(attr);
        }
        *attrs = kept;
    }

    /// Does the same for the attributes in a `cfg_attr`. Returns whether any are left.
    fn rewrite_conditional(
        &mut self,
        cfg_attr: &mut Attribute,
        krate: &syn::Path,
        replace: &dyn Fn(&TokenStream) -> Option<Meta>,
    ) -> bool {
        let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
        let Ok(metas) = cfg_attr.parse_args_with(parser) else {
            return true;
        };
        let mut metas = metas.into_iter();
        let Some(predicate) = metas.next() else {
            return true;
        };
        let (own, others): (Vec<_>, Vec<_>) =
            metas.partition(|meta| is_own(meta.path(), "tracked", krate));
        if own.is_empty() {
            return true;
        }
        let own = own.iter().filter_map(|meta| replace(&arguments(meta)));
        let attributes: Vec<_> = own.chain(others).collect();
        cfg_attr.meta = parse_quote!(cfg_attr(#predicate, #(#attributes),*));
        self.predicates.push(predicate);
        !attributes.is_empty()
    }

    /// Returns `meta` as an attribute that applies unless one of the method's own does.
    pub(super) fn unless_active(&self, meta: &Meta) -> Option<Attribute> {
        let predicates = &self.predicates;
        match (self.unconditional, predicates.as_slice()) {
            (true, _) => None,
            (false, []) => Some(parse_quote!(#[#meta])),
            (false, _) => Some(parse_quote!(#[cfg_attr(not(any(#(#predicates),*)), #meta)])),
        }
    }

    /// Returns whether an attribute outside of any `cfg_attr` was removed.
    pub(super) const fn is_skipped(&self) -> bool {
        self.skipped
    }
}

/// Returns the arguments of an attribute.
fn arguments(meta: &Meta) -> TokenStream {
    match meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    }
}
