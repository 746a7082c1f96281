//! The type that a callsite probes.

use proc_macro2::Span;
use syn::visit_mut::{VisitMut, visit_type_mut, visit_type_reference_mut};
use syn::{
    BoundLifetimes, GenericArgument, GenericParam, Lifetime, Path, PathArguments, Signature, Type,
    TypeReference, parse_quote,
};

use crate::returns::{Value, unwrapped, value};
use crate::stream_place::StreamPlace;
use crate::value_type::ValueType;

/// Returns the type of the value that determines a function's outcome, if it can be named and its
/// values can be failures. With a stream in the value, the type has the labels of its items, too.
pub(super) fn value_type(
    sig: &Signature,
    stream: Option<&StreamPlace>,
    krate: &Path,
) -> Option<Type> {
    if let Some(stream) = stream {
        return without_opaque(&stream.errors(&parse_quote!(#krate::__private::Stream)));
    }
    if !ValueType::of(sig).can_fail {
        return None;
    }
    match value(sig)? {
        Value::Type(ty) => without_opaque(without_references(&ty)),
        Value::OutputOf(future) => {
            let future = without_opaque(&future)?;
            Some(parse_quote!(<#future as #krate::__private::Future>::Output))
        }
        Value::ItemOf(stream) => {
            let stream = without_opaque(&stream)?;
            Some(parse_quote!(<#stream as #krate::__private::Stream>::Item))
        }
    }
}

fn without_references(ty: &Type) -> &Type {
    match unwrapped(ty) {
        Type::Reference(reference) => without_references(&reference.elem),
        ty => ty,
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
pub(super) fn without_lifetimes(mut ty: Type) -> Type {
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

        // `for<'a>` declares lifetimes, which must not become `'static`. They may stay unused, which
        // the compiler does not report in an expansion.
        fn visit_bound_lifetimes_mut(&mut self, bound: &mut BoundLifetimes) {
            for param in &mut bound.lifetimes {
                if let GenericParam::Lifetime(param) = param {
                    param.lifetime.set_span(Span::mixed_site());
                }
            }
        }
    }

    visit_type_mut(&mut Erase, &mut ty);
    ty
}
