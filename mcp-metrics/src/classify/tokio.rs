//! Labels of tokio's errors: `panic`, `cancelled` or `Timeout` for tasks and deadlines, the
//! variant's name for enums, otherwise the type's name.

use std::borrow::Cow;

use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{
    AcquireError, SetError, TryAcquireError, TryLockError, broadcast, mpsc, oneshot, watch,
};
use tokio::task::JoinError;
use tokio::time::error::Elapsed;

use super::ErrorType;
use super::downcast::known_types;
use super::names::named_by_type;

known_types! {
    Elapsed, JoinError, AcquireError, TryAcquireError, TryLockError,
    broadcast::error::RecvError, broadcast::error::TryRecvError, mpsc::error::TryRecvError,
    oneshot::error::RecvError, oneshot::error::TryRecvError, watch::error::RecvError,
}

named_by_type! {
    [] AcquireError, [] TryLockError, [] oneshot::error::RecvError, [] watch::error::RecvError,
    [T] mpsc::error::SendError<T>, [T] broadcast::error::SendError<T>,
    [T] watch::error::SendError<T>,
}

/// The label is `Timeout`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use std::future::pending;
/// use std::time::Duration;
/// use mcp_metrics::ErrorType;
///
/// let elapsed = tokio::time::timeout(Duration::ZERO, pending::<()>()).await.unwrap_err();
/// assert_eq!(elapsed.error_type(), "Timeout");
/// # }
/// ```
impl ErrorType for Elapsed {
    fn error_type(&self) -> Cow<'static, str> {
        "Timeout".into()
    }
}

/// The label is `panic` or `cancelled`, like that of a request that ends in the same way.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use mcp_metrics::ErrorType;
///
/// let task = tokio::spawn(std::future::pending::<()>());
/// task.abort();
/// assert_eq!(task.await.unwrap_err().error_type(), "cancelled");
/// # }
/// ```
impl ErrorType for JoinError {
    fn error_type(&self) -> Cow<'static, str> {
        if self.is_panic() {
            "panic".into()
        } else {
            "cancelled".into()
        }
    }
}

/// Implements `ErrorType` for enums whose labels are the names of their variants.
macro_rules! kinds {
    ($([$($param:ident),*] $type:ty: $($variant:ident $fields:tt),+;)+) => {$(
        impl<$($param),*> ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                match self {
                    $(Self::$variant $fields => stringify!($variant).into(),)+
                }
            }
        }
    )+};
}

kinds! {
    [] TryAcquireError: Closed {}, NoPermits {};
    [] mpsc::error::TryRecvError: Empty {}, Disconnected {};
    [] oneshot::error::TryRecvError: Empty {}, Closed {};
    [] broadcast::error::RecvError: Closed {}, Lagged(_);
    [] broadcast::error::TryRecvError: Empty {}, Closed {}, Lagged(_);
    [T] TrySendError<T>: Full(_), Closed(_);
    [T] SendTimeoutError<T>: Timeout(_), Closed(_);
    [T] SetError<T>: AlreadyInitializedError(_), InitializingError(_);
}
