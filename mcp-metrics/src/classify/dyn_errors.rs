//! Labels of errors behind `dyn Error`.

use std::borrow::Cow;
use std::error::Error;

use super::ErrorType;
use super::known::root_cause;

macro_rules! boxed {
    ($($type:ty),+) => {$(
        /// The label is that of the first error of a known type in the chain of sources, such as
        /// the kind of an [`std::io::Error`]. If there is none, the label is `Box`, since the box hides
        /// the type.
        impl ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                root_cause(self).unwrap_or(Cow::Borrowed("Box"))
            }
        }
    )+};
}

boxed!(dyn Error, dyn Error + Send, dyn Error + Send + Sync);
