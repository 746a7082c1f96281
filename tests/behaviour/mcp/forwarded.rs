//! Compares the forwarded methods with the trait of the rmcp that cargo resolved.
//!
//! A method of the trait that the wrapper does not have compiles, and answers with the default.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Returns the folder of rmcp's sources.
fn rmcp() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let rmcp = packages.iter().find(|package| package["name"] == "rmcp");
    let manifest = rmcp.and_then(|rmcp| rmcp["manifest_path"].as_str());
    let folder = Path::new(manifest.expect("rmcp is a dependency")).parent();
    folder.expect("a manifest is in a folder").to_owned()
}

/// Returns the names of the functions that begin at this indentation.
fn functions(code: &str, indentation: &str) -> BTreeSet<String> {
    let names = code.lines().filter_map(|line| {
        let line = line.strip_prefix(indentation)?;
        let line = line.strip_prefix("async ").unwrap_or(line);
        let name = line.strip_prefix("fn ")?;
        Some(name[..name.find(['(', '<'])?].to_owned())
    });
    names.collect()
}

/// Returns the part of a text between two others.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).expect("the text has the start") + from.len();
    let length = text[start..].find(to).expect("the text has the end");
    &text[start..start + length]
}

#[test]
fn every_method_of_the_handler_trait_is_forwarded() {
    let code = fs::read_to_string(rmcp().join("src/handler/server.rs")).expect("rmcp's source");
    let methods = between(&code, "macro_rules! server_handler_methods {", "\n}\n");
    let expected = functions(methods, "        ");
    assert!(expected.len() >= 32, "{expected:?}");

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mcp-metrics/src/mcp/metered");
    let code = fs::read_to_string(folder.join("forward.rs")).expect("our source");
    let implementation = between(&code, "impl<S: ServerHandler> ServerHandler for", "\n}\n");
    let mut forwarded = functions(implementation, "    ");
    let listed = between(implementation, "forward! {", "\n    }\n");
    let listed = listed
        .lines()
        .filter_map(|line| line.trim().split_once('('));
    forwarded.extend(listed.map(|(name, _)| name.to_owned()));
    assert_eq!(forwarded, expected);
}
