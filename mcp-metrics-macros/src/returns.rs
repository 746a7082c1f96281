//! Classification of return types by their tokens.

use syn::punctuated::Punctuated;
use syn::visit_mut::{VisitMut, visit_trait_bound_mut, visit_type_mut};
use syn::{
    GenericArgument, Ident, Lifetime, ParenthesizedGenericArguments, Path, PathArguments,
    PathSegment, ReturnType, Signature, Token, TraitBound, Type, TypeFnPtr, TypeParamBound,
    parse_quote,
};

use crate::value_type::is_plain;

/// How a function's outcome is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// Returning is a success: no value of the type is a failure.
    Plain,
    /// From the returned value.
    Value,
    /// From the output of an `async fn`.
    Async,
    /// From the output of the returned future.
    Future(Form),
    /// From the items of the returned stream.
    Stream(Form),
}

/// How a function returns a future or stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As an `impl Trait`.
    Opaque,
    /// As a `Pin<Box<dyn Trait>>`, or an alias of it.
    Pinned,
    /// As a `Box<dyn Trait + Unpin>`.
    Boxed,
}

/// The traits of futures, and of streams.
const FUTURES: [&str; 3] = ["Future", "FusedFuture", "TryFuture"];
const STREAMS: [&str; 3] = ["Stream", "FusedStream", "TryStream"];

impl Returns {
    /// Classifies the return type of a function.
    pub(crate) fn of(sig: &Signature) -> Self {
        if sig.asyncness.is_some() {
            return Self::Async;
        }
        match &sig.output {
            ReturnType::Default => Self::Plain,
            ReturnType::Type(_, ty) => Self::of_type(unwrapped(ty)),
        }
    }

    fn of_type(ty: &Type) -> Self {
        if let Some(form) = form(ty, &FUTURES) {
            return Self::Future(form);
        }
        if let Some(form) = stream_form(ty) {
            return Self::Stream(form);
        }
        if is_plain(ty) {
            Self::Plain
        } else {
            Self::Value
        }
    }
}

/// Returns how a type is a stream, if it shows that.
pub(crate) fn stream_form(ty: &Type) -> Option<Form> {
    form(unwrapped(ty), &STREAMS)
}

/// Returns how a type is an implementation of one of the traits, the first of which names aliases.
fn form(ty: &Type, traits: &[&str]) -> Option<Form> {
    match ty {
        Type::ImplTrait(opaque) => has_bound(&opaque.bounds, traits).then_some(Form::Opaque),
        Type::Path(path) if is_alias(&path.path, traits[0]) => Some(Form::Pinned),
        Type::Path(path) => {
            let (bounds, form) = boxed(&path.path)?;
            has_bound(bounds, traits).then_some(form)
        }
        _ => None,
    }
}

fn has_bound(bounds: &Punctuated<TypeParamBound, Token![+]>, traits: &[&str]) -> bool {
    bounds.iter().filter_map(last_segment).any(|bound| {
        let name = &bound.ident;
        traits.iter().any(|it| name == it)
    })
}

/// Returns the last segment of a bound's path.
fn last_segment(bound: &TypeParamBound) -> Option<&PathSegment> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    }
}

/// Returns whether a path is an alias of `Pin<Box<dyn Name<…>>>` in a futures crate.
fn is_alias(path: &Path, name: &str) -> bool {
    let Some(last) = path.segments.last() else {
        return false;
    };
    if last.ident == format!("Box{name}") || last.ident == format!("LocalBox{name}") {
        return true;
    }
    // futures-lite has `future::Boxed` and `stream::Boxed`.
    let module = path.segments.iter().rev().nth(1);
    (last.ident == "Boxed" || last.ident == "BoxedLocal")
        && module.is_some_and(|module| module.ident == name.to_lowercase())
}

/// Returns the bounds in `Pin<Box<dyn Bounds>>` or `Box<dyn Bounds>`.
fn boxed(path: &Path) -> Option<(&Punctuated<TypeParamBound, Token![+]>, Form)> {
    let last = path.segments.last()?;
    if last.ident == "Pin"
        && let Type::Path(inner) = argument(last)?
        && let (bounds, Form::Boxed) = boxed(&inner.path)?
    {
        return Some((bounds, Form::Pinned));
    }
    match argument(last)? {
        Type::TraitObject(object) if last.ident == "Box" => Some((&object.bounds, Form::Boxed)),
        _ => None,
    }
}

