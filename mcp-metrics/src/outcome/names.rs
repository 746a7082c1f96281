//! Labels from the names of types.

use std::borrow::Cow;

/// The label of an error whose type alone is known: its name without path and generics, and with
/// its crate in front if the name is just `Error`.
pub(crate) fn type_label<E: ?Sized>() -> Cow<'static, str> {
    label_of_type_name(std::any::type_name::<E>())
}

fn label_of_type_name(full: &'static str) -> Cow<'static, str> {
    if full.starts_with(['(', '[']) {
        return full.into();
    }
    let bare = full
        .trim_start_matches('&')
        .trim_start_matches("mut ")
        .trim_start_matches("dyn ");
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

/// Implements `ErrorType` for types that go by their name.
macro_rules! named_by_type {
    ($([$($param:ident),*] $type:ty),+ $(,)?) => {$(
        impl<$($param),*> $crate::outcome::ErrorType for $type {
            fn error_type(&self) -> std::borrow::Cow<'static, str> {
                $crate::outcome::type_label::<Self>()
            }
        }
    )+};
}

pub(super) use named_by_type;

#[cfg(test)]
mod tests {
    use super::label_of_type_name as label;

    #[test]
    fn type_names_lose_path_and_generics() {
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
}
