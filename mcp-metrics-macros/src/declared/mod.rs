//! The type whose error labels a callsite declares, and whether a static can name that type.
//!
//! The callsite is a static in the function's body, so that it is registered before the first call.
//! A static can name neither `Self` nor generic parameters of the function or of the enclosing
//! `impl`, and an attribute on a method does not see the `impl`. The body can name all of them, but
//! it does not run before the first call.

mod block;
mod names;

use proc_macro2::{Ident, Span};
use syn::visit_mut::{VisitMut, visit_type_mut, visit_type_reference_mut};
use syn::{
    BoundLifetimes, GenericArgument, Lifetime, PathArguments, Signature, Type, TypeReference,
    parse_quote,
};

use crate::attr::Krate;
use crate::returns::{Value, value};

pub(crate) use block::{Block, Hint};
use names::{Names, generics};

/// The types whose error labels a callsite declares.
///
/// Both are `None` if the function cannot fail with labels that are known in advance.
#[derive(Default)]
pub(crate) struct Declared {
    /// The type that the static probes.
    pub(crate) in_static: Option<InStatic>,
    /// The type that the first call probes.
    pub(crate) at_call: Option<Type>,
}

/// A type that a static probes.
pub(crate) struct InStatic {
    pub(crate) ty: Type,
    /// Names in `ty` that may be generic parameters of an enclosing `impl`.
    pub(crate) unclear: Vec<Ident>,
}

impl Declared {
    /// Returns the types for a function. A hint from the enclosing block takes precedence over the
    /// signature.
    pub(crate) fn of(sig: &Signature, hint: Option<Hint>, krate: &Krate) -> Self {
        let Some(ty) = value_type(sig, krate) else {
            return Self::default();
        };
        if let Some(Hint(in_static)) = hint {
            let at_call = in_static.is_none().then_some(ty);
            let in_static = in_static.map(|ty| InStatic {
                ty,
                unclear: Vec::new(),
            });
            return Self { in_static, at_call };
        }
        match Names::of(&ty, &generics(&sig.generics)) {
            Names::Generic => Self {
                in_static: None,
                at_call: Some(ty),
            },
            // The first call declares the labels that the static could not.
            Names::Unclear(unclear) => Self {
                at_call: (!unclear.is_empty()).then(|| ty.clone()),
                in_static: Some(InStatic {
                    ty: without_lifetimes(ty),
                    unclear,
                }),
            },
        }
    }
}

/// Returns the type of the value that determines a function's outcome, if it can be named.
fn value_type(sig: &Signature, krate: &Krate) -> Option<Type> {
    match value(sig)? {
        Value::Type(ty) => without_opaque(ty),
        Value::OutputOf(future) => {
            let future = without_opaque(future)?;
            Some(parse_quote!(<#future as #krate::__private::Future>::Output))
        }
    }
}

/// Replaces the arguments of a `Result` that contain `impl Trait` by `()`.
///
/// `None` for any other type that contains `impl Trait`: it may have bounds that `()` does not
/// satisfy.
fn without_opaque(ty: &Type) -> Option<Type> {
    let mut ty = ty.clone();
    if !is_opaque(&ty) {
        return Some(ty);
    }
    let Type::Path(path) = &mut ty else {
        return None;
    };
    let last = path.path.segments.last_mut()?;
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else {
        return None;
    };
    if last.ident != "Result" {
        return None;
    }
    for argument in &mut arguments.args {
        if let GenericArgument::Type(ty) = argument
            && is_opaque(ty)
        {
            *ty = parse_quote!(());
        }
    }
    Some(ty)
}

fn is_opaque(ty: &Type) -> bool {
    struct Find(bool);

    impl syn::visit::Visit<'_> for Find {
        fn visit_type_impl_trait(&mut self, _: &syn::TypeImplTrait) {
            self.0 = true;
        }
    }

    let mut find = Find(false);
    syn::visit::Visit::visit_type(&mut find, ty);
    find.0
}

/// Replaces all lifetimes by `'static`, the only lifetime that a static can name.
fn without_lifetimes(mut ty: Type) -> Type {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            *lifetime = Lifetime::new("'static", Span::mixed_site());
        }

        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            reference
                .lifetime
                .get_or_insert_with(|| Lifetime::new("'static", Span::mixed_site()));
            visit_type_reference_mut(self, reference);
        }

        // `for<'a>` declares lifetimes, which must not become `'static`. They may stay unused.
        fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
    }

    visit_type_mut(&mut Erase, &mut ty);
    ty
}
