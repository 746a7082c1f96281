//! The functions and blocks on which the attribute does not compile.
//!
//! The compiler stops at the first phase with an error, so that one rejected function hides others.
//! Each rejected target is therefore recorded and loses the attribute, and the crate is built again
//! until it compiles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::layout::{Member, Workspace};
use crate::source::write;
use crate::suite::Build;

/// A target on which the attribute does not compile.
#[derive(Debug)]
pub(crate) struct Rejection {
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
    pub(crate) fn build_without_rejected(&mut self, index: usize) -> (Build, Vec<Rejection>) {
        let mut rejections = Vec::new();
        loop {
            let build = self.build(index);
            let rejected = self.members[index].reject(&build);
            if build.succeeded || rejected.is_empty() {
                return (build, rejections);
            }
            let changed: BTreeSet<_> = rejected.iter().map(|(path, _)| path).collect();
            let member = &self.members[index];
            for path in changed {
                let text = member.files[path].annotate();
                write(&self.root.join(&member.folder).join(path), text);
            }
            rejections.extend(rejected.into_iter().map(|(_, rejection)| rejection));
        }
    }
}

impl Member {
    /// Removes the attribute from the targets that a build's errors are about. Returns them with
    /// their files.
    fn reject(&mut self, build: &Build) -> Vec<(PathBuf, Rejection)> {
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

    /// Removes the attribute from the targets that these errors are about.
    fn reject_by(
        &mut self,
        errors: &[&Diagnostic],
        at_attribute: bool,
    ) -> Vec<(PathBuf, Rejection)> {
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
        let record = |((path, index), error): ((PathBuf, usize), &Diagnostic)| {
            let rejection = self.record(&path, index, error);
            (path, rejection)
        };
        rejected.into_iter().map(record).collect()
    }

    /// Removes the attribute from a target, and describes the rejection.
    fn record(&mut self, path: &Path, index: usize, error: &Diagnostic) -> Rejection {
        let file = self.files.get_mut(path).expect("the file is annotated");
        let target = file.reject(index).clone();
        let line = file.line(&target);
        Rejection {
            target: format!(
                "{} {}:{line}: {}",
                self.name,
                path.display(),
                target.signature
            ),
            message: error.rendered.clone(),
            by_other_macro: error.key.contains("no rules expected"),
        }
    }
}
