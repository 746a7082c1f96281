//! Classification of the names in a type: types or generic parameters.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::visit::{Visit, visit_path, visit_path_arguments, visit_type_path};
use syn::{Expr, GenericParam, Generics, Macro, Path, PathArguments, TraitBound, Type, TypePath};

use crate::value_type::is_primitive;

/// The names in a type, as far as an attribute can classify them.
pub(super) enum Names {
    /// At least one is `Self`, a generic parameter, or looks like one.
    Generic,
    /// All are types, except for these, which may be generic parameters of an enclosing `impl`.
    Unclear(Vec<Ident>),
}

impl Names {
    pub(super) fn of(ty: &Type, generics: &[Ident]) -> Self {
        let mut find = Find {
            generics,
            generic: false,
            unclear: Vec::new(),
        };
        find.visit_type(ty);
        if find.generic {
            Self::Generic
        } else {
            Self::Unclear(find.unclear)
        }
    }
}

/// Returns the names of the type and const parameters.
pub(crate) fn generics(generics: &Generics) -> Vec<Ident> {
    let names = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(_) => None,
    });
    names.collect()
}

struct Find<'a> {
    generics: &'a [Ident],
    generic: bool,
    unclear: Vec<Ident>,
}

impl Find<'_> {
    fn name(&mut self, path: &Path) {
        let Some(first) = path.segments.first() else {
            return;
        };
        let name = first.ident.unraw().to_string();
        let alone = path.segments.len() == 1;
        if path.leading_colon.is_some() {
            return;
        }
        if name == "Self" || self.generics.contains(&first.ident) {
            self.generic = true;
        } else if !alone {
            // An upper-case `Name` in `Name::Item` is a generic parameter: the associated types of
            // other types cannot be written like this.
            self.generic |= name.starts_with(char::is_uppercase);
        } else if matches!(first.arguments, PathArguments::None)
            && !is_well_known(&first.ident.unraw())
        {
            if looks_generic(&name) {
                self.generic = true;
            } else if !self.unclear.contains(&first.ident) {
                self.unclear.push(first.ident.clone());
            }
        }
    }
}

impl Visit<'_> for Find<'_> {
    fn visit_path(&mut self, path: &Path) {
        self.name(path);
        visit_path(self, path);
    }

    // A trait is not a generic parameter, but its arguments may be.
    fn visit_trait_bound(&mut self, bound: &TraitBound) {
        for segment in &bound.path.segments {
            visit_path_arguments(self, &segment.arguments);
        }
    }

    fn visit_type_path(&mut self, path: &TypePath) {
        match &path.qself {
            None => visit_type_path(self, path),
            // In `<Type as Trait>::Item`, the path is the trait's.
            Some(qself) => {
                self.visit_type(&qself.ty);
                for segment in &path.path.segments {
                    visit_path_arguments(self, &segment.arguments);
                }
            }
        }
    }

    // An array length or a const argument may use a const parameter.
    fn visit_expr(&mut self, value: &Expr) {
        self.generic |= !matches!(value, Expr::Lit(_));
    }

    fn visit_macro(&mut self, _: &Macro) {
        self.generic = true;
    }
}

/// Returns whether a name is assumed to be a type: a primitive or a common type of the standard
/// library.
fn is_well_known(name: &Ident) -> bool {
    is_primitive(name) || name == "Infallible"
}

/// Returns whether a name is written like a generic parameter: `T`, `T1`.
///
/// Includes constants, which an alias cannot mask.
pub(crate) fn looks_generic(name: &str) -> bool {
    !name.contains(char::is_lowercase)
}
