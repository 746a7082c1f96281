//! A package that depends on a crate that re-exports this one.

use std::sync::Once;

use crate::package::Package;

/// Writes a company's crate, which re-exports this one as a module and as itself. Once, since tests
/// run in parallel.
fn write_telemetry() {
    static WRITTEN: Once = Once::new();

    let telemetry = Package {
        name: "telemetry",
        edition: "2024",
        dependencies: r#"
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false, features = ["retry"] }
"#,
        source: "pub use mcp_metrics;\npub use mcp_metrics::*;\n",
    };
    WRITTEN.call_once(|| {
        telemetry.write();
    });
}

fn package<'a>(name: &'a str, source: &'a str) -> Package<'a> {
    write_telemetry();
    Package {
        name,
        edition: "2024",
        dependencies: "telemetry = { path = \"../telemetry\" }",
        source,
    }
}

/// Each macro, by a path that is replaced.
const USES: &str = r#"
use {path}::tracked;

#[derive(Debug, {path}::ErrorType)]{derive}
pub enum Failure {
    One,
    #[error_type(transparent)]
    Io(std::io::Error),
}

#[{path}::tracked("a"{argument})]
pub fn sync() -> Result<(), Failure> {
    Err(Failure::One)
}

#[{path}::tracked("a"{argument})]
pub async fn asynchronous() -> Result<(), Failure> {
    std::future::ready(Ok(())).await
}

#[{path}::tracked_execution{parentheses}]
#[{path}::tracked_cache("c"{argument})]
pub fn events() -> Option<u8> {
    None
}

#[{path}::tracked_search{parentheses}]
pub fn search() {}

#[{path}::tracked_llm("p", "m", usage = |_: &u8| {path}::TokenUsage { input: 1, output: 1 }{argument})]
pub async fn call() -> Result<u8, Failure> {
    std::future::ready(Ok(1)).await
}

#[{path}::tracked_retry("s", attempts = 2{argument})]
pub fn generated() -> Result<(), Failure> {
    sync()
}

#[{path}::tracked_retry("s"{argument})]
pub fn counted() -> Result<(), Failure> {
    for _ in 0..3 {}
    sync()
}

pub struct Store;

#[tracked("a"{argument})]
impl Store {
    #[tracked(operation = "named")]
    pub fn named(&self) -> Result<(), Failure> {
        sync()
    }
}
"#;

fn uses(path: &str, argument: &str) -> String {
    let (argument, parentheses, derive) = match argument {
        "" => Default::default(),
        krate => (
            format!(", crate = {krate}"),
            format!("(crate = {krate})"),
            format!("\n#[error_type(crate = {krate})]"),
        ),
    };
    USES.replace("{path}", path)
        .replace("{argument}", &argument)
        .replace("{parentheses}", &parentheses)
        .replace("{derive}", &derive)
}

#[test]
fn missing_dependency_is_one_error_per_macro_with_both_remedies() {
    let source = uses("telemetry::mcp_metrics", "");
    let errors = package("dependency-missing", &source).check();
    // The method's own attribute belongs to that of the block.
    let own = source.matches("#[tracked(operation").count();
    let macros = source.matches("#[").count() - source.matches("#[error_type").count() - own;
    assert_eq!(errors.len(), macros, "{errors:#?}");
    for error in &errors {
        for text in [
            "does not depend on `mcp-metrics`",
            "`extern crate telemetry as mcp_metrics;`",
            "crate = telemetry::mcp_metrics",
        ] {
            assert!(error.message.contains(text), "{error:#?}");
        }
        assert!(error.line.starts_with("#["), "{error:#?}");
    }
}

#[test]
fn crate_argument_replaces_the_dependency() {
    let source = uses("telemetry::mcp_metrics", "telemetry::mcp_metrics");
    package("dependency-by-argument", &source).compiles();
}

#[test]
fn extern_crate_replaces_the_dependency_in_the_whole_crate() {
    let source = format!(
        "extern crate telemetry as mcp_metrics;\n\npub mod inner {{ pub mod innermost {{ {} }} }}\n",
        uses("mcp_metrics", "")
    );
    package("dependency-by-extern-crate", &source).compiles();
}

#[test]
fn extern_crate_allows_imports_by_the_name_of_the_re_exporting_crate() {
    let source = format!(
        "extern crate telemetry as mcp_metrics;\n\npub mod inner {{ {} }}\n",
        uses("telemetry", "")
    );
    package("dependency-by-own-name", &source).compiles();
}

#[test]
fn extern_crate_replaces_a_renamed_dependency() {
    let source = format!(
        "extern crate my_metrics as mcp_metrics;\n\npub mod inner {{ {} }}\n",
        uses("my_metrics", "")
    );
    let package = Package {
        name: "dependency-renamed",
        edition: "2024",
        dependencies: r#"
my_metrics = { package = "mcp-metrics", path = "{repository}/mcp-metrics", default-features = false, features = ["retry"] }
"#,
        source: &source,
    };
    package.compiles();
}
