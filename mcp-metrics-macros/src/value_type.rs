//! What the tokens of a value's type show about its outcome.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned as _;
use syn::visit::{Visit, visit_type_reference};
use syn::{
    GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound, TypeReference,
    TypeTraitObject,
};

use crate::declared::{generics, looks_generic};
use crate::returns::{Value, argument, unwrapped, value};

/// How the outcome of a value is read.
#[derive(Clone, Copy)]
pub(crate) struct ValueType {
    /// Whether a value can be a failure.
    pub(crate) can_fail: bool,
    /// Which values may be futures that the signature does not show.
    pub(crate) hidden_futures: HiddenFutures,
    /// Whether an error behind `dyn Error` may contain references.
    pub(crate) borrowed: bool,
    /// The number of references to the value.
    pub(crate) references: usize,
    /// Where errors in reading the outcome are reported.
    pub(crate) span: Span,
}

/// Which values of a type may be futures that the signature does not show.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum HiddenFutures {
    /// None, since the type is an `Option` or a `Result` of an opaque type such as `impl Fn()`.
    None,
    /// Boxed futures: the type may be an alias of one or contain one.
    Boxed,
    /// Any: the type is opaque or a generic parameter.
    Any,
}

impl ValueType {
    /// A type that the signature does not show.
    pub(crate) fn unknown() -> Self {
        Self {
            can_fail: true,
            hidden_futures: HiddenFutures::Boxed,
            borrowed: false,
            references: 0,
            span: Span::mixed_site(),
        }
    }

    /// Returns how the value is read that determines a function's outcome.
    pub(crate) fn of(sig: &Signature) -> Self {
        Self::of_value(value(sig), sig)
    }

    /// Returns how a value is read, which is part of what a function returns.
    pub(crate) fn of_value(value: Option<Value>, sig: &Signature) -> Self {
        let span = match &sig.output {
            ReturnType::Default => sig.ident.span(),
            ReturnType::Type(_, ty) => ty.span(),
        };
        let span = Span::mixed_site().located_at(span);
        let (ty, shown) = match value {
            None => {
                return Self {
                    can_fail: false,
                    ..Self::unknown()
                };
            }
            Some(Value::Type(ty)) => (ty, true),
            Some(Value::OutputOf(ty) | Value::ItemOf(ty)) => (ty, false),
        };
        let (referent, references) = dereferenced(&ty);
        Self {
            can_fail: !shown || !is_plain(&ty),
            hidden_futures: if shown {
                hidden_futures(referent, &generics(&sig.generics))
            } else {
                HiddenFutures::Boxed
            },
            borrowed: has_borrowed_error(&ty),
            references: if shown { references } else { 0 },
            span,
        }
    }
}

fn dereferenced(ty: &Type) -> (&Type, usize) {
    match unwrapped(ty) {
        Type::Reference(reference) => {
            let (ty, references) = dereferenced(&reference.elem);
            (ty, references + 1)
        }
        ty => (ty, 0),
    }
}

/// Returns whether no value of the type is a failure or a future.
pub(crate) fn is_plain(ty: &Type) -> bool {
    match unwrapped(ty) {
        Type::Reference(reference) => is_plain(&reference.elem),
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(is_plain_bound),
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        Type::Path(path) => path.qself.is_none() && path.path.get_ident().is_some_and(is_primitive),
        Type::Never(_)
        | Type::Ptr(_)
        | Type::Array(_)
        | Type::Slice(_)
        | Type::TraitObject(_)
        | Type::FnPtr(_) => true,
        _ => false,
    }
}

/// Returns whether a name is that of a primitive type or `String`.
pub(crate) fn is_primitive(name: &Ident) -> bool {
    const NAMES: [&str; 18] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8",
        "u16", "u32", "u64", "u128", "usize", "String",
    ];
    NAMES.iter().any(|it| name == it)
}

/// Returns whether a bound is a trait of the standard library that no future implements.
fn is_plain_bound(bound: &TypeParamBound) -> bool {
    const NAMES: [&str; 21] = [
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
        "BufRead",
        "Clone",
        "Copy",
        "Display",
        "DoubleEndedIterator",
        "Eq",
        "Error",
        "ExactSizeIterator",
        "Fn",
        "FnMut",
        "FnOnce",
        "FusedIterator",
        "Hash",
        "IntoIterator",
        "Iterator",
        "Read",
        "ToString",
        "Write",
    ];
    let TypeParamBound::Trait(bound) = bound else {
        return false;
    };
    let last = bound.path.segments.last();
    last.is_some_and(|last| NAMES.iter().any(|name| last.ident == name))
}

fn hidden_futures(ty: &Type, generics: &[Ident]) -> HiddenFutures {
    match container_argument(ty).map(unwrapped) {
        _ if is_unnamed(ty, generics) => HiddenFutures::Any,
        Some(Type::ImplTrait(_)) => HiddenFutures::None,
        _ => HiddenFutures::Boxed,
    }
}

/// Returns the first argument of an `Option` or a `Result`.
fn container_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = unwrapped(ty) else {
        return None;
    };
    let last = path.path.segments.last().filter(|_| path.qself.is_none())?;
    if last.ident == "Option" || last.ident == "Result" {
        argument(last)
    } else {
        None
    }
}

/// Returns whether a type, or the first argument of an `Option` or a `Result`, is opaque or a
/// generic parameter.
fn is_unnamed(ty: &Type, generics: &[Ident]) -> bool {
    match unwrapped(ty) {
        Type::ImplTrait(_) => !is_plain(ty),
        Type::Path(path) if path.qself.is_none() => match path.path.get_ident() {
            Some(name) => generics.contains(name) || looks_generic(&name.to_string()),
            None => container_argument(ty).is_some_and(|inner| is_unnamed(inner, generics)),
        },
        _ => false,
    }
}

/// Returns whether the type may contain a `dyn Error` that is not `'static`: one with a lifetime,
/// one behind a reference, or an alias that has a lifetime.
fn has_borrowed_error(ty: &Type) -> bool {
    struct Find(bool);

    impl Visit<'_> for Find {
        fn visit_type_trait_object(&mut self, object: &TypeTraitObject) {
            self.0 |= object.bounds.iter().any(|bound| {
                matches!(bound, TypeParamBound::Lifetime(lifetime) if lifetime.ident != "static")
            });
        }

        fn visit_type_reference(&mut self, reference: &TypeReference) {
            let is_static = reference
                .lifetime
                .as_ref()
                .is_some_and(|lifetime| lifetime.ident == "static");
            self.0 |= !is_static && matches!(unwrapped(&reference.elem), Type::TraitObject(_));
            visit_type_reference(self, reference);
        }
    }

    let mut find = Find(is_alias_with_lifetime(ty));
    if let Type::Path(path) = unwrapped(ty)
        && let Some(last) = path.path.segments.last()
        && last.ident == "Result"
        && let PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(GenericArgument::Type(error)) = arguments.args.iter().nth(1)
    {
        find.0 |= is_alias_with_lifetime(error);
    }
    find.visit_type(ty);
    find.0
}

/// Returns whether a type is a path, other than that of `Result`, with a lifetime.
fn is_alias_with_lifetime(ty: &Type) -> bool {
    let Type::Path(path) = unwrapped(ty) else {
        return false;
    };
    path.path.segments.last().is_some_and(|last| {
        last.ident != "Result"
            && matches!(&last.arguments, PathArguments::AngleBracketed(arguments)
                if arguments.args.iter().any(|it| matches!(it, GenericArgument::Lifetime(_))))
    })
}
