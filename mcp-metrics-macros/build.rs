//! Checks the environment variables that the macros read, and rebuilds the macros when one changes.

use std::env;

/// Checks a value. Returns what is expected otherwise.
type Check = fn(&str) -> Result<(), &'static str>;

/// `src/expand/docs.rs` reads these variables.
const VARIABLES: [(&str, Check); 3] = [
    ("MCP_METRICS_DOCS", switch),
    ("MCP_METRICS_NAMESPACE", namespace),
    ("PROMETHEUS_URL", |_| Ok(())),
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
            println!("cargo::error={name} must be {expected} (got `{value}`)");
        }
    }
}

fn switch(value: &str) -> Result<(), &'static str> {
    match value {
        "0" | "1" => Ok(()),
        _ => Err("`0`, `1` or unset"),
    }
}

/// Checks the prefix of a metric name, to which an underscore is appended.
fn namespace(value: &str) -> Result<(), &'static str> {
    let is_name = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let starts_with_digit = value.starts_with(|c: char| c.is_ascii_digit());
    if is_name && !starts_with_digit && !value.ends_with('_') {
        Ok(())
    } else {
        Err(
            "letters, digits and underscores, without a digit at the start and an underscore at \
             the end, such as `acme`",
        )
    }
}
