//! Labels from the names of types.

use std::borrow::Cow;

use super::cache::Cache;
use crate::reentrancy;

/// Returns the label of an error type that does not define one: its name without path and generics.
/// If the name is just `Error`, it is prefixed with the crate.
#[inline]
pub(crate) fn type_label<E: ?Sized>() -> Cow<'static, str> {
    static LABELS: Cache<Box<str>, 512> = Cache::new();

    let full = std::any::type_name::<E>();
    let key = [full.as_ptr().addr(), full.len()];
    match LABELS.get_or_insert(key, || unsuppressed(|| label_of_type_name(full).into())) {
        Some(label) => Cow::Borrowed(label),
        None => unsuppressed(|| label_of_type_name(full)).unwrap_or(Cow::Borrowed("Error")),
    }
}

/// Calls `label`, which may allocate, unless recordings on this thread are suppressed.
///
/// If the global allocator is tracked and fails with the same type, `label` would recurse. A
/// failure that is not recorded needs no label.
#[cold]
pub(super) fn unsuppressed<T>(label: impl FnOnce() -> T) -> Option<T> {
    if reentrancy::is_suppressed() {
        return None;
    }
    let _guard = reentrancy::suppress();
    Some(label())
}

/// Returns the label of a type from its full name. That of a pointer is that of the type that it
/// points at.
fn label_of_type_name(full: &'static str) -> Cow<'static, str> {
    if full.starts_with(['(', '[']) {
        return full.into();
    }
    let bare = full
        .trim_start_matches('&')
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
    if let Some(inner) = pointee(bare) {
        return label_of_type_name(inner);
    }
    let path = bare.split(['<', ' ', '+']).next().unwrap_or(bare);
    let name = path.rsplit("::").next().unwrap_or(path);
    if name == "Error" {
        let krate = match path.split("::").next().unwrap_or_default() {
            "core" | "alloc" => "std",
            krate => krate,
        };
        return format!("{krate}::{name}").into();
    }
    if name.is_empty() {
        "other".into()
    } else {
        name.into()
    }
}

/// Returns `Type` in `Box<Type>`, `Rc<Type>` and `Arc<Type>`.
fn pointee(name: &'static str) -> Option<&'static str> {
    const POINTERS: [&str; 3] = ["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"];

    let mut inner = POINTERS
        .iter()
        .filter_map(|prefix| name.strip_prefix(prefix));
    inner.next()?.strip_suffix('>')
}

/// Returns the label of a type from its path in the source, at compile time.
pub(super) const fn label_of_path(path: &str) -> &str {
    let bytes = path.as_bytes();
    let (mut start, mut end) = (0, 0);
    while end < bytes.len() && bytes[end] != b'<' {
        if bytes[end] == b':' {
            start = end + 1;
        }
        end += 1;
    }
    path.split_at(end).0.split_at(start).1
}

/// Implements `ErrorType` for types whose label is their name.
macro_rules! named_by_type {
    ($([$($param:ident),*] $type:ty),+ $(,)?) => {$(
        impl<$($param),*> $crate::classify::ErrorType for $type {
            #[inline]
            fn error_type(&self) -> std::borrow::Cow<'static, str> {
                const LABEL: &str = $crate::classify::names::label_of_path(stringify!($type));
                std::borrow::Cow::Borrowed(LABEL)
            }
        }
    )+};
}

pub(super) use named_by_type;

#[cfg(test)]
mod tests {
    use super::{label_of_path, label_of_type_name as label};

    #[test]
    fn label_of_type_name_omits_path_and_generics() {
        assert_eq!(label("core::num::error::ParseIntError"), "ParseIntError");
        assert_eq!(label("app::Failure<alloc::string::String>"), "Failure");
        assert_eq!(label("&mut app::Failure"), "Failure");
        assert_eq!(label("dyn core::any::Any + core::marker::Send"), "Any");
        assert_eq!(label("reqwest::error::Error"), "reqwest::Error");
        assert_eq!(label("serde_json::error::Error"), "serde_json::Error");
        assert_eq!(label("core::fmt::Error"), "std::Error");
        assert_eq!(label("()"), "()");
        assert_eq!(label("(i32, bool)"), "(i32, bool)");
    }

    #[test]
    fn label_of_pointer_type_name_is_that_of_the_pointee() {
        assert_eq!(label("alloc::boxed::Box<app::Failure>"), "Failure");
        assert_eq!(label("&alloc::rc::Rc<app::Failure<u8>>"), "Failure");
        assert_eq!(
            label("alloc::sync::Arc<alloc::boxed::Box<dyn app::Failed + core::marker::Send>>"),
            "Failed"
        );
        assert_eq!(label("alloc::boxed::Box<(u8, u8)>"), "(u8, u8)");
        assert_eq!(label("app::Box<app::Failure>"), "Box");
    }

    #[test]
    fn label_of_path_omits_path_and_generics() {
        assert_eq!(label_of_path("std::num::ParseIntError"), "ParseIntError");
        assert_eq!(label_of_path("mpsc::error::SendError<T>"), "SendError");
        assert_eq!(label_of_path("Cow<'_, str>"), "Cow");
        assert_eq!(label_of_path("()"), "()");
    }
}
