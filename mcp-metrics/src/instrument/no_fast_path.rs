//! Replaces the fast path in a crate without the feature `exporter`.
//!
//! No recorder of this crate can then be installed, and all recordings go through the facade. The
//! types have no values, so the compiler removes the code that uses them.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use metrics::SharedString;

use super::{Callsite, CounterCallsite};
use crate::catalog::FamilyId;
use crate::classify::DeclaredLabels;
use crate::request_labels::RequestLabels;

#[derive(Debug)]
pub(crate) struct GlobalRegistry(Infallible);

impl GlobalRegistry {
    /// Returns `None`.
    #[inline]
    pub(crate) const fn installed() -> Option<&'static Self> {
        None
    }

    pub(super) const fn is_at(&self, _: usize) -> bool {
        match self.0 {}
    }

    pub(super) const fn dynamic_request(
        &self,
        _: &RequestLabels,
    ) -> Result<&'static RequestSeries, Arc<RequestSeries>> {
        match self.0 {}
    }

    pub(super) const fn increment(&self, _: FamilyId, _: &[SharedString]) {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(super) struct ShardedCounter(Infallible);

impl ShardedCounter {
    pub(super) const fn new(_: &CounterCallsite, registry: &GlobalRegistry) -> Self {
        match registry.0 {}
    }

    pub(super) const fn increment(&self) {
        match self.0 {}
    }
}

#[derive(Debug)]
pub(super) struct CallsiteSeries {
    pub(super) series: &'static RequestSeries,
    pub(super) place: Place,
}

impl CallsiteSeries {
    pub(super) const fn new(
        _: &Callsite,
        registry: &GlobalRegistry,
        _: Option<DeclaredLabels>,
    ) -> Self {
        match registry.0 {}
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Place(Infallible);

#[derive(Debug)]
pub(super) struct RequestSeries(Infallible);

/// Defines methods of a series that cannot exist.
macro_rules! methods {
    ($($name:ident($($parameter:ty),*);)+) => {
        impl RequestSeries {$(
            pub(super) fn $name(&self, $(_: $parameter),*) {
                match self.0 {}
            }
        )+}
    };
}

methods! {
    start_at(Place);
    succeed_at(Place, u64);
    fail_at(Place, u64, Cow<'static, str>);
    start_cached();
    succeed_cached(u64);
    fail_cached(u64, Cow<'static, str>);
    start();
    succeed(u64);
    fail(u64, Cow<'static, str>);
}
