//! Builds the hub's binary and returns its path.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use serde_json::Value;

/// Returns the path of the up-to-date binary of the hub.
pub(crate) fn hub() -> &'static Path {
    // Before a test, cargo builds the binaries of its package, but not those of other packages.
    static HUB: LazyLock<PathBuf> = LazyLock::new(build);
    &HUB
}

/// Builds the hub with cargo and returns the path that cargo reports. After `cargo test --workspace
/// --all-features`, only the binary itself remains to be built.
fn build() -> PathBuf {
    let (target, profile) = target_dir();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args([
            "build",
            "--quiet",
            "--workspace",
            "--all-features",
            "--bin",
            "hub",
        ])
        // With a test among the targets, cargo selects the same features of the dependencies as for
        // the tests, so that it does not rebuild them.
        .args(["--test", "end_to_end"])
        .args(["--profile", &profile, "--target-dir"])
        .arg(target)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    // Cargo's variables for this test would make some build scripts run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    let built = cargo.output().expect("cargo");
    assert!(built.status.success(), "building the hub failed: {cargo:?}");
    let messages = String::from_utf8(built.stdout).expect("JSON in UTF-8");
    messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .find_map(|message| program(&message))
        .expect("the path of the binary in the messages of cargo")
}

/// Returns the target directory and the profile of this test.
fn target_dir() -> (PathBuf, String) {
    let test = env::current_exe().expect("the path of this test");
    // target/<profile's folder>/deps/end_to_end-<hash>
    let folder = test.ancestors().nth(2).expect("the profile's folder");
    let target = folder.parent().expect("the target directory");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    (target.to_owned(), profile.to_owned())
}

/// Returns the path of the hub's binary if this message of cargo contains it.
fn program(message: &Value) -> Option<PathBuf> {
    let hub = message["target"]["name"] == "hub" && message["target"]["kind"][0] == "bin";
    message["executable"]
        .as_str()
        .filter(|_| hub)
        .map(PathBuf::from)
}
