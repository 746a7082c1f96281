//! The families that are pushed.

use crate::catalog::{self, Kind, process};
use crate::encode::{Prometheus, Text};
use crate::metrics_source::MetricsSource;
use crate::snapshot::{Descriptor, Encoder, HistogramSnapshot, Labels};

/// The gauges of the catalogue that remain true after the end of the program.
const LASTING: [&str; 3] = [catalog::APP_INFO, catalog::UPTIME, process::START_TIME];

/// The metrics of one push, in the text format.
#[derive(Debug)]
pub(super) struct Pushed {
    /// The metrics of the program's group.
    pub(super) metrics: String,
    /// The time of the last success, if the program has recorded one. It has a group of its own, in
    /// which it outlives the pushes of later runs that fail.
    pub(super) last_success: Option<String>,
}

impl Pushed {
    /// Takes a snapshot. Omits the gauges of the catalogue that describe the moment of the push,
    /// unless `all` is true: the gateway would show them until the next run.
    pub(super) fn render(source: &MetricsSource, all: bool) -> Self {
        let mut selection = Selection {
            all,
            metrics: Text::with_capacity(0),
            last_success: Text::with_capacity(0),
            has_succeeded: false,
            target: Target::Metrics,
        };
        source.encode(&mut selection);
        let last_success = selection.last_success.finish();
        Self {
            metrics: selection.metrics.finish(),
            last_success: selection.has_succeeded.then_some(last_success),
        }
    }
}

/// An encoder that distributes the families.
struct Selection {
    all: bool,
    metrics: Text<Prometheus>,
    last_success: Text<Prometheus>,
    has_succeeded: bool,
    target: Target,
}

/// The destination of the current family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Metrics,
    LastSuccess,
    Omitted,
}

impl Selection {
    fn encoder(&mut self) -> Option<&mut Text<Prometheus>> {
        match self.target {
            Target::Metrics => Some(&mut self.metrics),
            Target::LastSuccess => Some(&mut self.last_success),
            Target::Omitted => None,
        }
    }
}

impl Encoder for Selection {
    fn family(&mut self, family: &Descriptor<'_>) {
        self.target = match family.catalogue_name {
            catalog::LAST_SUCCESS => Target::LastSuccess,
            name if !self.all && is_momentary(name) => Target::Omitted,
            _ => Target::Metrics,
        };
        if let Some(encoder) = self.encoder() {
            encoder.family(family);
        }
    }

    fn counter(&mut self, labels: Labels<'_>, value: u64) {
        if let Some(encoder) = self.encoder() {
            encoder.counter(labels, value);
        }
    }

    fn float_counter(&mut self, labels: Labels<'_>, value: f64) {
        if let Some(encoder) = self.encoder() {
            encoder.float_counter(labels, value);
        }
    }

    fn gauge(&mut self, labels: Labels<'_>, value: f64) {
        self.has_succeeded |= self.target == Target::LastSuccess;
        if let Some(encoder) = self.encoder() {
            encoder.gauge(labels, value);
        }
    }

    fn histogram(&mut self, labels: Labels<'_>, value: &HistogramSnapshot<'_>) {
        if let Some(encoder) = self.encoder() {
            encoder.histogram(labels, value);
        }
    }
}

/// Returns whether a family describes the machine, the process or what is in flight.
fn is_momentary(name: &str) -> bool {
    let family = catalog::family(name).or_else(|| process::family(name));
    family.is_some_and(|family| family.kind == Kind::Gauge) && !LASTING.contains(&name)
}
