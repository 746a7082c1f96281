//! Whether the package that is compiled can name the runtime crate.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{env, fs};

use proc_macro2::Span;
use syn::{Error, Result};

/// Returns an error if the package neither depends on the runtime crate nor declares it with
/// `extern crate … as mcp_metrics`.
///
/// The compiler's own error does not mention `argument`, which sets the path of the crate. Without
/// Cargo, there is no manifest to look at, and the compiler reports the error.
pub(super) fn check(argument: &str) -> Result<()> {
    static IS_MISSING: OnceLock<bool> = OnceLock::new();

    if *IS_MISSING.get_or_init(|| manifest().is_some_and(|manifest| is_missing(&manifest))) {
        return Err(Error::new(
            Span::call_site(),
            format!(
                "this package does not depend on `mcp-metrics`; add it to Cargo.toml, or name the \
                 crate that re-exports it: once for all attributes with `extern crate telemetry \
                 as mcp_metrics;` in the root of this crate, or here with `{argument}`"
            ),
        ));
    }
    Ok(())
}

fn manifest() -> Option<PathBuf> {
    let manifest = env::var_os("CARGO_MANIFEST_PATH").map(PathBuf::from);
    let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    manifest.or_else(|| Some(folder?.join("Cargo.toml")))
}

/// Returns whether a manifest does not mention the crate, and no source file near it does.
fn is_missing(manifest: &Path) -> bool {
    let Ok(text) = fs::read_to_string(manifest) else {
        return false;
    };
    let is_mentioned = text.contains("mcp-metrics") || text.contains("mcp_metrics");
    !is_mentioned && !manifest.parent().is_some_and(declares)
}

/// Returns whether a source file in a folder declares a crate as `mcp_metrics`.
fn declares(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        // Unknown: the compiler reports a missing crate.
        return true;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => entry.file_name() != "target" && declares(&path),
            Ok(_) if path.extension().is_some_and(|extension| extension == "rs") => {
                fs::read_to_string(&path).is_ok_and(|text| text.contains("as mcp_metrics"))
            }
            _ => false,
        }
    })
}
