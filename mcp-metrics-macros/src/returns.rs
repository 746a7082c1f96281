//! Classification of return types by their tokens.

use syn::punctuated::Punctuated;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{
    GenericArgument, Path, PathArguments, PathSegment, ReturnType, Signature, Token, Type,
    TypeParamBound,
};

/// How a function's outcome is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// Returning is a success: no value of the type is a failure.
    Plain,
    /// From the returned value.
    Value,
    /// From the output of an `async fn`.
    Async,
    /// From the output of the returned `impl Future`.
    Future,
    /// From the output of the returned `Pin<Box<dyn Future>>`, or of an alias of it.
    BoxedFuture,
    /// From the end of the returned `impl Stream`.
    Stream,
    /// From the end of the returned `Pin<Box<dyn Stream>>`, or of an alias of it.
    BoxedStream,
}

impl Returns {
    /// Classifies the return type of a function.
    pub(crate) fn of(sig: &Signature) -> Self {
        if sig.asyncness.is_some() {
            return Self::Async;
        }
        match &sig.output {
            ReturnType::Default => Self::Plain,
            ReturnType::Type(_, ty) => of_type(ty),
        }
    }
}

fn of_type(ty: &Type) -> Returns {
    match ty {
        Type::Paren(inner) => of_type(&inner.elem),
        Type::Group(inner) => of_type(&inner.elem),
        Type::ImplTrait(opaque) if has_bound(&opaque.bounds, "Future") => Returns::Future,
        Type::ImplTrait(opaque) if has_bound(&opaque.bounds, "Stream") => Returns::Stream,
        Type::Path(path) if is_boxed(&path.path, "Future") => Returns::BoxedFuture,
        Type::Path(path) if is_boxed(&path.path, "Stream") => Returns::BoxedStream,
        Type::Path(path) if path.qself.is_none() && is_primitive(&path.path) => Returns::Plain,
        Type::Tuple(tuple) if tuple.elems.is_empty() => Returns::Plain,
        Type::Never(_)
        | Type::ImplTrait(_)
        | Type::Reference(_)
        | Type::Ptr(_)
        | Type::Array(_) => Returns::Plain,
        _ => Returns::Value,
    }
}

fn is_primitive(path: &Path) -> bool {
    const NAMES: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "String",
    ];
    path.get_ident()
        .is_some_and(|ident| NAMES.iter().any(|name| ident == name))
}

fn has_bound(bounds: &Punctuated<TypeParamBound, Token![+]>, name: &str) -> bool {
    bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == name),
        _ => false,
    })
}

/// Returns whether a path is `Pin<Box<dyn Name<…>>>`, or an alias of it in a futures crate.
fn is_boxed(path: &Path, name: &str) -> bool {
    let Some(last) = path.segments.last() else {
        return false;
    };
    if last.ident == format!("Box{name}") || last.ident == format!("LocalBox{name}") {
        return true;
    }
    // futures-lite has `future::Boxed` and `stream::Boxed`.
    let module = path.segments.iter().rev().nth(1);
    if (last.ident == "Boxed" || last.ident == "BoxedLocal")
        && module.is_some_and(|module| module.ident == name.to_lowercase())
    {
        return true;
    }
    pinned(path).is_some_and(|bounds| has_bound(bounds, name))
}

/// Returns the bounds in `Pin<Box<dyn Bounds>>`.
fn pinned(path: &Path) -> Option<&Punctuated<TypeParamBound, Token![+]>> {
    let pin = path.segments.last().filter(|pin| pin.ident == "Pin")?;
    let Type::Path(boxed) = argument(pin)? else {
        return None;
    };
    let boxed = boxed.path.segments.last().filter(|it| it.ident == "Box")?;
    match argument(boxed)? {
        Type::TraitObject(object) => Some(&object.bounds),
        _ => None,
    }
}

/// Returns the first type among a segment's generic arguments.
fn argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Replaces `impl Trait` by `_`, since a closure or a `let` cannot name it.
pub(crate) fn nameable(ty: &Type) -> Type {
    struct Erase;

    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            if matches!(ty, Type::ImplTrait(_)) {
                *ty = syn::parse_quote!(_);
            } else {
                visit_type_mut(self, ty);
            }
        }
    }

    let mut ty = ty.clone();
    Erase.visit_type_mut(&mut ty);
    ty
}

/// Returns the output type in `-> impl Future<Output = Type>`, with `impl Trait` replaced by `_`.
pub(crate) fn future_output(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(output_in_bound).map(nameable),
            _ => None,
        },
        ReturnType::Default => None,
    }
}

/// Returns the type in `Future<Output = Type>`.
fn output_in_bound(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

/// The type of the value that determines a function's outcome.
pub(crate) enum Value<'a> {
    /// This type.
    Type(&'a Type),
    /// The output of this future type.
    OutputOf(&'a Type),
}

/// Returns the type of the value that determines a function's outcome.
///
/// `None` if no value can be a failure.
pub(crate) fn value(sig: &Signature) -> Option<Value<'_>> {
    let ReturnType::Type(_, ty) = &sig.output else {
        return None;
    };
    let ty = unwrapped(ty);
    let value = match (Returns::of(sig), ty) {
        (Returns::Plain | Returns::Stream | Returns::BoxedStream, _) => return None,
        (Returns::Value | Returns::Async, ty) => ty,
        (_, Type::ImplTrait(opaque)) => opaque.bounds.iter().find_map(output_in_bound)?,
        (_, Type::Path(path)) => match pinned(&path.path) {
            Some(bounds) => bounds.iter().find_map(output_in_bound)?,
            // An alias hides the bounds.
            None => return Some(Value::OutputOf(ty)),
        },
        _ => return None,
    };
    let value = unwrapped(value);
    matches!(of_type(value), Returns::Value).then_some(Value::Type(value))
}

fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => unwrapped(&inner.elem),
        Type::Group(inner) => unwrapped(&inner.elem),
        ty => ty,
    }
}
