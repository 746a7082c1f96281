//! The functions and blocks on which the attribute does not compile.
//!
//! The compiler stops at the first phase with an error, so that one rejected function hides others.
//! Each rejected target is therefore recorded and loses the attribute, and the crate is built again
//! until it compiles. An error may be in a caller, for example if a future is no longer `Unpin`; so
//! each target then gets the attribute back, and keeps it if the crate still compiles.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::annotate::AnnotatedFile;
use crate::diagnostic::Diagnostic;
use crate::layout::{Member, Workspace};
use crate::source::write;
use crate::suite::Build;

/// A target on which the attribute does not compile.
#[derive(Debug)]
pub(crate) struct Rejection {
    /// The file within the crate.
    path: PathBuf,
    /// The index in the file's targets.
    index: usize,
    /// The target's file, line and signature.
    pub(crate) target: String,
    /// The compiler's message.
    pub(crate) message: String,
    /// Whether a macro that takes the function as an argument refuses any attribute.
    pub(crate) by_other_macro: bool,
}

impl Workspace {
    /// Builds a member until it compiles, without the attribute on the targets that fail. Returns
    /// the last build and the rejections.
    pub(crate) fn build_without_rejected(&mut self, member: usize) -> (Build, Vec<Rejection>) {
        let mut rejections = Vec::new();
        loop {
            let build = self.build(member);
            if build.succeeded && rejections.len() > 1 {
                let confirmed = self.confirm(member, rejections);
                // The last build may have failed.
                return (self.build(member), confirmed);
            }
            let rejected = self.members[member].reject(&build);
            if build.succeeded || rejected.is_empty() {
                return (build, rejections);
            }
            for rejection in &rejected {
                self.update(member, &rejection.path);
            }
            rejections.extend(rejected);
        }
    }

    /// Returns the rejections without which a member does not build. The other targets get the
    /// attribute back.
    fn confirm(&mut self, member: usize, rejections: Vec<Rejection>) -> Vec<Rejection> {
        let mut confirmed = Vec::new();
        for mut rejection in rejections {
            let Rejection { path, index, .. } = &rejection;
            self.members[member].file(path).restore(*index);
            self.update(member, path);
            let build = self.build(member);
            if !build.succeeded {
                self.members[member].file(path).reject(*index);
                self.update(member, path);
                if let Some(error) = build.errors().next() {
                    rejection.message.clone_from(&error.rendered);
                }
                confirmed.push(rejection);
            }
        }
        confirmed
    }

    /// Writes a file of a member, after a target was rejected or restored.
    fn update(&self, member: usize, path: &Path) {
        let member = &self.members[member];
        let text = member.files[path].annotate();
        write(&self.root.join(&member.folder).join(path), text);
    }
}

impl Member {
    /// Removes the attribute from the targets that a build's errors are about, and returns them.
    fn reject(&mut self, build: &Build) -> Vec<Rejection> {
        let errors: Vec<_> = build.errors().collect();
        // An error at the attribute is about its target. It may cause errors in callers, so those
        // are left to the next build.
        let at_attribute = self.reject_by(&errors, true);
        if at_attribute.is_empty() {
            self.reject_by(&errors, false)
        } else {
            at_attribute
        }
    }

    /// Removes the attribute from the targets that these errors are about, and returns them.
    fn reject_by(&mut self, errors: &[&Diagnostic], at_attribute: bool) -> Vec<Rejection> {
        let mut rejected = BTreeMap::new();
        for error in errors {
            let mut places = error.places.iter();
            let found = places.find_map(|(file, offset)| {
                let path = PathBuf::from(file);
                let (index, in_attribute) = self.files.get(&path)?.target_at(*offset)?;
                (in_attribute || !at_attribute).then_some((path, index))
            });
            if let Some(target) = found {
                rejected.entry(target).or_insert(*error);
            }
        }
        let record = |((path, index), error)| self.record(path, index, error);
        rejected.into_iter().map(record).collect()
    }

    /// Removes the attribute from a target, and describes the rejection.
    fn record(&mut self, path: PathBuf, index: usize, error: &Diagnostic) -> Rejection {
        let file = self.file(&path);
        let target = file.reject(index).clone();
        let at = format!("{}:{}", path.display(), file.line(&target));
        Rejection {
            target: format!("{} {at}: {}", self.name, target.signature),
            message: error.rendered.clone(),
            by_other_macro: error.key.contains("no rules expected"),
            path,
            index,
        }
    }

    /// Returns the annotated file at this path within the crate.
    fn file(&mut self, path: &Path) -> &mut AnnotatedFile {
        self.files.get_mut(path).expect("the file is annotated")
    }
}
