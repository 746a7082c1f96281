//! The recordings that the tests of the kit make for MCP servers are those of the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use mcp_metrics::{
    Exporter,
    catalog::{self, Kind},
};
use mcp_metrics_tests::{Scrape, mcp};

use crate::names::{Names, set};

/// Returns the sets of label names of each family's series in a scrape.
fn label_names(scrape: &Scrape) -> BTreeMap<&str, BTreeSet<Names>> {
    let mut names = BTreeMap::<_, BTreeSet<_>>::new();
    for (name, labels, _) in &scrape.samples {
        let labels: Names = labels.keys().cloned().collect();
        names.entry(&**name).or_default().insert(labels);
    }
    names
}

#[test]
fn recordings_of_tests_have_the_names_kinds_and_labels_of_the_catalogue() {
    let builder = Exporter::builder().without_system_metrics();
    let (recorder, exporter) = builder.build().expect("a valid configuration");
    metrics::with_local_recorder(&recorder, mcp::everything);
    let scrape = Scrape::parse(&exporter.render());
    let families = label_names(&scrape);
    for family in catalog::mcp::FAMILIES {
        let name = family.name;
        assert_eq!(
            scrape.kind.get(name).map(String::as_str),
            Some(family.kind.as_str()),
            "{name}"
        );
        let sample = match family.kind {
            Kind::Histogram => format!("{name}_count"),
            _ => name.to_owned(),
        };
        let labels = &families[&*sample];
        let all = set(family.labels);
        let required = &all - &set(family.optional_labels);
        for labels in labels {
            assert!(required.is_subset(labels), "{name}: {labels:?}");
        }
        let seen: Names = labels.iter().flatten().cloned().collect();
        // No test needs the prompts that a hub requests from other servers.
        let prompts = set(&["gen_ai_prompt_name"]);
        assert_eq!(&seen | &prompts, &all | &prompts, "{name}");
    }
}
