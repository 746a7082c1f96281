//! The type whose error labels a callsite declares, and where that type can be named.
//!
//! The callsite is a static in the function's body, so that it is known before the first call. A
//! static can name neither `Self` nor the generics of the function or of the `impl` around it, which
//! an attribute on a method does not see. The body can name all of them, but only when it runs.

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

/// Where a callsite declares the error labels of its function's return type: nowhere, if the
/// function cannot fail with labels that are known.
#[derive(Default)]
pub(crate) struct Declared {
    /// The type that the static probes.
    pub(crate) in_static: Option<InStatic>,
    /// The type that the first call probes.
    pub(crate) at_call: Option<Type>,
}

/// A type for a static to probe.
pub(crate) struct InStatic {
    pub(crate) ty: Type,
    /// Names in it that may also be generics of an `impl`.
    pub(crate) unclear: Vec<Ident>,
}

impl Declared {
    /// Decides for a function. A hint from the block around it takes precedence over its signature.
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
            // The first call finds what the static has not.
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

/// Returns the type of the value that a function's outcome is read from, if it can be named.
fn value_type(sig: &Signature, krate: &Krate) -> Option<Type> {
    match value(sig)? {
        Value::Type(ty) => without_opaque(ty),
        Value::OutputOf(future) => {
            let future = without_opaque(future)?;
            Some(parse_quote!(<#future as #krate::__private::Future>::Output))
        }
    }
}

/// Replaces what contains `impl Trait` in the arguments of a `Result`, of which nothing but the
/// error is of interest. Other types may have bounds on their arguments.
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

/// Replaces all lifetimes by `'static`, the only one that a static can name.
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

        // `for<'a>` introduces lifetimes, and may introduce one that is not used.
        fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}
    }

    visit_type_mut(&mut Erase, &mut ty);
    ty
}
