//! Labels of errors behind `dyn Error`.

use std::borrow::Cow;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use super::ErrorType;
use super::known::root_cause;

/// The label of an error of an unknown type: the box hides the type.
const BOX: Cow<'static, str> = Cow::Borrowed("Box");

/// An owned or borrowed error behind `dyn Error` that may contain references.
///
/// Such an error cannot be downcast, and its label is that of its cause, which is `'static`.
pub trait BorrowedError {
    /// Returns the label of the first error of a known type in the chain of causes, or `Box`.
    fn label(&self) -> Cow<'static, str>;
}

macro_rules! dyn_errors {
    ($($type:ident $(+ $auto:ident)*),+) => {$(
        /// The label is that of the first error of a known type in the chain of sources, such as
        /// the kind of an [`std::io::Error`]. If there is none, the label is `Box`, since the box hides
        /// the type.
        impl ErrorType for dyn $type $(+ $auto)* {
            fn error_type(&self) -> Cow<'static, str> {
                root_cause(self).unwrap_or(BOX)
            }
        }

        impl BorrowedError for dyn $type $(+ $auto)* + '_ {
            fn label(&self) -> Cow<'static, str> {
                self.source().and_then(root_cause).unwrap_or(BOX)
            }
        }
    )+};
}

dyn_errors!(Error, Error + Send, Error + Send + Sync);

macro_rules! delegates {
    ($($type:ty),+) => {$(
        impl<E: BorrowedError + ?Sized> BorrowedError for $type {
            fn label(&self) -> Cow<'static, str> {
                (**self).label()
            }
        }
    )+};
}

delegates!(&E, &mut E, Box<E>, Rc<E>, Arc<E>);
