//! External programs that the tests need.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Set by `tests/run`: no test may be skipped.
const REQUIRE: &str = "MCP_METRICS_TESTS_REQUIRE";

/// Returns the program if it runs. Otherwise the caller must skip the test.
///
/// # Panics
///
/// If it does not run and no test may be skipped.
pub fn found(what: &str, program: &Path) -> Option<PathBuf> {
    let works = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    found_path_if(works, what, program)
}

/// Returns the file or folder if it exists. Otherwise the caller must skip the test.
///
/// # Panics
///
/// If it does not exist and no test may be skipped.
pub fn exists(what: &str, path: &Path) -> Option<PathBuf> {
    found_path_if(path.exists(), what, path)
}

fn found_path_if(found: bool, what: &str, path: &Path) -> Option<PathBuf> {
    found_if(found, &format!("{what} ({})", path.display())).then(|| path.to_owned())
}

/// Returns `found`. If it is false, the caller must skip the test.
///
/// # Panics
///
/// If it is false and no test may be skipped.
pub fn found_if(found: bool, what: &str) -> bool {
    if !found {
        assert!(
            env::var_os(REQUIRE).is_none(),
            "{what} is missing or does not work; run tests/run, which sets it up"
        );
        eprintln!("skipped: {what} is missing; tests/run sets it up");
    }
    found
}
