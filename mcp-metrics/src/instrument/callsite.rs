//! Callsites: places in the source whose labels are literals.

use std::sync::OnceLock;

use super::collected::{Collected as _, collected};
use super::fast_path::{CallsiteSeries, GlobalRegistry};
use super::request::FacadeKeys;
use crate::classify::DeclaredLabels;
use crate::reentrancy;
use crate::request_labels::RequestLabels;

/// A place in the source whose requests have literal labels.
///
/// `#[tracked]` with literal labels declares one per function.
#[derive(Debug)]
pub struct Callsite {
    agent: &'static str,
    operation: &'static str,
    series: OnceLock<CallsiteSeries>,
    keys: OnceLock<FacadeKeys>,
    /// The error labels of the function's return type, as far as a static can name the type.
    #[cfg_attr(
        not(feature = "exporter"),
        expect(dead_code, reason = "no series is created before its first request")
    )]
    pub(super) labels: DeclaredLabels,
    module: &'static str,
    file: &'static str,
    line: u32,
}

collected!(Callsite);

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
/// They are collected before `main`. Functions with dynamic labels are not included, nor are
/// functions that the linker has removed because nothing refers to them.
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
    Callsite::list().iter()
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

    /// Returns the callsite's series. The first call declares failures with these labels.
    #[inline]
    pub(super) fn series(
        &self,
        registry: &'static GlobalRegistry,
        labels: Option<DeclaredLabels>,
    ) -> &CallsiteSeries {
        match self.series.get() {
            Some(series) => series,
            None => self.first_series(registry, labels),
        }
    }

    #[cold]
    fn first_series(
        &self,
        registry: &'static GlobalRegistry,
        labels: Option<DeclaredLabels>,
    ) -> &CallsiteSeries {
        self.series
            .get_or_init(|| CallsiteSeries::new(self, registry, labels))
    }

    /// Returns the keys for recorders that are not the installed one.
    pub(super) fn keys(&self) -> &FacadeKeys {
        self.keys.get_or_init(|| {
            let _guard = reentrancy::suppress();
            FacadeKeys::new(self.request_labels())
        })
    }

    pub(super) fn request_labels(&self) -> RequestLabels {
        RequestLabels::new(self.agent.into(), self.operation.into())
    }
}
