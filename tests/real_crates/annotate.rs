//! A file with annotated functions.

use std::collections::BTreeSet;

use crate::functions::{self, Function, Position};

/// A file whose functions get the attribute.
#[derive(Debug)]
pub(crate) struct AnnotatedFile {
    /// The text without the attribute.
    text: String,
    /// The functions with a body.
    functions: Vec<Function>,
    /// The indices of functions that do not get the attribute, because it was rejected.
    rejected: BTreeSet<usize>,
}

impl AnnotatedFile {
    /// Finds the functions of a file with this `text`.
    pub(crate) fn parse(text: String, position: Position) -> syn::Result<Self> {
        Ok(Self {
            functions: functions::find(text.trim_start_matches(BYTE_ORDER_MARK), position)?,
            rejected: BTreeSet::new(),
            text,
        })
    }

    /// Returns the number of annotated functions.
    pub(crate) fn annotated(&self) -> usize {
        self.insertions().len()
    }

    /// Returns the functions that cannot have the attribute, each with the reason.
    pub(crate) fn excluded(&self) -> impl Iterator<Item = (&Function, &'static str)> {
        let reason = |function: &Function| function.attribute.as_ref().err().copied();
        self.functions
            .iter()
            .filter_map(move |function| Some((function, reason(function)?)))
    }

    /// Returns the text with the attributes.
    pub(crate) fn annotate(&self) -> String {
        let mut whole = self.text.clone();
        for (offset, attribute) in self.insertions().iter().rev() {
            whole.insert_str(self.mark() + offset, attribute);
        }
        whole
    }

    /// Returns the line number of a function.
    pub(crate) fn line(&self, function: &Function) -> usize {
        let before = &self.text[..self.mark() + function.range.start];
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Returns the innermost annotated function at an offset in the annotated text, and whether the
    /// offset is in the attribute.
    pub(crate) fn function_at(&self, offset: usize) -> Option<(usize, bool)> {
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
        let functions = self.functions.iter().enumerate();
        let around = functions.filter(|(index, function)| {
            self.is_annotated(*index) && function.range.contains(&original)
        });
        let innermost = around.min_by_key(|(_, function)| function.range.len());
        innermost.map(|(index, _)| (index, in_attribute))
    }

    /// Removes the attribute from the function at this index.
    pub(crate) fn reject(&mut self, index: usize) -> &Function {
        self.rejected.insert(index);
        &self.functions[index]
    }

    /// Returns the attributes with their offsets, in the order of the text.
    fn insertions(&self) -> Vec<(usize, &str)> {
        let functions = self.functions.iter().enumerate();
        let mut insertions: Vec<_> = functions
            .filter(|(index, _)| self.is_annotated(*index))
            .filter_map(|(_, function)| function.attribute.as_ref().ok())
            .map(|(offset, attribute)| (*offset, attribute.as_str()))
            .collect();
        insertions.sort_unstable();
        insertions
    }

    /// Returns whether the function at this index has the attribute.
    fn is_annotated(&self, index: usize) -> bool {
        self.functions[index].attribute.is_ok() && !self.rejected.contains(&index)
    }

    /// Returns the length of the byte order mark, which offsets of functions do not include.
    fn mark(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(BYTE_ORDER_MARK).len()
    }
}

/// Some editors write this at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';
