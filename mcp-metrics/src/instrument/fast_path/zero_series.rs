//! Series that start at zero: those whose labels are literals in the source.
//!
//! `rate` and `increase` need two samples. Of a counter that first appears with the value 1 they
//! miss the first event, and an alert on the first failure does not fire. So installing a recorder
//! creates the series of all callsites at zero.

use metrics::SharedString;

use super::GlobalRegistry;
use crate::instrument::callsite::registered_callsites;
use crate::instrument::collected::Collected as _;
use crate::instrument::counters::{BUILT_IN, RETRIES, RETRIES_EXHAUSTED, SEARCH, attempt_labels};
use crate::instrument::{Callsite, CounterCallsite, RetryLoop};
use crate::reentrancy;
use crate::storage::LabelSource;

/// Returns the number of callsites in the program.
pub(super) fn callsites() -> usize {
    registered_callsites().count() + counters().count() + BUILT_IN
}

/// Creates the series of all callsites, of retry loops with a literal service, and of search calls,
/// which have no labels.
pub(super) fn declare(registry: &'static GlobalRegistry) {
    registered_callsites().for_each(|callsite| declare_requests(callsite, registry));
    for counter in counters().chain([&SEARCH]) {
        counter.series(registry);
    }
    RetryLoop::list()
        .iter()
        .for_each(|retries| declare_retries(retries, registry));
}

/// Creates a callsite's series and those of the failures that its function's type declares.
fn declare_requests(callsite: &Callsite, registry: &'static GlobalRegistry) {
    let _guard = reentrancy::suppress();
    let series = registry.pinned_request(&callsite.request_labels(), LabelSource::Static);
    series.declare_failures(&(callsite.labels)().collect());
}

fn declare_retries(retries: &RetryLoop, registry: &'static GlobalRegistry) {
    let service = SharedString::const_str(retries.service);
    for attempt in attempt_labels(retries.attempts) {
        let values = [service.clone(), (*attempt).into()];
        registry.pinned_counter(RETRIES, &values, LabelSource::Static);
    }
    registry.pinned_counter(RETRIES_EXHAUSTED, &[service], LabelSource::Static);
}

/// Returns the callsites of counters in the program.
fn counters() -> impl Iterator<Item = &'static CounterCallsite> {
    CounterCallsite::list().iter()
}
