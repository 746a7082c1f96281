//! Outcomes of the standard library's types.

use std::borrow::Cow;

use super::{ErrorType, Outcome};

/// An `Err` is a failure. The value in an `Ok` may be of any type, so this implementation ignores
/// it. The macros consult it if its type implements [`Outcome`].
impl<T, E: ErrorType> Outcome for Result<T, E> {
    fn failure(&self) -> Option<Cow<'static, str>> {
        self.as_ref().err().map(ErrorType::error_type)
    }
}

macro_rules! successes {
    ($([$($param:ident),*] $type:ty),+ $(,)?) => {$(
        impl<$($param),*> Outcome for $type {
            fn failure(&self) -> Option<Cow<'static, str>> {
                None
            }
        }
    )+};
}

successes! {
    [] (), [] bool, [] char, [] String, [] str, [] Cow<'_, str>,
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] f32,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize, [] f64,
    [] std::time::Duration, [] std::path::PathBuf,
    [T] Option<T>, [T] Vec<T>, [T] Box<T>, [T] std::sync::Arc<T>, [T] std::rc::Rc<T>,
    [K, V, S] std::collections::HashMap<K, V, S>, [K, V] std::collections::BTreeMap<K, V>,
    [T, S] std::collections::HashSet<T, S>, [T] std::collections::BTreeSet<T>,
    [A] (A,), [A, B] (A, B), [A, B, C] (A, B, C), [A, B, C, D] (A, B, C, D),
}

macro_rules! delegates {
    ($($type:ty),+) => {$(
        impl<T: Outcome + ?Sized> Outcome for $type {
            fn failure(&self) -> Option<Cow<'static, str>> {
                (**self).failure()
            }
        }
    )+};
}

delegates!(&T, &mut T);

impl<T, const N: usize> Outcome for [T; N] {
    fn failure(&self) -> Option<Cow<'static, str>> {
        None
    }
}
