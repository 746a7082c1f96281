//! The text format told in OpenMetrics' words.
//!
//! Format: <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::collections::HashSet;

use super::Exposition;
use crate::catalog::{self, Kind};

/// Every text ends in this line, by which a reader knows that nothing is missing.
const END: &str = "# EOF\n";

/// Tells all there is.
pub(crate) fn openmetrics(exposition: &Exposition<'_>) -> String {
    let names: HashSet<&str> = exposition.families.keys().map(AsRef::as_ref).collect();
    let blocks = exposition.families.values();
    // Comments are a little longer than they were: by a unit, or an escaped quotation mark.
    let lengths = blocks.map(|block| block.length() + block.header.len());
    let mut told = String::with_capacity(lengths.sum::<usize>() + END.len());
    for (name, block) in &exposition.families {
        let kind = block.kind();
        let stem = match kind {
            "counter" => name.strip_suffix("_total").unwrap_or(name),
            _ => name,
        };
        // A counter is called by its name without `_total`, which another family may have.
        let is_taken = stem.len() < name.len() && names.contains(stem);
        let (family, kind, suffix) = match kind {
            "counter" if is_taken => (&**name, "unknown", ""),
            "counter" if stem.len() == name.len() => (stem, kind, "_total"),
            "untyped" | "" => (&**name, "unknown", ""),
            kind => (stem, kind, ""),
        };
        line(&mut told, "TYPE", family, kind);
        if let Some(unit) = unit(name, family) {
            line(&mut told, "UNIT", family, unit);
        }
        if let Some(help) = block.help() {
            line(&mut told, "HELP", family, &help.replace('"', "\\\""));
        }
        if suffix.is_empty() {
            block.print(&mut told);
            continue;
        }
        for line in block.series().split_inclusive('\n') {
            told.push_str(name);
            told.push_str(suffix);
            told.push_str(line.strip_prefix(&**name).unwrap_or(line));
        }
    }
    told.push_str(END);
    told
}

fn line(told: &mut String, word: &str, family: &str, text: &str) {
    for part in ["# ", word, " ", family, " ", text, "\n"] {
        told.push_str(part);
    }
}

/// The unit of a family that is known, which its name has to end in.
fn unit(name: &str, family: &str) -> Option<&'static str> {
    let known = catalog::family(name)?;
    let unit = match known.kind {
        // What is counted is not a unit.
        Kind::Counter => None,
        _ => known.unit,
    }?;
    let unit = match unit {
        metrics::Unit::Count => return None,
        unit => unit.as_str(),
    };
    family
        .strip_suffix(unit)
        .is_some_and(|stem| stem.ends_with('_'))
        .then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        openmetrics(&Exposition::parse(text))
    }

    #[test]
    fn counters_are_called_by_their_stem_and_counted_by_their_total() {
        assert_eq!(
            told("# HELP a_total A \"b\".\n# TYPE a_total counter\na_total{x=\"1\"} 2\n"),
            "# TYPE a counter\n# HELP a A \\\"b\\\".\na_total{x=\"1\"} 2\n# EOF\n",
        );
        assert_eq!(
            told("# TYPE hits counter\nhits 2\n"),
            "# TYPE hits counter\nhits_total 2\n# EOF\n",
        );
    }

    #[test]
    fn a_stem_that_another_family_has_is_left_to_it() {
        assert_eq!(
            told("# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 2\n"),
            "# TYPE a gauge\na 1\n# TYPE a_total unknown\na_total 2\n# EOF\n",
        );
    }
}
