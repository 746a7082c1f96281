//! Laying crates out as one workspace, in which their functions may be annotated.

use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest;
use crate::source::{Source, scratch, write};

/// Changes the text of a Rust file; says how many functions it touched.
pub(crate) type Annotate = fn(&str) -> syn::Result<(String, usize)>;

/// A folder with crates.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// What tells it from others, and the folder in it that has the crates.
    pub(crate) name: &'static str,
    /// Where it is.
    pub(crate) root: PathBuf,
    /// The folders of its crates, each with the number of functions that were annotated.
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
        // Cargo tells packages apart by their path within the workspace. With its name in there,
        // those of two workspaces don't take turns at being built in one place.
        let folders = members.iter().map(|(folder, _)| format!("{name}/{folder}"));
        write(&root.join("Cargo.toml"), manifest::of_workspace(folders));
        // Our own dependencies, and those that the crates share with us, are as we know them.
        let lock = root.join("Cargo.lock");
        if !lock.exists() {
            let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
            fs::copy(ours, lock).expect("the lock file");
        }
        Self {
            name,
            root,
            members,
        }
    }
}

/// Copies a folder with all that is in it; returns the number of annotated functions.
fn copy_folder(from: &Path, to: &Path, annotate: Option<Annotate>) -> usize {
    let mut functions = 0;
    for entry in fs::read_dir(from).expect("a folder") {
        let from = entry.expect("an entry").path();
        let to = to.join(from.file_name().expect("a name"));
        if from.is_dir() {
            functions += copy_folder(&from, &to, annotate);
        } else if !is_cargos(&to) && !manifest::is_left_out(&from) {
            let mut bytes = fs::read(&from).expect("a file");
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

/// Whether cargo reads a file, which it is not to do here.
fn is_cargos(file: &Path) -> bool {
    file.ends_with("Cargo.toml") || file.ends_with("Cargo.lock")
}

/// The new text of a Rust file; `None` for other files, and for what is only a piece of one.
fn changed(file: &Path, bytes: &[u8], annotate: Annotate) -> Option<(String, usize)> {
    // A build script is a program of its own that has none of the crate's dependencies.
    let is_code = file.extension().is_some_and(|rs| rs == "rs") && !file.ends_with("build.rs");
    let text = str::from_utf8(bytes).ok().filter(|_| is_code)?;
    annotate(text).ok()
}
