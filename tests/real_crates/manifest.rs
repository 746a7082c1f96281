//! The manifests of copied crates.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::source::Source;

/// The build profile of the members. Recording takes ten times as long without optimisation, which
/// is minutes in a test with millions of calls. Optimising everything else takes longer than it
/// saves.
const PROFILE: &str = r"
[profile.dev]
debug = false
incremental = false

[profile.dev.package.mcp-metrics]
opt-level = 1

[profile.dev.package.metrics]
opt-level = 1
";

/// Returns the manifest of a workspace of these folders.
pub(crate) fn of_workspace(members: impl Iterator<Item = String>) -> String {
    let members: Vec<_> = members.map(|member| format!("{member:?}")).collect();
    let members = members.join(", ");
    format!("[workspace]\nresolver = \"2\"\nmembers = [{members}]\n{PROFILE}")
}

/// Returns the manifest of a crate as a member: with tests, without benchmarks, examples and their
/// dependencies, and with `mcp-metrics` if it is `tracked`.
pub(crate) fn of_member(source: &Source, tracked: bool) -> String {
    let text = fs::read_to_string(source.root.join("Cargo.toml"));
    let text = text.expect("the manifest can be read");
    let mut manifest: Table = text.parse().expect("cargo has parsed it before");
    for part in ["bench", "example", "profile", "badges", "workspace"] {
        manifest.remove(part);
    }
    if let Some(tests) = manifest.get_mut("test").and_then(Value::as_array_mut) {
        tests.retain(|test| {
            let path = test.get("path").and_then(Value::as_str);
            path.is_none_or(|path| !is_left_out(&source.root.join(path)))
        });
    }
    let package = table(&mut manifest, "package");
    package.insert("autobenches".to_owned(), false.into());
    package.insert("autoexamples".to_owned(), false.into());
    let code = code(&source.root.join("src")) + &code(&source.root.join("tests"));
    keep_used(&mut manifest, &code);
    let targets = manifest.get_mut("target").and_then(Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        keep_used(target.as_table_mut().expect("a target is a table"), &code);
    }
    let defaults = table(&mut manifest, "features");
    let defaults = defaults
        .entry("default")
        .or_insert_with(|| Value::Array(Vec::new()));
    let features = source
        .features
        .iter()
        .map(|feature| feature.as_str().into());
    let defaults = defaults.as_array_mut().expect("a feature is a list");
    defaults.extend(features);
    let for_tests = table(&mut manifest, "dev-dependencies");
    for_tests.extend(source.for_tests.clone());
    if tracked {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mcp-metrics");
        let mut dependency = path_dependency(&path);
        // `#[tracked]` needs this feature for functions that return a stream.
        let features = Value::from(vec!["stream"]);
        let options = dependency.as_table_mut().expect("it is a table");
        options.insert("features".to_owned(), features);
        table(&mut manifest, "dependencies").insert("mcp-metrics".to_owned(), dependency);
    }
    toml::to_string(&manifest).expect("it was TOML before")
}

/// Returns whether a test compares compiler messages, which depend on the compiler's version.
pub(crate) fn is_left_out(test: &Path) -> bool {
    fs::read_to_string(test).is_ok_and(|code| code.contains("trybuild::"))
}

/// Returns a dependency on a crate in this folder, without its default features.
pub(crate) fn path_dependency(folder: &Path) -> Value {
    let mut dependency = Table::new();
    dependency.insert(
        "path".to_owned(),
        folder.to_str().expect("the path is UTF-8").into(),
    );
    dependency.insert("default-features".to_owned(), false.into());
    dependency.into()
}

/// Removes the dev-dependencies that `code` does not name.
fn keep_used(manifest: &mut Table, code: &str) {
    table(manifest, "dev-dependencies").retain(|name, _| code.contains(&name.replace('-', "_")));
}

/// Returns all Rust code in a folder.
fn code(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            code.push_str(&self::code(&path));
        } else if path.extension().is_some_and(|rs| rs == "rs") && !is_left_out(&path) {
            code.push_str(&fs::read_to_string(path).expect("the file can be read"));
        }
    }
    code
}

/// Returns the table with this name, which is created if it is missing.
fn table<'a>(manifest: &'a mut Table, name: &str) -> &'a mut Table {
    let table = manifest.entry(name).or_insert_with(|| Table::new().into());
    table.as_table_mut().expect("it is a table")
}
