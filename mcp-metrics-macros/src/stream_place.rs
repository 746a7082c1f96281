//! The stream in the value of a function with the flag `stream`.

use syn::{
    GenericArgument, Path, PathArguments, PathSegment, ReturnType, Signature, Type, parse_quote,
};

use crate::returns::{
    Form, Returns, Value, argument, item_type, output_type, stream_form, unwrapped,
};

/// Where a function's value contains a stream.
pub(crate) struct StreamPlace {
    /// How the type of the stream is written.
    pub(crate) form: Form,
    /// The type of the stream.
    pub(crate) stream: Type,
    /// The number of types, such as `Result`, that contain the stream.
    pub(crate) depth: usize,
    /// The type of the value.
    value: Type,
}

impl StreamPlace {
    /// Finds the stream in a function's returned value, or in the output of the returned future. It is
    /// the value itself, or the first argument of the value's type, such as a `Result`.
    pub(crate) fn of(sig: &Signature) -> Option<Self> {
        let value = match Returns::of(sig) {
            Returns::Future(_) => output_type(&sig.output)?,
            _ => match &sig.output {
                ReturnType::Default => return None,
                ReturnType::Type(_, ty) => (**ty).clone(),
            },
        };
        let mut stream = &value;
        let mut depth = 0;
        let form = loop {
            match stream_form(stream) {
                Some(form) => break form,
                None => stream = argument(last_segment(stream)?)?,
            }
            depth += 1;
        };
        Some(Self {
            form,
            stream: stream.clone(),
            depth,
            value,
        })
    }

    /// Returns the type of the stream's items.
    pub(crate) fn item(&self) -> Value {
        item_type(&self.stream).map_or_else(|| Value::ItemOf(self.stream.clone()), Value::Type)
    }

    /// Returns the type of the value with the stream's items in place of the stream. An `Option` is
    /// left out, since it would hide an item that is an `Err`.
    pub(crate) fn with_item(&self, item: Type) -> Type {
        replaced(&self.value, self.depth, item)
    }

    /// Returns a type whose error labels are those of the value and of the items. `stream_trait` is
    /// the path of the trait `Stream`.
    pub(crate) fn errors(&self, stream_trait: &Path) -> Type {
        let item = match self.item() {
            Value::Type(ty) => ty,
            Value::ItemOf(stream) | Value::OutputOf(stream) => {
                parse_quote!(<#stream as #stream_trait>::Item)
            }
        };
        self.with_item(item)
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match unwrapped(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

fn replaced(ty: &Type, depth: usize, item: Type) -> Type {
    let mut container = unwrapped(ty).clone();
    if depth == 0 {
        return item;
    }
    let Type::Path(path) = &mut container else {
        return item;
    };
    let Some(last) = path.path.segments.last_mut() else {
        return item;
    };
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else {
        return item;
    };
    let inner = arguments
        .args
        .iter_mut()
        .find_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
    let Some(inner) = inner else {
        return item;
    };
    let replacement = replaced(inner, depth - 1, item);
    if last.ident == "Option" {
        return replacement;
    }
    *inner = replacement;
    container
}
