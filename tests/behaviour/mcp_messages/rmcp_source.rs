//! Methods of rmcp's traits, read from the source of the version that cargo resolved.
//!
//! A wrapper that does not forward a method with a default implementation compiles, and silently
//! behaves as the default.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Returns the names of the methods in a block of rmcp's source. The block begins with the first
/// brace after `start`, for example `"pub trait SessionManager"`.
pub(crate) fn methods_of_rmcp(file: &str, start: &str) -> BTreeSet<String> {
    methods(&rmcp().join("src").join(file), start)
}

/// Returns the names of the methods in a block of this crate's source.
pub(crate) fn methods_of_crate(file: &str, start: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mcp-metrics/src");
    methods(&folder.join(file), start)
}

fn methods(file: &Path, start: &str) -> BTreeSet<String> {
    let source = fs::read_to_string(file).unwrap();
    let (_, block) = source
        .split_once(start)
        .unwrap_or_else(|| panic!("{} has no {start:?}", file.display()));
    let mut names = BTreeSet::new();
    let mut depth = 0;
    for line in block.lines() {
        // Examples in comments have methods and unbalanced braces.
        let code = line.split("//").next().unwrap_or_default().trim();
        let method = code.trim_start_matches("async ");
        if let Some(method) = method.strip_prefix("fn ") {
            let end = method.find(['(', '<']).unwrap();
            names.insert(method[..end].to_owned());
        }
        let opened = code.matches('{').count();
        let closed = code.matches('}').count();
        if depth + opened == closed && closed > 0 {
            break;
        }
        depth = depth + opened - closed;
    }
    assert!(!names.is_empty(), "{start:?} has no methods");
    names
}

/// Returns the folder of the resolved rmcp.
fn rmcp() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let output = Command::new(env::var_os("CARGO").unwrap())
            .args(["metadata", "--format-version", "1", "--locked", "--offline"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo metadata failed: {errors}");
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut packages = metadata["packages"].as_array().unwrap().iter();
        let rmcp = packages.find(|package| package["name"] == "rmcp").unwrap();
        let manifest = Path::new(rmcp["manifest_path"].as_str().unwrap());
        manifest.parent().unwrap().to_owned()
    })
}
