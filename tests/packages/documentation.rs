//! The section with queries in the documentation of packages, by target, visibility, argument and
//! environment variable.

mod sources;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use sources::{LIBRARY, NOT_SHOWN, PROGRAM, SHOWN};

use crate::package::{Package, cargo, temporary, write_if_changed};

/// The variables that the macros read.
const VARIABLES: [&str; 3] = [
    "MCP_METRICS_DOCS",
    "MCP_METRICS_NAMESPACE",
    "PROMETHEUS_URL",
];

/// All builds are in one target directory, which shows that a changed variable rebuilds.
static TARGET: Mutex<()> = Mutex::new(());

fn target() -> PathBuf {
    temporary().join("target-documentation")
}

fn run(command: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let package = Package {
        name: "documentation",
        edition: "2024",
        dependencies: "mcp-metrics = { path = \"{repository}/mcp-metrics\", \
                       default-features = false }",
        source: LIBRARY,
    };
    let folder = package.write();
    for program in ["src/bin/tool.rs", "examples/sample.rs"] {
        let path = folder.join(program);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        write_if_changed(&path, PROGRAM);
    }
    let mut cargo: Command = cargo(&folder, command);
    for name in VARIABLES {
        cargo.env_remove(name);
    }
    cargo
        .args(arguments)
        .envs(variables.iter().copied())
        .env("CARGO_TARGET_DIR", target())
        .env("RUSTDOCFLAGS", "-Dwarnings")
        .output()
        .expect("Cargo starts")
}

/// Returns the text of all pages of a crate.
fn pages(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("rustdoc writes the folder");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths
        .map(|path| match path.extension() {
            _ if path.is_dir() => pages(&path),
            Some(extension) if extension == "html" => {
                fs::read_to_string(&path).expect("a readable page")
            }
            _ => String::new(),
        })
        .collect()
}

/// Returns the pages of the library, the binary and the example.
fn document(variables: &[(&str, &str)]) -> [String; 3] {
    document_with(&[], variables)
}

fn document_with(options: &[&str], variables: &[(&str, &str)]) -> [String; 3] {
    let _guard = TARGET.lock().unwrap_or_else(PoisonError::into_inner);
    let mut arguments = vec!["--no-deps", "--document-private-items"];
    arguments.extend(["--lib", "--bins", "--examples"]);
    arguments.extend(options);
    let output = run("doc", &arguments, variables);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    ["documentation", "tool", "sample"]
        .map(|name| pages(&target().join("doc").join(name)).replace("&quot;", "\""))
}

/// Returns the operations whose queries are in the pages.
fn shown(pages: &str) -> BTreeSet<&str> {
    let operations = pages.split("operation=\"").skip(1);
    operations
        .filter_map(|rest| Some(rest.split_once('"')?.0))
        .collect()
}

#[test]
fn section_is_off_for_public_items_of_libraries_only() {
    let [library, binary, example] = document(&[]);
    assert_eq!(shown(&library), BTreeSet::from(SHOWN));
    assert!(library.contains("mcp_hub_requests_total{agent=\"a\", operation=\"private\"}"));
    let program = BTreeSet::from(["public_of_program"]);
    assert_eq!(shown(&binary), program);
    assert_eq!(shown(&example), program);
    // An empty variable is an unset one.
    let empty = document(&VARIABLES.map(|name| (name, "")));
    assert_eq!(empty, [library, binary, example]);
}

#[test]
fn variable_turns_the_section_on_everywhere_with_the_namespace() {
    let variables = [
        ("MCP_METRICS_DOCS", "1"),
        ("MCP_METRICS_NAMESPACE", "acme_2"),
        ("PROMETHEUS_URL", "http://prometheus:9090"),
    ];
    let [library, binary, _] = document(&variables);
    let all: BTreeSet<_> = SHOWN.into_iter().chain(NOT_SHOWN).collect();
    assert_eq!(shown(&library), all);
    assert_eq!(
        shown(&binary),
        BTreeSet::from(["public_of_program", "without_docs"])
    );
    assert!(library.contains("sum(acme_2_active_operations{agent=\"a\"})"));
    assert!(library.contains("http://prometheus:9090/graph?g0.expr=sum%28rate%28acme_2_"));
    assert!(!library.contains("mcp_hub"));
}

#[test]
fn variable_turns_the_section_off_everywhere() {
    for pages in document(&[("MCP_METRICS_DOCS", "0")]) {
        assert_eq!(shown(&pages), BTreeSet::new());
    }
}

#[test]
fn variable_in_the_configuration_of_cargo_is_read() {
    // As in `.cargo/config.toml`.
    let options = ["--config", "env.MCP_METRICS_DOCS = \"1\""];
    let [library, ..] = document_with(&options, &[]);
    assert!(shown(&library).contains("public"));
    let [library, ..] = document(&[]);
    assert!(!shown(&library).contains("public"));
}

#[test]
fn invalid_variable_is_an_error_with_its_value_and_the_expected_ones() {
    const DOCS: &str = "be `0`, `1` or unset";
    const LETTERS: &str = "consist of ASCII letters, digits and underscores";
    const KEPT: &str = "not be the prefix of metrics that keep their names";
    let docs = ["2", "yes", "true", " 1", "01"].map(|value| (VARIABLES[0], value, DOCS));
    let namespaces = [
        ("ac-me", LETTERS),
        ("ac me", LETTERS),
        ("acmé", LETTERS),
        ("a:b", LETTERS),
        ("a\nb", LETTERS),
        ("2acme", "not start with a digit"),
        ("acme_", "not end with an underscore, which is added"),
        ("process", KEPT),
        ("mcp_server_x", KEPT),
    ];
    let namespaces = namespaces.map(|(value, expected)| (VARIABLES[1], value, expected));
    let _guard = TARGET.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, value, expected) in docs.into_iter().chain(namespaces) {
        let output = run("check", &[], &[(name, value)]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{name}={value:?}");
        let value = value.escape_debug();
        let error = format!("{name} must {expected} (got `{value}`)");
        assert!(errors.contains(&error), "{error} in: {errors}");
    }
}
