//! Programs of the workspace.

use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

/// Builds programs of the workspace for the test binary `test`. Returns their paths by name.
///
/// Before a test, cargo builds the programs of its package, but not those of other packages. After
/// `cargo test --workspace --all-features`, only the programs themselves remain to be built.
///
/// # Panics
///
/// If they cannot be built.
pub fn build(programs: &[&str], test: &str) -> BTreeMap<String, PathBuf> {
    let (target, profile) = target_dir();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--workspace", "--all-features"])
        .args(programs.iter().flat_map(|name| ["--bin", name]))
        // With a test among the targets, cargo selects the same features of the dependencies as for
        // the tests, so that it does not rebuild them.
        .args(["--test", test, "--profile", &profile, "--target-dir"])
        .arg(target)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    // Cargo's variables for this test would make some build scripts run again.
    for (name, _) in env::vars_os() {
        let variable = name.to_string_lossy();
        if variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    let built = cargo.output().expect("cargo");
    assert!(built.status.success(), "build failed: {cargo:?}");
    let messages = String::from_utf8(built.stdout).expect("JSON in UTF-8");
    let messages = messages.lines();
    let paths: BTreeMap<_, _> = messages
        .filter_map(|line| program(&serde_json::from_str(line).ok()?))
        .collect();
    for program in programs {
        assert!(paths.contains_key(*program), "{program}: {paths:?}");
    }
    paths
}

/// Returns the target directory and the profile of this test.
fn target_dir() -> (PathBuf, String) {
    let test = env::current_exe().expect("the path of this test");
    // target/<profile's folder>/deps/<test>-<hash>
    let folder = test.ancestors().nth(2).expect("the profile's folder");
    let target = folder.parent().expect("the target directory");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    (target.to_owned(), profile.to_owned())
}

/// Returns the name and the path of the program in a message of cargo.
fn program(message: &Value) -> Option<(String, PathBuf)> {
    let target = &message["target"];
    let name = target["name"]
        .as_str()
        .filter(|_| target["kind"][0] == "bin");
    Some((name?.to_owned(), message["executable"].as_str()?.into()))
}
