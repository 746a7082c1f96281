//! Bounds on the generic types of a derive's `transparent` fields.

use proc_macro2::{Ident, TokenStream};
use syn::visit::{Visit, visit_path};
use syn::{DeriveInput, Path, PathArguments, Type, WhereClause, parse_quote};

use crate::attr::{LabelArm, LabelSource};

/// The field types whose labels depend on the type parameters of the item.
pub(super) struct GenericTypes<'a>(Vec<&'a Type>);

impl<'a> GenericTypes<'a> {
    /// Returns the types of the transparent fields that contain a type parameter.
    ///
    /// A type that contains the item gets no bound: the item would implement a trait only if it
    /// implements it. Its labels are found without a bound, since the implementation is known.
    pub(super) fn of(input: &DeriveInput, arms: &'a [LabelArm]) -> Self {
        let params: Vec<_> = input.generics.type_params().map(|it| &it.ident).collect();
        let types = arms.iter().filter_map(|arm| match &arm.label {
            LabelSource::Inner(_, ty) => Some(&**ty),
            LabelSource::Literal(_) => None,
        });
        let types = types.filter(|ty| {
            let mut find = Find {
                params: &params,
                item: &input.ident,
                param: false,
                recursive: false,
            };
            find.visit_type(ty);
            find.param && !find.recursive
        });
        Self(types.collect())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the item's `where` clause with `bounds` on each of the types.
    pub(super) fn bounded(&self, input: &DeriveInput, bounds: &TokenStream) -> Option<WhereClause> {
        let mut generics = input.generics.clone();
        for ty in &self.0 {
            let predicates = &mut generics.make_where_clause().predicates;
            predicates.push(parse_quote!(#ty: #bounds));
        }
        generics.where_clause
    }
}

/// Looks for type parameters, and for the item itself.
struct Find<'a> {
    params: &'a [&'a Ident],
    item: &'a Ident,
    param: bool,
    recursive: bool,
}

impl Visit<'_> for Find<'_> {
    fn visit_path(&mut self, path: &Path) {
        if let Some(first) = path.segments.first()
            && path.leading_colon.is_none()
        {
            let has_arguments = !matches!(first.arguments, PathArguments::None);
            self.param |= !has_arguments && self.params.contains(&&first.ident);
            // A longer path may end in the item's name, such as `S::Error` in a type `Error`.
            let is_alone = path.segments.len() == 1;
            self.recursive |= is_alone && (first.ident == "Self" || first.ident == *self.item);
        }
        visit_path(self, path);
    }
}
