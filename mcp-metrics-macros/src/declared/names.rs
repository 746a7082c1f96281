//! What the names in a type may stand for.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::visit::{Visit, visit_path, visit_path_arguments, visit_type_path};
use syn::{Expr, GenericParam, Generics, Macro, Path, PathArguments, TraitBound, Type, TypePath};

/// What the names in a type stand for, as far as an attribute can tell.
pub(super) enum Names {
    /// `Self`, generics, or names that look like generics.
    Generic,
    /// Types, except for these, which may also be generics of an `impl`.
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

/// Returns the names of type and const parameters.
pub(super) fn generics(generics: &Generics) -> Vec<Ident> {
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
            // Of a type with a path behind it, only a generic has associated types.
            self.generic |= name.starts_with(char::is_uppercase);
        } else if matches!(first.arguments, PathArguments::None) && !is_of_the_language(&name) {
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

    // A trait is no generic, but its arguments may be.
    fn visit_trait_bound(&mut self, bound: &TraitBound) {
        for segment in &bound.path.segments {
            visit_path_arguments(self, &segment.arguments);
        }
    }

    fn visit_type_path(&mut self, path: &TypePath) {
        match &path.qself {
            None => visit_type_path(self, path),
            // Behind `<Type as`, the path is a trait's.
            Some(qself) => {
                self.visit_type(&qself.ty);
                for segment in &path.path.segments {
                    visit_path_arguments(self, &segment.arguments);
                }
            }
        }
    }

    // The length of an array, or a const argument: it may be of a const parameter.
    fn visit_expr(&mut self, value: &Expr) {
        self.generic |= !matches!(value, Expr::Lit(_));
    }

    fn visit_macro(&mut self, _: &Macro) {
        self.generic = true;
    }
}

/// Whether a name is a type without being imported.
fn is_of_the_language(name: &str) -> bool {
    const NAMES: [&str; 19] = [
        "bool",
        "char",
        "f32",
        "f64",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "str",
        "String",
        "Infallible",
    ];
    NAMES.contains(&name)
}

/// Whether a name is written as parameters are by convention: `T`, `T1`, and constants, which cannot
/// be replaced like types.
fn looks_generic(name: &str) -> bool {
    !name.contains(char::is_lowercase)
}
