//! Resolution of `Self` in the return types of the methods of an `impl` block or a trait.

use proc_macro2::Ident;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{ImplItem, ItemImpl, ItemTrait, Path, Signature, Type, Visibility, parse_quote};

use super::hint::Hint;
use super::names::{Names, generics};
use super::types::{value_type, without_lifetimes};
use crate::stream_place::StreamPlace;

/// A block whose methods are tracked.
pub(crate) struct Block {
    generics: Vec<Ident>,
    /// The type that `Self` stands for; `None` in a trait or a generic `impl`.
    this: Option<This>,
    /// Whether the methods belong to a trait that other crates may use. The block does not show the
    /// visibility of the trait that it implements.
    of_public_trait: bool,
}

struct This {
    ty: Type,
    /// The trait, and its associated types that the block defines.
    of_trait: Option<(Path, Vec<Ident>)>,
}

impl Block {
    pub(crate) fn of_impl(block: &ItemImpl) -> Self {
        let generics = generics(&block.generics);
        let types = block.items.iter().filter_map(|item| match item {
            ImplItem::Type(ty) => Some(ty.ident.clone()),
            _ => None,
        });
        let of_trait = block
            .trait_
            .as_ref()
            .map(|(path, _)| (path.clone(), types.collect()));
        let this = generics.is_empty().then(|| This {
            ty: (*block.self_ty).clone(),
            of_trait,
        });
        Self {
            generics,
            this,
            of_public_trait: block.trait_.is_some(),
        }
    }

    pub(crate) fn of_trait(block: &ItemTrait) -> Self {
        Self {
            generics: generics(&block.generics),
            this: None,
            of_public_trait: matches!(block.vis, Visibility::Public(_)),
        }
    }

    /// Returns the hint for a method, also if its value cannot be a failure: the hint shows that the
    /// block tracks the method. `stream` is the stream in the value that ends the request.
    pub(crate) fn hint(&self, sig: &Signature, stream: Option<&StreamPlace>, krate: &Path) -> Hint {
        Hint {
            ty: self.value_type(sig, stream, krate),
            of_public_trait: self.of_public_trait,
        }
    }

    /// Returns the type of a method's value with `Self` resolved, `None` if a static cannot name it.
    fn value_type(
        &self,
        sig: &Signature,
        stream: Option<&StreamPlace>,
        krate: &Path,
    ) -> Option<Type> {
        let mut ty = value_type(sig, stream, krate)?;
        if let Some(this) = &self.this {
            Substitute(this).visit_type_mut(&mut ty);
        }
        let mut generics = generics(&sig.generics);
        generics.extend(self.generics.iter().cloned());
        match Names::of(&ty, &generics) {
            Names::Generic => None,
            // The block's generics are known, so these names are types.
            Names::Unclear(_) => Some(without_lifetimes(ty)),
        }
    }
}

/// Replaces `Self` and the associated types that the block defines.
struct Substitute<'a>(&'a This);

impl VisitMut for Substitute<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path.path.is_ident("Self")
        {
            *ty = self.0.ty.clone();
            return;
        }
        if let Type::Path(path) = ty
            && path.qself.is_none()
            && path.path.segments.len() == 2
            && path.path.segments[0].ident == "Self"
            && let Some((of_trait, types)) = &self.0.of_trait
            && types.contains(&path.path.segments[1].ident)
        {
            let (this, associated) = (&self.0.ty, &path.path.segments[1]);
            *ty = parse_quote!(<#this as #of_trait>::#associated);
        }
        visit_type_mut(self, ty);
    }
}
