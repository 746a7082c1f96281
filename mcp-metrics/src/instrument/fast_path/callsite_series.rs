//! The series of a callsite of requests.

use super::GlobalRegistry;
use crate::classify::DeclaredLabels;
use crate::instrument::Callsite;
use crate::reentrancy;
use crate::storage::{LabelSource, Place, RequestSeries};

/// The series of a callsite, and its place in each thread's table.
#[derive(Debug)]
pub(in crate::instrument) struct CallsiteSeries {
    pub(in crate::instrument) series: &'static RequestSeries,
    pub(in crate::instrument) place: Place,
}

impl CallsiteSeries {
    /// Finds or creates the series of a callsite, and starts failures with these labels at zero.
    pub(in crate::instrument) fn new(
        callsite: &Callsite,
        registry: &'static GlobalRegistry,
        labels: Option<DeclaredLabels>,
    ) -> Self {
        let _guard = reentrancy::suppress();
        let series = registry.pinned_request(&callsite.request_labels(), LabelSource::Static);
        if let Some(labels) = labels {
            series.declare_failures(&labels().collect());
        }
        Self {
            series,
            place: Place::next(registry.table_size),
        }
    }
}
