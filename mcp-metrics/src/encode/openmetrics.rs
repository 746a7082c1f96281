//! OpenMetrics 1.0, as a dialect of the text encoder.
//!
//! Format: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use metrics::Unit;

use super::text::{Dialect, comment, comment_help, is_nameless};
use crate::catalog::Kind;
use crate::snapshot::{Descriptor, HistogramSnapshot};

/// OpenMetrics 1.0.
#[derive(Debug)]
pub(crate) enum OpenMetrics {}

impl Dialect for OpenMetrics {
    /// The marker by which parsers detect a truncated response.
    const END: &'static str = "# EOF\n";

    fn metadata(text: &mut String, family: &Descriptor<'_>) -> &'static str {
        let Descriptor {
            name,
            kind,
            help,
            unit,
            ..
        } = *family;
        // A counter's family is named without the suffix `_total`, its samples with it.
        let (name, kind, suffix) = match kind {
            Kind::Counter if is_nameless(name) => (name, "unknown", ""),
            Kind::Counter => match name.strip_suffix("_total") {
                Some(stem) => (stem, "counter", ""),
                None => (name, "counter", "_total"),
            },
            kind => (name, kind.as_str(), ""),
        };
        comment(text, "TYPE", name, kind);
        if let Some(unit) = unit.and_then(|unit| unit_of(name, unit)) {
            comment(text, "UNIT", name, unit);
        }
        comment_help(text, name, help, true);
        suffix
    }

    /// OpenMetrics allows a sum only if it can be a counter, and a count only with a sum.
    fn has_sum(histogram: &HistogramSnapshot<'_>) -> bool {
        let observes_negative = histogram.bounds.first().is_some_and(|bound| *bound < 0.0);
        !histogram.decreases && !histogram.sum.is_nan() && !observes_negative
    }
}

/// Returns the unit of a family for OpenMetrics, which requires the name to end with it.
fn unit_of(name: &str, unit: Unit) -> Option<&'static str> {
    // Counts have no unit.
    let unit = Some(unit.as_str()).filter(|_| unit != Unit::Count)?;
    let stem = name.strip_suffix(unit)?;
    stem.ends_with('_').then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Text;
    use crate::snapshot::{Encoder as _, Labels};

    #[test]
    fn openmetrics_counter_has_its_stem_as_family_and_total_as_suffix() {
        let encoded = |name| {
            let mut encoder = Text::<OpenMetrics>::with_capacity(0);
            encoder.family(&Descriptor {
                name,
                catalogue_name: name,
                kind: Kind::Counter,
                help: Some("A \"b\"."),
                unit: Some(Unit::Count),
            });
            let pairs = crate::snapshot::Pairs::Registered(&[]);
            let (text, extra) = ("x=\"1\"", None);
            encoder.counter(Labels { text, pairs, extra }, 2);
            encoder.finish()
        };
        assert_eq!(
            encoded("a_total"),
            "# TYPE a counter\n# HELP a A \\\"b\\\".\na_total{x=\"1\"} 2\n# EOF\n",
        );
        assert_eq!(
            encoded("hits"),
            "# TYPE hits counter\n# HELP hits A \\\"b\\\".\nhits_total{x=\"1\"} 2\n# EOF\n",
        );
        assert_eq!(
            encoded("_total"),
            "# TYPE _total unknown\n# HELP _total A \\\"b\\\".\n_total{x=\"1\"} 2\n# EOF\n",
        );
    }
}
