//! Labels that error types declare, so that their series exist at zero before the first failure.
//!
//! The derive emits a type's labels as a constant. A callsite probes its function's return type by
//! method lookup, as [`Returned`](super::Returned) does for the value. Lookup works on types: an
//! alias of `Result` is treated as a `Result`, and two types of one name are distinct.

use std::marker::PhantomData;

/// The labels of one error type.
#[derive(Debug)]
pub struct ErrorLabels {
    /// Labels of the type's own variants.
    pub own: &'static [&'static str],
    /// Error types whose labels the type forwards.
    pub inner: &'static [DeclaredLabels],
}

/// Returns the labels of an error type.
pub type DeclaredLabels = fn() -> &'static ErrorLabels;

static NONE: ErrorLabels = ErrorLabels {
    own: &[],
    inner: &[],
};

/// Returns the labels of a callsite that declares none.
#[must_use]
pub const fn no_labels() -> &'static ErrorLabels {
    &NONE
}

impl ErrorLabels {
    /// Returns all labels, sorted and without duplicates.
    #[cfg(feature = "exporter")]
    pub(crate) fn collect(&'static self) -> Vec<&'static str> {
        // Two types can forward each other's labels.
        let mut types = vec![self];
        let mut at = 0;
        while let Some(labels) = types.get(at).copied() {
            at += 1;
            for inner in labels.inner {
                let inner = inner();
                if !types.iter().any(|known| std::ptr::eq(*known, inner)) {
                    types.push(inner);
                }
            }
        }
        let own = types.iter().flat_map(|labels| labels.own);
        let mut all: Vec<_> = own.copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// An error type whose labels are known without a value. Separate from
/// [`ErrorType`](super::ErrorType), which must remain usable as `dyn ErrorType`.
pub trait HasErrorLabels {
    /// The labels.
    const LABELS: &'static ErrorLabels;
}

/// A generic error type with a type parameter whose labels may be unknown.
///
/// The derive implements both traits for a type that forwards the labels of a type parameter.
/// [`HasErrorLabels`] requires the parameter to implement it, too.
pub trait HasOwnErrorLabels {
    /// The labels that do not depend on the type parameters.
    const LABELS: &'static ErrorLabels;
}

macro_rules! delegates {
    ($trait:ident: $($type:ty),+) => {$(
        impl<E: $trait + ?Sized> $trait for $type {
            const LABELS: &'static ErrorLabels = E::LABELS;
        }
    )+};
}

delegates!(HasErrorLabels: &E, &mut E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);
delegates!(HasOwnErrorLabels: &E, &mut E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);

/// The labels of a probed type: `(&&&&&Probe::<Type>::NEW).mcp_metrics_labels()`.
pub trait ViaLabels {
    /// Returns the labels of the type.
    fn mcp_metrics_labels(&self) -> &'static ErrorLabels;
}

/// A probe of a function's return type.
///
/// | references | type | labels |
/// |---|---|---|
/// | 4 | `Result<Result<_, impl HasErrorLabels>, impl HasErrorLabels>` | those of both errors |
/// | 3 | `Result<_, impl HasErrorLabels>` | the error's |
/// | 2 | `Result<Result<_, impl HasErrorLabels>, _>` | the inner error's |
/// | 1 | `Result<_, impl HasOwnErrorLabels>` | the error's own |
/// | 0 | any other | none |
///
/// A return type that may contain a [`Mask`] is probed as a `fn(&()) -> Type`.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

/// Stands for a name that the callsite cannot resolve, such as a generic of the `impl`.
///
/// Its lifetime is elided in the return type and bound by the function pointer. The compiler
/// therefore does not check whether the mask meets the bounds on a generic, and a `Result` that
/// contains it has no implementation of [`ViaLabels`].
#[derive(Debug)]
pub struct Mask<'a>(PhantomData<&'a ()>);

/// A return type that may contain a [`Mask`] with the lifetime that is bound here.
type Masked<T> = for<'a> fn(&'a ()) -> T;

impl<T: ?Sized> Probe<T> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

/// Implements `ViaLabels` for a probe of a `Result`, plain and masked.
macro_rules! probes {
    ($([$($param:tt)*] $refs:tt $result:ty => $labels:expr;)+) => {$(
        impl<$($param)*> ViaLabels for probes!(@ $refs Probe<$result>) {
            fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
                $labels
            }
        }

        impl<$($param)*> ViaLabels for probes!(@ $refs Probe<Masked<$result>>) {
            fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
                $labels
            }
        }
    )+};
    (@ 4 $probe:ty) => { &&&&$probe };
    (@ 3 $probe:ty) => { &&&$probe };
    (@ 2 $probe:ty) => { &&$probe };
    (@ 1 $probe:ty) => { &$probe };
}

probes! {
    [T, F: HasErrorLabels, E: HasErrorLabels] 4 Result<Result<T, F>, E> => const {
        &ErrorLabels {
            own: &[],
            inner: &[|| E::LABELS, || F::LABELS],
        }
    };
    [T, E: HasErrorLabels] 3 Result<T, E> => E::LABELS;
    [T, F: HasErrorLabels, E] 2 Result<Result<T, F>, E> => F::LABELS;
    [T, E: HasOwnErrorLabels] 1 Result<T, E> => E::LABELS;
}

impl<T: ?Sized> ViaLabels for Probe<T> {
    fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
        no_labels()
    }
}

/// A probe of the type of an inner error: `(&&&InnerProbe::<Type>::NEW).mcp_metrics_labels()`.
#[derive(Debug)]
pub struct InnerProbe<E: ?Sized>(PhantomData<E>);

impl<E: ?Sized> InnerProbe<E> {
    /// The only value.
    pub const NEW: Self = Self(PhantomData);
}

impl<E: HasErrorLabels + ?Sized> ViaLabels for &&InnerProbe<E> {
    fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
        E::LABELS
    }
}

impl<E: HasOwnErrorLabels + ?Sized> ViaLabels for &InnerProbe<E> {
    fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
        E::LABELS
    }
}

impl<E: ?Sized> ViaLabels for InnerProbe<E> {
    fn mcp_metrics_labels(&self) -> &'static ErrorLabels {
        no_labels()
    }
}
