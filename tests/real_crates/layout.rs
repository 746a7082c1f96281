//! Copies crates into one workspace, and optionally annotates their functions.

use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest;
use crate::source::{Source, scratch, write};

/// Changes the text of a Rust file. Returns it with the number of annotated functions.
pub(crate) type Annotate = fn(&str) -> syn::Result<(String, usize)>;

/// A workspace of copied crates.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its unique name, which is also the name of its folder of crates.
    pub(crate) name: &'static str,
    /// Its root folder.
    pub(crate) root: PathBuf,
    /// The folders of its crates, each with the number of annotated functions.
    pub(crate) members: Vec<(String, usize)>,
}

impl Workspace {
    /// Copies crates into a workspace of this name.
    pub(crate) fn lay_out(
        name: &'static str,
        sources: &[Source],
        annotate: Option<Annotate>,
    ) -> Self {
        let root = scratch().join(name);
        let copy = |source: &Source| {
            let to = root.join(name).join(&source.name);
            let functions = copy_folder(&source.root, &to, annotate);
            write(
                &to.join("Cargo.toml"),
                manifest::of_member(source, annotate.is_some()),
            );
            (source.name.clone(), functions)
        };
        let members: Vec<_> = sources.iter().map(copy).collect();
        // Cargo identifies a package by its path within the workspace. With the workspace's name in
        // the path, two workspaces do not overwrite each other's artifacts in the target folder.
        let folders = members.iter().map(|(folder, _)| format!("{name}/{folder}"));
        write(&root.join("Cargo.toml"), manifest::of_workspace(folders));
        // Pins the versions of dependencies to those of this repository.
        let lock = root.join("Cargo.lock");
        if !lock.exists() {
            let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
            fs::copy(pinned, lock).expect("the lock file can be copied");
        }
        Self {
            name,
            root,
            members,
        }
    }
}

/// Copies a folder recursively. Returns the number of annotated functions.
fn copy_folder(from: &Path, to: &Path, annotate: Option<Annotate>) -> usize {
    let mut functions = 0;
    for entry in fs::read_dir(from).expect("the folder can be read") {
        let from = entry.expect("the entry can be read").path();
        let to = to.join(from.file_name().expect("an entry has a name"));
        if from.is_dir() {
            functions += copy_folder(&from, &to, annotate);
        } else if !is_manifest(&to) && !manifest::is_left_out(&from) {
            let mut bytes = fs::read(&from).expect("the file can be read");
            let changed = annotate.and_then(|annotate| changed(&to, &bytes, annotate));
            if let Some((text, found)) = changed {
                functions += found;
                bytes = text.into_bytes();
            }
            write(&to, bytes);
        }
    }
    functions
}

/// Returns whether a file is a manifest or a lock file, which must not be copied.
fn is_manifest(file: &Path) -> bool {
    file.ends_with("Cargo.toml") || file.ends_with("Cargo.lock")
}

/// Returns the new text of a Rust file, or `None` for other files and for fragments of code.
fn changed(file: &Path, bytes: &[u8], annotate: Annotate) -> Option<(String, usize)> {
    // A build script does not have the dependencies of the crate.
    let is_code = file.extension().is_some_and(|rs| rs == "rs") && !file.ends_with("build.rs");
    let text = str::from_utf8(bytes).ok().filter(|_| is_code)?;
    annotate(text).ok()
}
