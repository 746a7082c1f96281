//! The type whose error labels a callsite declares, and whether a static can name that type.
//!
//! The callsite is a static in the function's body, so that it is registered before the first call.
//! A static can name neither `Self` nor generic parameters of the function or of the enclosing
//! `impl`, and an attribute on a method does not see the `impl`. The body can name all of them, but
//! it does not run before the first call.

mod block;
mod hint;
mod names;
mod types;

use proc_macro2::Ident;
use syn::visit::Visit;
use syn::{Generics, Lifetime, Path, Signature, Type};

use crate::stream_place::StreamPlace;
pub(crate) use block::Block;
pub(crate) use hint::Hint;
use names::Names;
pub(crate) use names::{generics, looks_generic};
use types::{value_type, without_lifetimes};

/// Returns whether a type contains neither generic parameters nor lifetimes.
pub(crate) fn is_independent(ty: &Type, params: &Generics) -> bool {
    struct Lifetimes(bool);

    impl Visit<'_> for Lifetimes {
        fn visit_lifetime(&mut self, _: &Lifetime) {
            self.0 = true;
        }
    }

    let mut lifetimes = Lifetimes(false);
    lifetimes.visit_type(ty);
    let names = Names::of(ty, &generics(params));
    !lifetimes.0 && matches!(names, Names::Unclear(unclear) if unclear.is_empty())
}

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
    /// Returns the types for a function, whose value may contain a stream. A hint from the enclosing
    /// block takes precedence over the signature.
    pub(crate) fn of(
        sig: &Signature,
        stream: Option<&StreamPlace>,
        hint: Option<Hint>,
        krate: &Path,
    ) -> Self {
        let Some(ty) = value_type(sig, stream, krate) else {
            return Self::default();
        };
        if let Some(Hint { ty: in_static, .. }) = hint {
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
