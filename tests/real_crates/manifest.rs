//! The manifests of laid out crates.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

use crate::source::Source;

/// How the members are built. Recording a request takes ten times as long if it is not optimised,
/// which in a test that makes millions of calls is minutes; optimising all else takes longer than it
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

/// A workspace of these folders.
pub(crate) fn of_workspace(members: impl Iterator<Item = String>) -> String {
    let members: Vec<_> = members.map(|member| format!("{member:?}")).collect();
    let members = members.join(", ");
    format!("[workspace]\nresolver = \"2\"\nmembers = [{members}]\n{PROFILE}")
}

/// The manifest of a crate as a member: with the tests as its only other programs, without what
/// only a benchmark needs, and if it is `tracked` with our crate.
pub(crate) fn of_member(source: &Source, tracked: bool) -> String {
    let text = fs::read_to_string(source.root.join("Cargo.toml")).expect("a manifest");
    let mut manifest: Table = text.parse().expect("cargo has read it before");
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
        keep_used(target.as_table_mut().expect("a table"), &code);
    }
    let defaults = table(&mut manifest, "features");
    let defaults = defaults
        .entry("default")
        .or_insert_with(|| Value::Array(Vec::new()));
    let features = source
        .features
        .iter()
        .map(|feature| feature.as_str().into());
    defaults.as_array_mut().expect("a list").extend(features);
    let for_tests = table(&mut manifest, "dev-dependencies");
    for_tests.extend(source.for_tests.clone());
    if tracked {
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mcp-metrics");
        let mut ours = path_dependency(&ours);
        // The one feature that the attribute itself asks for, where a function returns a stream.
        let features = Value::from(vec!["stream"]);
        let table_of_ours = ours.as_table_mut().expect("a table");
        table_of_ours.insert("features".to_owned(), features);
        table(&mut manifest, "dependencies").insert("mcp-metrics".to_owned(), ours);
    }
    toml::to_string(&manifest).expect("it was TOML before")
}

/// Whether a test compares what the compiler says of a program, which is the compiler's business.
pub(crate) fn is_left_out(test: &Path) -> bool {
    fs::read_to_string(test).is_ok_and(|code| code.contains("trybuild::"))
}

/// A dependency on a crate in this folder, without its default features.
pub(crate) fn path_dependency(folder: &Path) -> Value {
    let mut dependency = Table::new();
    dependency.insert("path".to_owned(), folder.to_str().expect("a text").into());
    dependency.insert("default-features".to_owned(), false.into());
    dependency.into()
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
        } else if path.extension().is_some_and(|rs| rs == "rs") && !is_left_out(&path) {
            code.push_str(&fs::read_to_string(path).expect("a text"));
        }
    }
    code
}

/// The table of this name.
fn table<'a>(manifest: &'a mut Table, name: &str) -> &'a mut Table {
    let table = manifest.entry(name).or_insert_with(|| Table::new().into());
    table.as_table_mut().expect("a table")
}
