//! Fetching published crates, from cargo's cache where they are there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use toml::Table;

use crate::crates::Crate;

/// Set by `tests/run`: nothing may be skipped.
const REQUIRE: &str = "MCP_METRICS_TESTS_REQUIRE";

/// An unpacked crate in cargo's cache.
#[derive(Debug)]
pub(crate) struct Source {
    /// Name and version, as its folder is called.
    pub(crate) name: String,
    /// Where its Cargo.toml is.
    pub(crate) root: PathBuf,
    /// What it is built with, besides its default features.
    pub(crate) features: Vec<String>,
    /// What its tests need and its manifest does not say.
    pub(crate) for_tests: Table,
}

/// The folder of these tests below cargo's target folder.
pub(crate) fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("real_crates")
}

/// Cargo, as a person would start it in `folder`.
pub(crate) fn cargo(folder: &Path, command: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .arg(command)
        .env("CARGO_TARGET_DIR", scratch().join("target"))
        .env("CARGO_TERM_COLOR", "never")
        // What is strict with our code is not meant for other people's.
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTDOCFLAGS");
    cargo
}

/// Fetches crates under a name that is theirs alone. `None` if they can't be had and needn't be.
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
    let packages = metadata["packages"].as_array().expect("a list");
    let find = |wanted: &Crate| {
        let package = packages
            .iter()
            .find(|package| package["name"] == *wanted.name);
        source(package.expect("it was fetched"), &wanted.features)
    };
    Some(crates.iter().map(find).collect())
}

/// A package that depends on the crates.
fn manifest(crates: &[Crate]) -> String {
    let mut text = "[workspace]\n[package]\nname = \"fetch\"\nedition = \"2024\"\n".to_owned();
    for Crate { name, version, .. } in crates {
        let table = format!("[dependencies.{name}]\nversion = \"{version}\"\n");
        text.push_str(&(table + "default-features = false\n"));
    }
    text
}

/// Gets all that a workspace depends on; says whether it is there.
pub(crate) fn resolve(folder: &Path) -> bool {
    let mut said = String::new();
    for how in [&["--offline"][..], &[]] {
        let fetched = cargo(folder, "fetch")
            .arg("--target=host-tuple")
            .args(how)
            .output()
            .expect("cargo runs");
        if fetched.status.success() {
            return true;
        }
        said = String::from_utf8_lossy(&fetched.stderr).into_owned();
    }
    assert!(
        env::var_os(REQUIRE).is_none(),
        "the crates can't be fetched:\n{said}"
    );
    eprintln!("skipped: the crates can't be fetched:\n{said}");
    false
}

/// A package as cargo describes it.
fn source(package: &Value, features: &[String]) -> Source {
    let field = |name: &str| package[name].as_str().expect("a string");
    let manifest = Path::new(field("manifest_path"));
    Source {
        name: format!("{}-{}", field("name"), field("version")),
        root: manifest.parent().expect("a file's folder").to_owned(),
        features: features.to_vec(),
        for_tests: Table::new(),
    }
}

/// Writes a file that doesn't already say so, for cargo builds anew what is newer.
pub(crate) fn write(file: &Path, text: impl AsRef<[u8]>) {
    if fs::read(file).is_ok_and(|old| old == text.as_ref()) {
        return;
    }
    let folder = file.parent().expect("a file's folder");
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
