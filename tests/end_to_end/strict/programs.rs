//! Programs whose metrics are hard to export.

use mcp_metrics::ExporterBuilder;

use super::{clashes, inputs};

/// A series and its value in the text format.
type Expected = (&'static str, &'static [(&'static str, &'static str)], f64);

/// A program: the configuration of its exporter, what it records, and the expected output.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) configure: fn(ExporterBuilder) -> ExporterBuilder,
    pub(super) record: fn(),
    /// Series that the text format must have.
    pub(super) shown: &'static [Expected],
    /// Sample names that the text format must not have.
    pub(super) hidden: &'static [&'static str],
}

pub(super) const fn program(
    name: &'static str,
    record: fn(),
    shown: &'static [Expected],
    hidden: &'static [&'static str],
) -> Program {
    let configure = |builder| builder;
    Program {
        name,
        configure,
        record,
        shown,
        hidden,
    }
}

impl Program {
    pub(super) const fn with(mut self, configure: fn(ExporterBuilder) -> ExporterBuilder) -> Self {
        self.configure = configure;
        self
    }
}

/// Returns all programs. Except for the hub's families, they share no names, because a Pushgateway
/// keeps one kind per name.
pub(super) fn all() -> impl Iterator<Item = &'static Program> {
    static PROGRAMS: ([Program; 7], [Program; 15]) = (clashes::PROGRAMS, inputs::PROGRAMS);
    PROGRAMS.0.iter().chain(&PROGRAMS.1)
}
