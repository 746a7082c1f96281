//! Rejects returned futures that the signature hides from the attribute: the request would end
//! when the future is created, not when it is ready.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A type whose values contain a boxed future. Named future types, such as `JoinHandle`, are plain
/// values, and so is a borrowed future.
pub trait HidesFuture {}

impl<F: Future + ?Sized> HidesFuture for Pin<Box<F>> {}
impl<T: HidesFuture> HidesFuture for Option<T> {}
impl<T: HidesFuture, E> HidesFuture for Result<T, E> {}

macro_rules! boxed_futures {
    ($(dyn Future $(+ $auto:ident)*),+ $(,)?) => {$(
        impl<T> HidesFuture for Box<dyn Future<Output = T> $(+ $auto)* + '_> {}
    )+};
}

boxed_futures! {
    dyn Future, dyn Future + Send, dyn Future + Sync, dyn Future + Unpin, dyn Future + Send + Sync,
    dyn Future + Send + Unpin, dyn Future + Sync + Unpin, dyn Future + Send + Sync + Unpin,
}

/// A value of an opaque type or of a generic parameter: `(&&&&Unnamed(&value)).mcp_metrics_check()`.
///
/// | references | type | check |
/// |---|---|---|
/// | 3 | `impl IntoFuture` | a compile error |
/// | 2 | `Result<impl IntoFuture, _>` | a compile error |
/// | 1 | `Option<impl IntoFuture>` | a compile error |
/// | 0 | any other | none |
#[derive(Debug)]
pub struct Unnamed<'a, T: ?Sized>(pub &'a T);

/// Rejects a value that is a future, or an `Option` or a `Result` of one.
pub trait ViaIntoFuture {
    /// A reference to the future. The error mentions it; for a bare generic parameter, the compiler
    /// would suggest a bound.
    type Value;

    /// Fails to compile.
    fn mcp_metrics_check(&self)
    where
        Self::Value: SeenByAttribute,
    {
    }
}

/// Accepts any other value.
pub trait ViaNoFuture {
    /// Does nothing.
    fn mcp_metrics_check(&self) {}
}

impl<'a, F: IntoFuture> ViaIntoFuture for &&&Unnamed<'a, F> {
    type Value = &'a F;
}

impl<'a, F: IntoFuture, E> ViaIntoFuture for &&Unnamed<'a, Result<F, E>> {
    type Value = &'a F;
}

impl<'a, F: IntoFuture> ViaIntoFuture for &Unnamed<'a, Option<F>> {
    type Value = &'a F;
}

impl<T: ?Sized> ViaNoFuture for Unnamed<'_, T> {}

/// A trait without implementations: a call with this bound is a compile error.
#[diagnostic::on_unimplemented(
    message = "the return type hides a future from the attribute",
    label = "the call would be counted when the future is created, not when it runs",
    note = "return `impl Future<Output = …>`, `Pin<Box<dyn Future<Output = …>>>` or `BoxFuture`, \
            or make the function an `async fn`",
    note = "alternatively, remove the attribute (`#[tracked(skip)]` in a tracked block) and track \
            the future where it is awaited: `track_request(…).run_async(future).await`"
)]
pub trait SeenByAttribute {}
