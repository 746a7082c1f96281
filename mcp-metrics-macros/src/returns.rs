//! What a function returns, as far as its tokens tell.

use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{
    GenericArgument, Path, PathArguments, PathSegment, ReturnType, Signature, Token, Type,
    TypeParamBound,
};

/// How a function's outcome is learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// From its return alone: the type cannot be a failure.
    Plain,
    /// From the value.
    Value,
    /// From the value that the future resolves to: `async fn`.
    Async,
    /// Likewise, of a function that returns `impl Future`.
    Future,
    /// Likewise, of a function that returns `Pin<Box<dyn Future>>`, by that or another name.
    BoxedFuture,
    /// From the end of the stream that the function returns as `impl Stream`.
    Stream,
    /// Likewise, of a function that returns `Pin<Box<dyn Stream>>`, by that or another name.
    BoxedStream,
}

impl Returns {
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

/// `Pin<Box<dyn Name<…>>>`, or the names that the futures crates give it.
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
    let boxed = match argument(last) {
        Some(Type::Path(boxed)) if last.ident == "Pin" => boxed.path.segments.last(),
        _ => None,
    };
    match boxed
        .filter(|boxed| boxed.ident == "Box")
        .and_then(argument)
    {
        Some(Type::TraitObject(object)) => has_bound(&object.bounds, name),
        _ => false,
    }
}

/// The first type among a segment's generic arguments.
fn argument(segment: &PathSegment) -> Option<&Type> {
    types(segment).next()
}

/// The types among a segment's generic arguments.
fn types(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments
        .into_iter()
        .flatten()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
}

/// A type that may be written in a closure or a `let`: `impl Trait` may not and is inferred.
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

/// The name of the error in what a function returns, or what its future resolves to, if it is
/// spelled out as `Result<T, Error>`.
pub(crate) fn error_name(sig: &Signature) -> Option<String> {
    let ReturnType::Type(_, ty) = &sig.output else {
        return None;
    };
    error_in(ty)
}

fn error_in(ty: &Type) -> Option<String> {
    match ty {
        Type::Paren(inner) => error_in(&inner.elem),
        Type::Group(inner) => error_in(&inner.elem),
        Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(error_in_bound),
        Type::TraitObject(object) => object.bounds.iter().find_map(error_in_bound),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            match (last.ident.to_string().as_str(), argument(last)) {
                ("Result", _) => match types(last).nth(1)? {
                    Type::Path(error) => {
                        Some(error.path.segments.last()?.ident.unraw().to_string())
                    }
                    _ => None,
                },
                (
                    "Pin" | "Box" | "BoxFuture" | "LocalBoxFuture" | "Boxed" | "BoxedLocal",
                    Some(inner),
                ) => error_in(inner),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The error in `Future<Output = Result<T, Error>>`.
fn error_in_bound(bound: &TypeParamBound) -> Option<String> {
    output_in_bound(bound).and_then(error_in)
}

/// What the future of `-> impl Future<Output = Type>` resolves to, as far as it can be named.
pub(crate) fn future_output(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Type(_, ty) => match &**ty {
            Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(output_in_bound).map(nameable),
            _ => None,
        },
        ReturnType::Default => None,
    }
}

/// The type in `Future<Output = Type>`.
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
