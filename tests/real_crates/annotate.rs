//! A file with annotated functions.

use std::collections::BTreeSet;

use crate::targets::{self, Position, Target};

/// A file whose functions get the attribute.
#[derive(Debug)]
pub(crate) struct AnnotatedFile {
    /// The text without the attribute.
    text: String,
    /// The functions and blocks.
    targets: Vec<Target>,
    /// The indices of targets that do not get the attribute, because it was rejected.
    rejected: BTreeSet<usize>,
}

impl AnnotatedFile {
    /// Finds the targets in a file with this `text`.
    pub(crate) fn parse(text: String, position: Position) -> syn::Result<Self> {
        Ok(Self {
            targets: targets::find(text.trim_start_matches(BYTE_ORDER_MARK), position)?,
            rejected: BTreeSet::new(),
            text,
        })
    }

    /// Returns the number of annotated functions.
    pub(crate) fn annotated(&self) -> usize {
        let targets = self.targets.iter().enumerate();
        let annotated = targets.filter(|(index, _)| self.is_annotated(*index));
        annotated.map(|(_, target)| target.functions).sum()
    }

    /// Returns the targets that cannot have the attribute, each with the reason.
    pub(crate) fn excluded(&self) -> impl Iterator<Item = (&Target, &'static str)> {
        let reason = |target: &Target| target.attribute.as_ref().err().copied();
        self.targets
            .iter()
            .filter_map(move |target| Some((target, reason(target)?)))
    }

    /// Returns the text with the attributes.
    pub(crate) fn annotate(&self) -> String {
        let mut whole = self.text.clone();
        for (offset, attribute) in self.insertions().iter().rev() {
            whole.insert_str(self.mark() + offset, attribute);
        }
        whole
    }

    /// Returns the line number of a target.
    pub(crate) fn line(&self, target: &Target) -> usize {
        let before = &self.text[..self.mark() + target.range.start];
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Returns the innermost annotated target at an offset in the annotated text, and whether the
    /// offset is in the attribute.
    pub(crate) fn target_at(&self, offset: usize) -> Option<(usize, bool)> {
        let mut original = offset.checked_sub(self.mark())?;
        let mut in_attribute = false;
        for (start, attribute) in self.insertions() {
            if original < start {
                break;
            }
            if original < start + attribute.len() {
                original = start;
                in_attribute = true;
                break;
            }
            original -= attribute.len();
        }
        let targets = self.targets.iter().enumerate();
        let around = targets.filter(|(index, target)| {
            self.is_annotated(*index) && target.range.contains(&original)
        });
        let innermost = around.min_by_key(|(_, target)| target.range.len());
        innermost.map(|(index, _)| (index, in_attribute))
    }

    /// Removes the attribute from the target at this index.
    pub(crate) fn reject(&mut self, index: usize) -> &Target {
        self.rejected.insert(index);
        &self.targets[index]
    }

    /// Returns the attribute to the target at this index.
    pub(crate) fn restore(&mut self, index: usize) {
        self.rejected.remove(&index);
    }

    /// Returns the attributes with their offsets, in the order of the text.
    fn insertions(&self) -> Vec<(usize, &str)> {
        let targets = self.targets.iter().enumerate();
        let mut insertions: Vec<_> = targets
            .filter(|(index, _)| self.is_annotated(*index))
            .filter_map(|(_, target)| target.attribute.as_ref().ok())
            .map(|(offset, attribute)| (*offset, attribute.as_str()))
            .collect();
        insertions.sort_unstable();
        insertions
    }

    /// Returns whether the target at this index has the attribute.
    fn is_annotated(&self, index: usize) -> bool {
        self.targets[index].attribute.is_ok() && !self.rejected.contains(&index)
    }

    /// Returns the length of the byte order mark, which offsets of targets do not include.
    fn mark(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(BYTE_ORDER_MARK).len()
    }
}

/// Some editors write this at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';
