//! The flags `stream` and `ok_if_dropped`.

use syn::{Error, Ident, Result, Signature};

use crate::attr::OutcomeArgs;
use crate::returns::Returns;
use crate::stream_place::StreamPlace;
use crate::value_type::ValueType;

/// A stream in a function's value, with which the request ends.
pub(super) struct Opened {
    pub(super) place: StreamPlace,
    /// The type of the value, which fails the request without the stream.
    pub(super) value: ValueType,
}

impl Opened {
    /// Checks the flags. Returns the stream in the function's value if there is the flag `stream`.
    /// `by_hand` is the code that tracks other streams.
    pub(super) fn of(args: &OutcomeArgs, sig: &Signature, by_hand: &str) -> Result<Option<Self>> {
        let returns_stream = matches!(Returns::of(sig), Returns::Stream(_));
        match (&args.stream, &args.ok_if_dropped) {
            (Some(flag), _) if returns_stream => Err(Error::new(
                flag.span(),
                "`stream` is redundant: this function returns the stream itself, and its request \
                 ends with the stream anyway; remove `stream`",
            )),
            (Some(flag), _) => Self::in_value(flag, sig, by_hand).map(Some),
            (None, Some(flag)) if !returns_stream => {
                Err(Error::new(flag.span(), without_stream(sig)))
            }
            (None, _) => Ok(None),
        }
    }

    /// Returns the type of the values that determine the outcome: the items of the stream, if there
    /// is one.
    pub(super) fn value_of(opened: Option<&Self>, sig: &Signature) -> ValueType {
        match opened {
            None => ValueType::of(sig),
            Some(opened) => ValueType::of_value(Some(opened.place.item()), sig),
        }
    }

    fn in_value(flag: &Ident, sig: &Signature, by_hand: &str) -> Result<Self> {
        let place = StreamPlace::of(sig).ok_or_else(|| {
            Error::new(
                flag.span(),
                format!(
                    "`stream` requires a return type that shows the stream: `impl Stream<…>`, \
                     `BoxStream<…>` or `Pin<Box<dyn Stream<…>>>`, alone or in a `Result` or an \
                     `Option`; remove `stream`, or track a stream of another type where it is \
                     created: `{by_hand}`"
                ),
            )
        })?;
        let value = if place.depth == 0 {
            ValueType::of_value(None, sig)
        } else {
            ValueType::of(sig)
        };
        Ok(Self { place, value })
    }
}

/// Returns the error about `ok_if_dropped` on a function whose request does not end with a stream.
fn without_stream(sig: &Signature) -> &'static str {
    if StreamPlace::of(sig).is_some() {
        "`ok_if_dropped` requires a request that ends with the stream; add `stream`"
    } else {
        "`ok_if_dropped` requires a function that returns a stream: it is the outcome of a stream \
         that is dropped before its end; remove `ok_if_dropped`"
    }
}
