//! Counters of the exporter that are not whole numbers.

use metrics::Gauge;

use super::facade::{Facade, render};
use super::series::{Handle, Series};
use crate::catalog::Kind;

impl Facade {
    /// Returns the value of a counter without labels of its own. Returns `None` if the program has
    /// registered a metric of this name.
    ///
    /// Such a counter is not available through the `metrics` facade, whose counters are whole
    /// numbers: a handle that the program registers later does nothing.
    pub(super) fn register_float_counter(&self, name: &'static str) -> Option<Gauge> {
        let mut state = self.state();
        state.check(name, Kind::Counter, &[]).ok()?;
        let labels = self.with_globals(&[]);
        let text = render(&labels);
        let series = state.find(name, &text).unwrap_or_else(|| {
            let id = state.next_id();
            let handle = Handle::FloatCounter(self.exporter().gauge(id));
            state.add(Series::new(id, name, labels, text, None, handle))
        });
        match &series.handle {
            Handle::FloatCounter(value) => Some(value.clone()),
            _ => None,
        }
    }
}
