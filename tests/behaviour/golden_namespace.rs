//! Full scrapes of the program of `golden.rs` under an installed exporter with another namespace:
//! those of the golden files with other names, in the order of these names.

use std::collections::BTreeMap;
use std::{fs, path::Path};

use mcp_metrics_tests::quiet_panics;

#[path = "golden/dump.rs"]
mod dump;
#[path = "golden/facade.rs"]
mod facade;
#[path = "golden/hub.rs"]
mod hub;
#[path = "golden/mask.rs"]
mod mask;
#[path = "golden/program.rs"]
mod program;
#[path = "golden/wire.rs"]
mod wire;

use program::Exported;

/// After the program's own families, so that the order of the families changes.
const NAMESPACE: &str = "zoo";

/// Returns the families of a scrape in their order, each with its lines. Lines of metadata start
/// with `#`, and the family's name is their word at `index`.
fn families(text: &str, index: usize) -> Vec<(String, String)> {
    let mut families = Vec::<(String, String)>::new();
    for line in text.split_inclusive('\n').filter(|line| *line != "# EOF\n") {
        let name = line.split_whitespace().nth(index).unwrap_or_default();
        match families.last_mut() {
            Some((family, lines)) if !line.starts_with('#') || name == family => {
                lines.push_str(line);
            }
            _ => families.push((name.to_owned(), line.to_owned())),
        }
    }
    families
}

/// Restores the default namespace in a text that must not contain it.
#[track_caller]
fn with_default_names(text: &str) -> String {
    assert!(!text.contains("mcp_hub"), "{text}");
    text.replace(&format!("{NAMESPACE}_"), "mcp_hub_")
}

fn golden(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let text = fs::read_to_string(folder.join(file)).expect("a golden file");
    assert!(!text.contains(&format!("{NAMESPACE}_")));
    text
}

/// Asserts that a scrape has the families of a golden file, apart from their order.
#[track_caller]
fn assert_same_families(file: &str, scrape: &str, index: usize) {
    let sorted = |text: &str| {
        families(text, index)
            .into_iter()
            .collect::<BTreeMap<_, _>>()
    };
    let (expected, actual) = (golden(file), scrape);
    let (expected, mut actual) = (sorted(&expected), sorted(actual));
    for (name, lines) in expected {
        assert_eq!(actual.remove(&name), Some(lines), "{file}: {name}");
    }
    assert_eq!(actual, BTreeMap::new(), "{file}");
}

#[test]
fn scrape_in_every_format_has_the_golden_files_families_under_other_names() {
    quiet_panics();
    let Exported {
        text,
        open_metrics,
        families: mut messages,
        mut summary,
    } = program::run(program::builder().namespace(NAMESPACE));

    let names = |text: &str| -> Vec<_> {
        let families = families(text, 2).into_iter();
        families.map(|(name, _)| name).collect()
    };
    let text_names = names(&text);
    assert!(text_names.is_sorted(), "{text_names:?}");
    let stem = |name: &String| match name.strip_suffix("_total") {
        Some("") | None => name.clone(),
        Some(stem) => stem.to_owned(),
    };
    let stems: Vec<_> = text_names.iter().map(stem).collect();
    assert_eq!(names(&open_metrics), stems);
    let messages_names: Vec<_> = messages.iter().map(|it| it.name.clone()).collect();
    assert_eq!(messages_names, text_names);

    let text = mask::text(&with_default_names(&text));
    assert_same_families("scrape.txt", &text, 2);
    let text = mask::text(&with_default_names(&open_metrics));
    assert_same_families("scrape.openmetrics.txt", &text, 2);
    for family in &mut messages {
        family.name = with_default_names(&family.name);
        let labels = family.metrics.iter_mut().flat_map(|it| &mut it.labels);
        labels.for_each(|(_, value)| *value = with_default_names(value));
    }
    mask::families(&mut messages);
    assert_same_families("scrape.protobuf.txt", &dump::text(&messages), 1);

    mask::summary(&mut summary);
    let summary = serde_json::to_string_pretty(&summary).expect("a summary is JSON");
    // The modules of the functions are those of this test.
    let summary = summary.replace("golden_namespace::", "golden::");
    let summary = with_default_names(&summary) + "\n";
    assert_eq!(summary, golden("summary.json"));
}
