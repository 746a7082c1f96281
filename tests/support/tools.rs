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
    found_if(works, what, program)
}

/// Returns the file or folder if it exists. Otherwise the caller must skip the test.
///
/// # Panics
///
/// If it does not exist and no test may be skipped.
pub fn exists(what: &str, path: &Path) -> Option<PathBuf> {
    found_if(path.exists(), what, path)
}

fn found_if(found: bool, what: &str, path: &Path) -> Option<PathBuf> {
    if found {
        return Some(path.to_owned());
    }
    assert!(
        env::var_os(REQUIRE).is_none(),
        "{what} is missing ({} does not work); run tests/run, which sets it up",
        path.display()
    );
    eprintln!("skipped: {what} is missing; tests/run sets it up");
    None
}
