//! Where the hub's program is.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use serde_json::Value;

/// The hub's program, up to date.
pub(crate) fn hub() -> &'static Path {
    // Cargo builds the programs of a test's own package before the test, but not those of others.
    static HUB: LazyLock<PathBuf> = LazyLock::new(build);
    &HUB
}

/// Has cargo build the hub, and asks it where the program is. After `cargo test --workspace
/// --all-features` only the program itself is left to build.
fn build() -> PathBuf {
    let (target, profile) = place();
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
        // With a test among its targets cargo counts the features that tests ask for, so that the
        // dependencies are the ones at hand.
        .args(["--test", "end_to_end"])
        .args(["--profile", &profile, "--target-dir"])
        .arg(target)
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit());
    // What cargo says of this package to its test isn't meant for another build: some build scripts
    // look at it, and would run again.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    let built = cargo.output().expect("cargo");
    assert!(built.status.success(), "the hub cannot be built: {cargo:?}");
    let messages = String::from_utf8(built.stdout).expect("JSON in UTF-8");
    messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .find_map(|message| program(&message))
        .expect("cargo names the program it built")
}

/// The target directory and the profile of this very test.
fn place() -> (PathBuf, String) {
    let test = env::current_exe().expect("this test's program");
    // target/<profile's folder>/deps/end_to_end-<hash>
    let folder = test.ancestors().nth(2).expect("the profile's folder");
    let target = folder.parent().expect("the target directory");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    (target.to_owned(), profile.to_owned())
}

/// The path of the hub's program, if this message of cargo's is about it.
fn program(message: &Value) -> Option<PathBuf> {
    let hub = message["target"]["name"] == "hub" && message["target"]["kind"][0] == "bin";
    message["executable"]
        .as_str()
        .filter(|_| hub)
        .map(PathBuf::from)
}
