//! The guides: their modules, and the metrics that they name.

use std::fs;
use std::path::{Path, PathBuf};

use mcp_metrics::catalog;
use mcp_metrics_tests::kit::text;

use crate::markdown::Document;

/// The longest guide that is read in a few minutes, in lines.
const MAX_LINES: usize = 250;

fn package() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../mcp-metrics")
}

/// Returns the name and the text of each guide.
pub(crate) fn sources() -> Vec<(String, String)> {
    let folder = package().join("docs/guide");
    let entries = fs::read_dir(folder).expect("the folder is readable");
    entries
        .map(|entry| {
            let path = entry.expect("the entry is readable").path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            (name.into_owned(), text(&path))
        })
        .collect()
}

/// Returns the guides, and the other documents that name metrics.
pub(crate) fn documents() -> Vec<(String, String)> {
    let mut documents = sources();
    let readme = package().join("../README.md");
    documents.push(("README".to_owned(), text(&readme)));
    let landing_page = package().join("docs/crate.md");
    documents.push(("crate".to_owned(), text(&landing_page)));
    documents
}

/// Returns the names in a text that begin like the crate's metrics. The tests of the monitoring kit
/// check the names of series that its rules record, which have colons.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
        .filter(|word| !word.trim_matches(':').contains(':'))
        .map(|word| word.trim_matches(':'))
        .filter(|word| word.starts_with("mcp_hub_") || word.starts_with("mcp_metrics_"))
        // Wildcards: `mcp_hub_*`.
        .filter(|word| !word.ends_with('_'))
}

/// Returns the family of a sample.
fn family(sample: &str) -> Option<&'static catalog::Family> {
    let suffixes = ["_bucket", "_sum", "_count"];
    let stem = suffixes.iter().find_map(|it| sample.strip_suffix(it));
    catalog::family(sample).or_else(|| catalog::family(stem?))
}

#[test]
fn every_guide_is_a_module_and_in_the_index() {
    let modules = text(&package().join("src/guide.rs"));
    let guides = sources();
    let index = guides.iter().find(|(name, _)| name == "index");
    let (_, index) = index.expect("the guides have an index");
    for (name, text) in &guides {
        let include = format!("include_str!(\"../docs/guide/{name}.md\")");
        assert!(modules.contains(&include), "no module for {name}.md");
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{name}.md has {lines} lines");
        if name != "index" {
            assert!(modules.contains(&format!("pub mod {name} {{}}")), "{name}");
            assert!(index.contains(&format!("| [`{name}`] |")), "{name}");
            assert!(text.contains("\n# Check "), "{name}.md lacks a check");
        }
    }
}

#[test]
fn named_metrics_are_in_the_catalogue() {
    let mut count = 0;
    for (document, text) in documents() {
        for name in names(&text) {
            assert!(family(name).is_some(), "{document}: unknown metric {name}");
            count += 1;
        }
    }
    assert!(count > 100, "only {count} names");
}

#[test]
fn metrics_guide_has_the_table_of_the_readme() {
    let documents = documents();
    let rows = |wanted: &str| -> Vec<_> {
        let (_, text) = documents
            .iter()
            .find(|(name, _)| name == wanted)
            .expect("the document exists");
        text.lines()
            .filter(|line| line.starts_with("| `mcp_hub_"))
            .collect()
    };
    assert_eq!(rows("metrics"), rows("README"));
    assert_eq!(rows("README").len(), catalog::FAMILIES.len());
}

#[test]
fn scrape_lines_have_the_labels_of_their_families() {
    // Labels of groups of the Pushgateway.
    let pushed = ["job", "instance", "push_group"];
    let mut lines = 0;
    for (document, text) in documents() {
        let blocks = Document::parse(&text).blocks;
        let scrapes = blocks.iter().filter(|block| block.language == "text");
        for line in scrapes.flat_map(|block| &block.lines) {
            let Some((sample, rest)) = line.split_once('{') else {
                continue;
            };
            let Some(family) = family(sample) else {
                continue;
            };
            let (labels, _) = rest.rsplit_once("} ").expect("a value");
            for label in labels.split("\",") {
                let (name, _) = label.split_once("=\"").expect("a label");
                assert!(
                    family.labels.contains(&name) || name == "le" || pushed.contains(&name),
                    "{document}: {} has no label {name}",
                    family.name
                );
            }
            lines += 1;
        }
    }
    assert!(lines > 30, "only {lines} lines");
}

#[test]
fn every_feature_is_in_the_tables() {
    let manifest: toml::Table = text(&package().join("Cargo.toml")).parse().expect("TOML");
    let features = manifest["features"].as_table().expect("a table");
    for (document, text) in documents() {
        if document != "README" && document != "crate" {
            continue;
        }
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let cells: Vec<_> = rows.filter_map(|row| row.split('|').nth(1)).collect();
        for feature in features.keys().filter(|name| *name != "default") {
            let listed = cells
                .iter()
                .any(|cell| cell.contains(&format!("`{feature}`")));
            assert!(listed, "{document} lacks the feature {feature}");
        }
    }
}
