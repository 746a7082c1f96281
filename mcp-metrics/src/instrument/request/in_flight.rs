//! The request as something in flight.

use std::borrow::Cow;
use std::thread;

use super::{OnDrop, Request, Target};
use crate::instrument::clock::Instant;
use crate::instrument::in_flight::InFlight;

impl InFlight for Request {
    type Outcome = Option<Cow<'static, str>>;

    const UNRECORDED: Self = Self {
        target: Target::Ended,
        started: Instant::ZERO,
        panicking: false,
        on_drop: OnDrop::DetectPanic,
    };

    #[inline]
    fn read(&mut self, outcome: Option<Cow<'static, str>>) -> Option<Cow<'static, str>> {
        outcome
    }

    #[inline]
    fn end(&mut self, failure: Option<Cow<'static, str>>) {
        self.close(failure);
    }

    fn is_unwinding(&self) -> bool {
        thread::panicking() && !self.panicking
    }

    fn set_on_drop(&mut self, on_drop: OnDrop) {
        self.on_drop = on_drop;
    }
}
