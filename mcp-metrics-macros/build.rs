//! Checks the environment variables that the macros read, and rebuilds the macros when one changes.

use std::env;

/// Checks a value. Returns what it must be or do otherwise.
type Check = fn(&str) -> Result<(), &'static str>;

/// `src/expand/docs.rs` reads these variables.
const VARIABLES: [(&str, Check); 3] = [
    ("MCP_METRICS_DOCS", switch),
    ("MCP_METRICS_NAMESPACE", namespace),
    ("PROMETHEUS_URL", |_| Ok(())),
];

/// The prefixes of families without a namespace.
const RESERVED: [&str; 6] = [
    "gen_ai",
    "mcp_client",
    "mcp_http",
    "mcp_metrics",
    "mcp_server",
    "process",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for (name, check) in VARIABLES {
        println!("cargo::rerun-if-env-changed={name}");
        let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else {
            continue;
        };
        let value = value.to_string_lossy();
        if let Err(expected) = check(&value) {
            let value = value.escape_debug();
            println!("cargo::error={name} must {expected} (got `{value}`)");
        }
    }
}

fn switch(value: &str) -> Result<(), &'static str> {
    match value {
        "0" | "1" => Ok(()),
        _ => Err("be `0`, `1` or unset"),
    }
}

/// Checks the namespace of an exporter, as `ExporterBuilder::namespace` of the runtime crate does.
fn namespace(value: &str) -> Result<(), &'static str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_reserved = |reserved: &&str| {
        let rest = value.strip_prefix(*reserved);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    if !value.chars().all(is_word) {
        Err("consist of ASCII letters, digits and underscores")
    } else if value.starts_with(|c: char| c.is_ascii_digit()) {
        Err("not start with a digit")
    } else if value.ends_with('_') {
        Err("not end with an underscore, which is added")
    } else if RESERVED.iter().any(is_reserved) {
        Err("not be the prefix of metrics that keep their names")
    } else {
        Ok(())
    }
}