/// Returns the first type among a segment's generic arguments.
pub(crate) fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    let mut types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(unwrapped(ty)),
        _ => None,
    });
    types.next()
}

/// Replaces `impl Trait` by `_`, since a closure or a `let` cannot name it.
pub(crate) fn nameable(ty: &Type) -> Type {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = parse_quote!(_);
            } else {
                visit_type_mut(self, ty);
            }
        }
    }

    let mut ty = ty.clone();
    Erase.visit_type_mut(&mut ty);
    ty
}

/// Replaces `impl Trait` by `_` and lifetimes by `'_` in a type that a body names, for the compiler to
/// infer. A lifetime that a body names is not needless for clippy's `needless_lifetimes`.
pub(crate) fn inferable(ty: &Type) -> Type {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                lifetime.ident = Ident::new("_", lifetime.ident.span());
            }
        }

        // The lifetimes in these may be bound there, where `'_` is another bound lifetime.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

        fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
            if bound.lifetimes.is_none() {
                visit_trait_bound_mut(self, bound);
            }
        }

        fn visit_parenthesized_generic_arguments_mut(
            &mut self,
            _: &mut ParenthesizedGenericArguments,
        ) {
        }
    }

    let mut ty = nameable(ty);
    Erase.visit_type_mut(&mut ty);
    ty
}

/// Returns the type of a future's output or a stream's items, if the signature shows it.
pub(crate) fn inner_type(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => item_type(ty),
    }
}

/// Returns the same for the type of a future or stream.
pub(crate) fn item_type(ty: &Type) -> Option<Type> {
    let bounds = match unwrapped(ty) {
        Type::ImplTrait(opaque) => &opaque.bounds,
        Type::Path(path) => boxed(&path.path)?.0,
        _ => return None,
    };
    bounds.iter().filter_map(last_segment).find_map(in_bound)
}

/// Returns the type of a future's output, also if the future is an alias such as `BoxFuture<'a, T>`.
pub(crate) fn output_type(output: &ReturnType) -> Option<Type> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    inner_type(output).or_else(|| match unwrapped(ty) {
        Type::Path(path) => argument(path.path.segments.last()?).cloned(),
        _ => None,
    })
}

/// Returns the type in `Future<Output = Type>`, `Stream<Item = Type>` or
/// `TryFuture<Ok = T, Error = E>`.
fn in_bound(bound: &PathSegment) -> Option<Type> {
    let PathArguments::AngleBracketed(arguments) = &bound.arguments else {
        return None;
    };
    let associated = |wanted: &str| {
        arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::AssocType(it) if it.ident == wanted => Some(&it.ty),
            _ => None,
        })
    };
    let named = |name: &Ident| name == "TryFuture" || name == "TryStream";
    if named(&bound.ident) {
        let (ok, error) = (associated("Ok")?, associated("Error")?);
        return Some(parse_quote!(::core::result::Result<#ok, #error>));
    }
    associated("Output")
        .or_else(|| associated("Item"))
        .map(|ty| unwrapped(ty).clone())
}

/// The type of the value that determines a function's outcome.
pub(crate) enum Value {
    /// This type.
    Type(Type),
    /// The output of this future type.
    OutputOf(Type),
    /// An item of this stream type.
    ItemOf(Type),
}

/// Returns the type of the value that determines a function's outcome. `None` for `()`.
pub(crate) fn value(sig: &Signature) -> Option<Value> {
    let ReturnType::Type(_, ty) = &sig.output else {
        return None;
    };
    let ty = unwrapped(ty);
    Some(match Returns::of(sig) {
        Returns::Plain | Returns::Value | Returns::Async => Value::Type(ty.clone()),
        returns => match (inner_type(&sig.output), returns) {
            (Some(inner), _) => Value::Type(inner),
            // An alias hides the bounds.
            (None, Returns::Stream(_)) => Value::ItemOf(ty.clone()),
            (None, _) => Value::OutputOf(ty.clone()),
        },
    })
}

/// Returns a type without parentheses and invisible groups.
pub(crate) fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => unwrapped(&inner.elem),
        Type::Group(inner) => unwrapped(&inner.elem),
        ty => ty,
    }
}
