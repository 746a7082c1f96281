//! The manifests of laid out crates.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

/// A workspace of these folders.
pub(crate) fn of_workspace<'a>(members: impl Iterator<Item = &'a str>) -> String {
    let members = members
        .map(|member| format!("{member:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    format!("[workspace]\nresolver = \"2\"\nmembers = [{members}]\n")
}

/// The manifest of the crate in `root` as a member: with the tests as its only other programs,
/// without what only a benchmark needs, and if it is `tracked` with our crate.
pub(crate) fn of_member(root: &Path, tracked: bool) -> String {
    let text = fs::read_to_string(root.join("Cargo.toml")).expect("a manifest");
    let mut manifest: Table = text.parse().expect("cargo has read it before");
    for part in ["bench", "example", "profile", "badges", "workspace"] {
        manifest.remove(part);
    }
    let package = table(&mut manifest, "package");
    package.insert("autobenches".to_owned(), false.into());
    package.insert("autoexamples".to_owned(), false.into());
    if tracked {
        table(&mut manifest, "dependencies").insert("mcp-metrics".to_owned(), ours());
    }
    let code = code(&root.join("src")) + &code(&root.join("tests"));
    keep_used(&mut manifest, &code);
    let targets = manifest.get_mut("target").and_then(Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        keep_used(target.as_table_mut().expect("a table"), &code);
    }
    toml::to_string(&manifest).expect("it was TOML before")
}

/// Drops the dependencies of tests that no test names.
fn keep_used(manifest: &mut Table, code: &str) {
    table(manifest, "dev-dependencies").retain(|name, _| code.contains(&name.replace('-', "_")));
}

/// All code in a folder.
fn code(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            code.push_str(&self::code(&path));
        } else if path.extension().is_some_and(|rs| rs == "rs") {
            code.push_str(&fs::read_to_string(path).expect("a text"));
        }
    }
    code
}

/// Our crate as a dependency: with no more than the attribute needs.
fn ours() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mcp-metrics");
    let mut ours = Table::new();
    ours.insert("path".to_owned(), path.to_str().expect("a text").into());
    ours.insert("default-features".to_owned(), false.into());
    ours.into()
}

/// The table of this name.
fn table<'a>(manifest: &'a mut Table, name: &str) -> &'a mut Table {
    let table = manifest.entry(name).or_insert_with(|| Table::new().into());
    table.as_table_mut().expect("a table")
}
