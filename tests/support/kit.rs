//! The operations kit in `examples/monitoring`.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the folder that operators copy.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/monitoring")
}

/// Reads a file of the kit.
///
/// # Panics
///
/// If the file can't be read.
pub fn read(name: &str) -> String {
    text(&folder().join(name))
}

/// Reads a text file.
///
/// # Panics
///
/// If the file can't be read.
pub fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
