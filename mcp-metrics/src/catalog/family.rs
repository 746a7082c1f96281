//! The type of a family.

use metrics::Unit;

/// The type of a family, as in Prometheus' `# TYPE` line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A value that only increases until the process ends.
    Counter,
    /// A value that can increase and decrease.
    Gauge,
    /// Observations counted in buckets, with their sum.
    Histogram,
}

impl Kind {
    /// Returns the kind as the exposition format spells it.
    ///
    /// ```
    /// assert_eq!(mcp_metrics::catalog::Kind::Gauge.as_str(), "gauge");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric family.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Family {
    /// The exported name, unless the exporter has another
    /// [namespace](crate::ExporterBuilder::namespace): see [`name_in`](Self::name_in).
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: Kind,
    /// The text of the `# HELP` line.
    pub help: &'static str,
    /// The unit of the value, if it has one.
    pub unit: Option<Unit>,
    /// Label names, the most significant first.
    pub labels: &'static [&'static str],
    /// Those of the label names that a series need not have.
    pub optional_labels: &'static [&'static str],
    /// Upper bounds of a histogram's buckets without `+Inf`; empty for other kinds.
    pub buckets: &'static [f64],
}
