//! Links between the documents of the repository, and the two copies of the README.

use std::fs;
use std::path::{Path, PathBuf};

use mcp_metrics_tests::kit::text;

use crate::markdown::{Document, LINKS};

const GUIDES: &str = "https://docs.rs/mcp-metrics/latest/mcp_metrics/guide/";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the Markdown files in the root and up to two folders below it, apart from the guides,
/// whose links rustdoc checks.
pub(crate) fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![(root(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && depth < 2 && !name.starts_with('.') && name != "target" {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|extension| extension == "md")
                && path
                    .parent()
                    .is_some_and(|folder| !folder.ends_with("docs"))
            {
                found.push(path);
            }
        }
    }
    found
}

fn is_relative(link: &str) -> bool {
    !link.contains("://") && !link.starts_with("mailto:")
}

/// Checks that the file of a link exists, and that the file has the heading.
fn check(document: &Path, link: &str) -> Result<(), String> {
    let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() {
        document.to_owned()
    } else {
        document.with_file_name("").join(file)
    };
    let found = target.exists()
        && (fragment.is_empty() || {
            let target = text(&target);
            let anchors = Document::parse(&target).anchors();
            anchors.iter().any(|anchor| anchor == fragment)
        });
    found
        .then_some(())
        .ok_or_else(|| format!("{}: broken link {link}", document.display()))
}

#[test]
fn relative_links_lead_to_files_and_headings() {
    let mut links = 0;
    for path in documents() {
        let document = text(&path);
        for link in Document::parse(&document).links() {
            if is_relative(link) {
                check(&path, link).unwrap();
                links += 1;
            }
        }
    }
    assert!(links > 20, "only {links} links");
}

#[test]
fn link_to_a_missing_file_or_heading_is_an_error() {
    let readme = root().join("README.md");
    assert_eq!(check(&readme, "SECURITY.md#hardening"), Ok(()));
    check(&readme, "SECURITY.md#softening").unwrap_err();
    check(&readme, "INSECURITY.md").unwrap_err();
}

#[test]
fn readme_links_to_every_guide() {
    let readme = text(&root().join("README.md"));
    let mut linked: Vec<_> = Document::parse(&readme)
        .links()
        .into_iter()
        .filter_map(|link| link.strip_prefix(GUIDES))
        .map(|path| {
            path.strip_suffix("/index.html")
                .expect("a page of a module")
        })
        .collect();
    linked.sort_unstable();
    let mut guides: Vec<_> = crate::guides::sources()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name != "index")
        .collect();
    guides.sort_unstable();
    assert_eq!(linked, guides);
}

/// The README is in the root for GitHub, and in the package for crates.io, which resolves relative
/// links from the package's folder in the repository.
#[test]
fn readme_of_the_package_is_the_readme_with_links_from_its_folder() {
    let readme = text(&root().join("README.md"));
    let mut expected = readme.clone();
    for link in Document::parse(&readme).links() {
        if is_relative(link) && !link.starts_with('#') {
            for (before, after) in LINKS {
                let link = format!("{link}{after}");
                expected =
                    expected.replace(&format!("{before}{link}"), &format!("{before}../{link}"));
            }
        }
    }
    let path = root().join("mcp-metrics/README.md");
    if std::env::var_os("MCP_METRICS_TESTS_BLESS").is_some() {
        fs::write(&path, &expected).expect("the README is writable");
    }
    assert!(
        text(&path) == expected,
        "mcp-metrics/README.md differs from README.md; update it with MCP_METRICS_TESTS_BLESS=1"
    );
}
