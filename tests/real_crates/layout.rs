//! Copies crates into one workspace, and optionally annotates their functions.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::annotate::AnnotatedFile;
use crate::manifest;
use crate::source::{Source, scratch, write};
use crate::targets::Position;

/// A workspace of copied crates.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its root folder.
    pub(crate) root: PathBuf,
    /// Its crates.
    pub(crate) members: Vec<Member>,
}

/// A copied crate.
#[derive(Debug)]
pub(crate) struct Member {
    /// Name and version.
    pub(crate) name: String,
    /// Its folder within the workspace.
    pub(crate) folder: String,
    /// Its annotated files by path within the crate.
    pub(crate) files: BTreeMap<PathBuf, AnnotatedFile>,
    /// Its Rust files that could not be parsed, such as fragments of code.
    pub(crate) unparsed: Vec<PathBuf>,
}

impl Workspace {
    /// Copies crates into a workspace of this unique name.
    pub(crate) fn lay_out(name: &str, sources: &[Source], position: Option<Position>) -> Self {
        let root = scratch().join(name);
        let copy = |source: &Source| {
            let mut member = Member {
                name: source.name.clone(),
                // Cargo identifies a package by its path within the workspace. With the workspace's
                // name in the path, two workspaces do not overwrite each other's artifacts in the
                // target folder.
                folder: format!("{name}/{}", source.name),
                files: BTreeMap::new(),
                unparsed: Vec::new(),
            };
            let to = root.join(&member.folder);
            member.copy(&source.root, &to, Path::new(""), position);
            write(
                &to.join("Cargo.toml"),
                manifest::of_member(source, position.is_some()),
            );
            member
        };
        let members: Vec<_> = sources.iter().map(copy).collect();
        let folders = members.iter().map(|member| member.folder.clone());
        write(&root.join("Cargo.toml"), manifest::of_workspace(folders));
        // Pins the versions of dependencies to those of this repository.
        let lock = root.join("Cargo.lock");
        if !lock.exists() {
            let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
            fs::copy(pinned, lock).expect("the lock file can be copied");
        }
        Self { root, members }
    }
}

impl Member {
    /// Returns the number of annotated functions.
    pub(crate) fn annotated(&self) -> usize {
        self.files.values().map(AnnotatedFile::annotated).sum()
    }

    /// Copies the folder `path` of a crate recursively.
    fn copy(&mut self, from: &Path, to: &Path, path: &Path, position: Option<Position>) {
        for entry in fs::read_dir(from.join(path)).expect("the folder can be read") {
            let path = path.join(entry.expect("the entry can be read").file_name());
            let file = from.join(&path);
            if file.is_dir() {
                self.copy(from, to, &path, position);
            } else if !is_manifest(&path) && !manifest::is_left_out(&file) {
                let bytes = fs::read(file).expect("the file can be read");
                let annotated =
                    position.and_then(|position| self.annotate(&path, &bytes, position));
                write(&to.join(path), annotated.map_or(bytes, String::into_bytes));
            }
        }
    }

    /// Returns the annotated text of a file, or `None` for a file that is not compiled or no code.
    fn annotate(&mut self, path: &Path, bytes: &[u8], position: Position) -> Option<String> {
        let is_compiled = path.starts_with("src") || path.starts_with("tests");
        if !is_compiled || path.extension().is_none_or(|extension| extension != "rs") {
            return None;
        }
        let text = String::from_utf8(bytes.to_vec()).ok();
        let parsed = text.and_then(|text| AnnotatedFile::parse(text, position).ok());
        let Some(file) = parsed else {
            self.unparsed.push(path.to_owned());
            return None;
        };
        let text = file.annotate();
        self.files.insert(path.to_owned(), file);
        Some(text)
    }
}

/// Returns whether a file is a manifest or a lock file, which must not be copied.
fn is_manifest(file: &Path) -> bool {
    file.ends_with("Cargo.toml") || file.ends_with("Cargo.lock")
}
