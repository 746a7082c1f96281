//! Fetches published crates, from cargo's cache if possible.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use toml::Table;

use crate::crates::Crate;

/// Set by `tests/run`: no test may be skipped.
const REQUIRE: &str = "MCP_METRICS_TESTS_REQUIRE";

/// An unpacked crate in cargo's cache.
#[derive(Debug)]
pub(crate) struct Source {
    /// Name and version, which is the name of its copy's folder.
    pub(crate) name: String,
    /// The folder of its Cargo.toml.
    pub(crate) root: PathBuf,
    /// Features to enable besides the default ones.
    pub(crate) features: Vec<String>,
    /// Dependencies of its tests that its manifest does not list.
    pub(crate) for_tests: Table,
}

/// Returns the folder of these tests in cargo's target folder.
pub(crate) fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("real_crates")
}

/// Returns a cargo command in `folder`, without the flags of this build.
pub(crate) fn cargo(folder: &Path, command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .arg(command)
        .env("CARGO_TARGET_DIR", scratch().join("target"))
        .env("CARGO_TERM_COLOR", "never")
        // These may deny warnings, which the crates may have.
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTDOCFLAGS");
    cargo
}

/// Fetches crates into a folder with this name, which must be unique. Returns `None` if they are
/// unavailable and not required.
pub(crate) fn fetch(name: &str, crates: &[Crate]) -> Option<Vec<Source>> {
    let folder = scratch().join(name);
    write(&folder.join("src/lib.rs"), "");
    write(&folder.join("Cargo.toml"), manifest(crates));
    if !resolve(&folder) {
        return None;
    }
    let metadata = cargo(&folder, "metadata")
        .args([
            "--format-version=1",
            "--offline",
            "--filter-platform=host-tuple",
        ])
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("the packages are a list");
    // Other versions may be dependencies of the crates.
    let root = &metadata["resolve"]["root"];
    let nodes = metadata["resolve"]["nodes"].as_array();
    let root = nodes.and_then(|nodes| nodes.iter().find(|node| node["id"] == *root));
    let direct = root.and_then(|root| root["dependencies"].as_array());
    let direct = direct.expect("the package is resolved");
    let find = |wanted: &Crate| {
        let mut packages = packages
            .iter()
            .filter(|package| direct.contains(&package["id"]));
        let package = packages.find(|package| package["name"] == *wanted.name);
        source(package.expect("the crate was fetched"), wanted)
    };
    Some(crates.iter().map(find).collect())
}

/// Returns the manifest of a package that depends on the crates.
fn manifest(crates: &[Crate]) -> String {
    let mut text = "[workspace]\n[package]\nname = \"fetch\"\nedition = \"2024\"\n".to_owned();
    for Crate { name, version, .. } in crates {
        let table = format!("[dependencies.{name}]\nversion = \"{version}\"\n");
        text.push_str(&(table + "default-features = false\n"));
    }
    text
}

/// Fetches the dependencies of a workspace. Returns whether they are available.
pub(crate) fn resolve(folder: &Path) -> bool {
    let mut errors = String::new();
    for mode in [&["--offline"][..], &[]] {
        let fetched = cargo(folder, "fetch")
            .arg("--target=host-tuple")
            .args(mode)
            .output()
            .expect("cargo runs");
        if fetched.status.success() {
            return true;
        }
        errors = String::from_utf8_lossy(&fetched.stderr).into_owned();
    }
    assert!(
        env::var_os(REQUIRE).is_none(),
        "failed to fetch the crates:\n{errors}"
    );
    eprintln!("skipped: failed to fetch the crates:\n{errors}");
    false
}

/// Converts a package of `cargo metadata`.
fn source(package: &Value, wanted: &Crate) -> Source {
    let field = |name: &str| package[name].as_str().expect("the field is a string");
    let manifest = Path::new(field("manifest_path"));
    let for_tests = wanted.for_tests.iter();
    let for_tests = for_tests.map(|(name, version)| (name.clone(), version.as_str().into()));
    Source {
        name: format!("{}-{}", field("name"), field("version")),
        root: manifest.parent().expect("a file has a folder").to_owned(),
        features: wanted.features.clone(),
        for_tests: for_tests.collect(),
    }
}

/// Writes a file unless it already has this content, because cargo rebuilds modified files.
pub(crate) fn write(file: &Path, text: impl AsRef<[u8]>) {
    if fs::read(file).is_ok_and(|old| old == text.as_ref()) {
        return;
    }
    let folder = file.parent().expect("a file has a folder");
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
