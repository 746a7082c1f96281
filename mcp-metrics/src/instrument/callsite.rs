//! Callsites: places in the source whose labels are literals.

use std::sync::OnceLock;

use metrics::SharedString;

use super::registry::GlobalRegistry;
use crate::classify::DeclaredLabels;
use crate::reentrancy;
use crate::storage::{LabelSource, Place, RequestKeys, RequestSeries};

/// A place in the source whose requests have literal labels.
///
/// `#[tracked]` with literal labels declares one per function.
#[derive(Debug)]
pub struct Callsite {
    agent: &'static str,
    operation: &'static str,
    series: OnceLock<CallsiteSeries>,
    keys: OnceLock<RequestKeys>,
    /// The error labels of the function's return type, as far as a static can name the type.
    labels: DeclaredLabels,
    module: &'static str,
    file: &'static str,
    line: u32,
}

/// The series of a callsite, and its place in each thread's table.
#[derive(Debug)]
pub(crate) struct CallsiteSeries {
    pub(crate) series: &'static RequestSeries,
    pub(crate) place: Place,
}

/// A callsite, collected by the linker.
#[derive(Debug)]
pub struct CallsiteEntry(pub &'static Callsite);

inventory::collect!(CallsiteEntry);

/// A function that is tracked under literal labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TrackedFunction {
    /// The label `agent`.
    pub agent: &'static str,
    /// The label `operation`.
    pub operation: &'static str,
    /// The module's path.
    pub module: &'static str,
    /// The path of the source file, as it was passed to the compiler.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
}

/// Returns the functions of this program that are [`#[tracked]`](macro@crate::tracked) under
/// literal labels, sorted by agent and operation. Functions that were never called are included.
///
/// The linker collects them. Functions with dynamic labels are not included, nor are functions that
/// the linker has removed because nothing refers to them.
///
/// ```
/// use mcp_metrics::{tracked, tracked_functions};
///
/// #[tracked("web_search", "search")]
/// fn search() {}
///
/// let search = tracked_functions().into_iter().find(|f| f.agent == "web_search").unwrap();
/// assert_eq!(search.operation, "search");
/// ```
#[must_use]
pub fn tracked_functions() -> Vec<TrackedFunction> {
    let mut functions: Vec<_> = registered_callsites().map(Callsite::function).collect();
    functions.sort_unstable();
    functions
}

pub(super) fn registered_callsites() -> impl Iterator<Item = &'static Callsite> {
    inventory::iter::<CallsiteEntry>().map(|CallsiteEntry(callsite)| *callsite)
}

impl Callsite {
    /// Creates a callsite for requests of `operation` by `agent`.
    #[must_use]
    pub const fn new(
        agent: &'static str,
        operation: &'static str,
        labels: DeclaredLabels,
        (module, file, line): (&'static str, &'static str, u32),
    ) -> Self {
        Self {
            agent,
            operation,
            series: OnceLock::new(),
            keys: OnceLock::new(),
            labels,
            module,
            file,
            line,
        }
    }

    fn function(&self) -> TrackedFunction {
        let Self {
            agent,
            operation,
            module,
            file,
            line,
            ..
        } = *self;
        TrackedFunction {
            agent,
            operation,
            module,
            file,
            line,
        }
    }

    #[inline]
    pub(crate) fn series(
        &'static self,
        registry: &'static GlobalRegistry,
        labels: Option<DeclaredLabels>,
    ) -> &'static CallsiteSeries {
        match self.series.get() {
            Some(series) => series,
            None => self.first_series(registry, labels),
        }
    }

    #[cold]
    fn first_series(
        &'static self,
        registry: &'static GlobalRegistry,
        labels: Option<DeclaredLabels>,
    ) -> &'static CallsiteSeries {
        self.series.get_or_init(|| {
            let _guard = reentrancy::suppress();
            let series = registry.pinned_request(&self.request_labels(), LabelSource::Static);
            if let Some(labels) = labels {
                series.declare_failures(&labels().collect());
            }
            CallsiteSeries {
                series,
                place: Place::next(registry.table_size),
            }
        })
    }

    /// Starts the callsite's series at zero.
    pub(super) fn declare(&'static self, registry: &'static GlobalRegistry) {
        let _guard = reentrancy::suppress();
        let series = registry.pinned_request(&self.request_labels(), LabelSource::Static);
        series.declare_failures(&(self.labels)().collect());
    }

    pub(crate) fn keys(&'static self) -> &'static RequestKeys {
        self.keys.get_or_init(|| {
            let _guard = reentrancy::suppress();
            RequestKeys::new(self.request_labels())
        })
    }

    fn request_labels(&self) -> [SharedString; 2] {
        [self.agent.into(), self.operation.into()]
    }
}
