//! The formats of a control group's files.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Returns `None` instead of an error if a file does not exist: the controller is disabled for the
/// group, or the group is the root, which has no limits.
pub(super) fn optional<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a file that contains one number.
pub(super) fn number(path: &Path) -> io::Result<u64> {
    parse(path, text(path)?.trim())
}

/// Reads a limit, `None` for `max`. A file that does not exist sets no limit.
pub(super) fn limit(path: &Path) -> io::Result<Option<u64>> {
    match optional(text(path))? {
        Some(text) if text.trim() != "max" => parse(path, text.trim()).map(Some),
        _ => Ok(None),
    }
}

/// Reads the value of a key in a file with lines such as `inactive_file 4096`.
pub(super) fn value(path: &Path, key: &str) -> io::Result<Option<u64>> {
    let text = text(path)?;
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(name, _)| *name == key);
    found
        .map(|(_, value)| parse(path, value.trim()))
        .transpose()
}

/// Reads a whole file. Errors contain its path.
pub(super) fn text(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path).map_err(|error| with_path(path, &error))?;
    // A path that is not UTF-8 concerns only its own line.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Parses a number of a file.
pub(super) fn parse(path: &Path, text: &str) -> io::Result<u64> {
    text.parse().map_err(|_| {
        let message = format!("`{text}` in {} is not a number", path.display());
        io::Error::new(ErrorKind::InvalidData, message)
    })
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
