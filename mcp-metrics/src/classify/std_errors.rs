//! Labels of the standard library's errors: the kind if they have one, otherwise the type's name.

use std::any::Any;
use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::{OnceLock, TryLockError, mpsc};
use std::{env, fmt, fs, io, slice};

use super::ErrorType;
use super::downcast::known_types;
use super::names::{named_by_type, unsuppressed};

macro_rules! errors_named_by_type {
    ($($type:ty),+ $(,)?) => {
        named_by_type! { $([] $type),+ }

        known_types! {
            $($type),+, fmt::Error, env::VarError, mpsc::RecvTimeoutError, mpsc::TryRecvError,
            fs::TryLockError, slice::GetDisjointMutError,
        }
    };
}

errors_named_by_type! {
    std::num::ParseFloatError, std::num::ParseIntError,
    std::num::TryFromIntError, std::str::Utf8Error, std::str::ParseBoolError,
    std::string::FromUtf8Error, std::string::FromUtf16Error, std::char::ParseCharError,
    std::char::CharTryFromError, std::char::TryFromCharError, std::char::DecodeUtf16Error,
    std::net::AddrParseError, std::array::TryFromSliceError, std::cell::BorrowError,
    std::cell::BorrowMutError, std::collections::TryReserveError, std::sync::mpsc::RecvError,
    std::time::SystemTimeError, std::time::TryFromFloatSecsError, std::alloc::LayoutError,
    std::ffi::NulError, std::ffi::IntoStringError, std::ffi::FromBytesWithNulError,
    std::ffi::FromBytesUntilNulError, std::ffi::FromVecWithNulError, std::path::StripPrefixError,
    std::env::JoinPathsError, std::thread::AccessError,
}

named_by_type! {
    [] (), [] str, [] String, [] Cow<'_, str>,
    [T] std::sync::PoisonError<T>, [T] mpsc::SendError<T>,
}

impl ErrorType for fmt::Error {
    fn error_type(&self) -> Cow<'static, str> {
        "std::Error".into()
    }
}

impl ErrorType for Infallible {
    fn error_type(&self) -> Cow<'static, str> {
        match *self {}
    }
}

impl ErrorType for io::Error {
    fn error_type(&self) -> Cow<'static, str> {
        self.kind().error_type()
    }
}

impl ErrorType for io::ErrorKind {
    fn error_type(&self) -> Cow<'static, str> {
        static LABELS: [OnceLock<String>; 64] = [const { OnceLock::new() }; 64];

        // `Debug` prints the variant's name, also for kinds that later compilers add.
        let name = || unsuppressed(|| format!("{self:?}"));
        let Some(slot) = LABELS.get(*self as usize) else {
            return name().map_or(Cow::Borrowed("Other"), Cow::Owned);
        };
        if slot.get().is_none()
            && let Some(name) = name()
        {
            // Not computed in `get_or_init`, which a tracked allocator could re-enter.
            let _ = slot.set(name);
        }
        slot.get()
            .map_or(Cow::Borrowed("Other"), |label| Cow::Borrowed(label))
    }
}

impl ErrorType for env::VarError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::NotPresent => "NotPresent".into(),
            Self::NotUnicode(_) => "NotUnicode".into(),
        }
    }
}

impl ErrorType for mpsc::RecvTimeoutError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Timeout => "Timeout".into(),
            Self::Disconnected => "Disconnected".into(),
        }
    }
}

impl ErrorType for mpsc::TryRecvError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Empty => "Empty".into(),
            Self::Disconnected => "Disconnected".into(),
        }
    }
}

impl<T> ErrorType for mpsc::TrySendError<T> {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Full(_) => "Full".into(),
            Self::Disconnected(_) => "Disconnected".into(),
        }
    }
}

impl<T> ErrorType for TryLockError<T> {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Poisoned(_) => "Poisoned".into(),
            Self::WouldBlock => "WouldBlock".into(),
        }
    }
}

impl ErrorType for fs::TryLockError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Error(error) => error.error_type(),
            Self::WouldBlock => "WouldBlock".into(),
        }
    }
}

impl ErrorType for slice::GetDisjointMutError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::IndexOutOfBounds => "IndexOutOfBounds".into(),
            Self::OverlappingIndices => "OverlappingIndices".into(),
        }
    }
}

/// The payload of a panic, as in [`std::thread::Result`], is labelled `panic`.
impl ErrorType for dyn Any + Send {
    fn error_type(&self) -> Cow<'static, str> {
        "panic".into()
    }
}

macro_rules! delegates {
    ($($type:ty),+) => {$(
        impl<E: ErrorType + ?Sized> ErrorType for $type {
            fn error_type(&self) -> Cow<'static, str> {
                (**self).error_type()
            }
        }
    )+};
}

delegates!(&E, &mut E, Box<E>, std::rc::Rc<E>, std::sync::Arc<E>);
