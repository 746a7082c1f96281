//! Inserts the attribute into a file's text: before a function but on its line, so that formatting,
//! comments and line numbers stay the same.

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{AttrStyle, Attribute, ImplItemFn, ItemFn, ItemImpl, Signature, TraitItemFn};

/// The attribute with an absolute path, because the crate is not imported.
const TRACKED: &str = r#"#[::mcp_metrics::tracked(agent = "t")]"#;

/// Annotates every function that has a body and is not `const`. Returns the new text and the number
/// of functions.
pub(crate) fn every_function(text: &str) -> syn::Result<(String, usize)> {
    let mut functions = Functions::default();
    functions.visit_file(&syn::parse_file(text)?);
    let starts = functions.starts;
    let insertions = starts.iter().map(|start| (*start, format!("{TRACKED} ")));
    Ok((insert(text, insertions), starts.len()))
}

/// Inserts the attribute above every `#[instrument]`.
pub(crate) fn above_instrument(text: &str) -> syn::Result<(String, usize)> {
    let ranges = instrumented(text)?;
    let insertions = ranges
        .iter()
        .map(|range| (range.start, format!("{TRACKED} ")));
    Ok((insert(text, insertions), ranges.len()))
}

/// Inserts the attribute below every `#[instrument]`.
pub(crate) fn below_instrument(text: &str) -> syn::Result<(String, usize)> {
    let ranges = instrumented(text)?;
    let insertions = ranges
        .iter()
        .map(|range| (range.end, format!(" {TRACKED}")));
    Ok((insert(text, insertions), ranges.len()))
}

/// Returns the byte ranges of `#[instrument]` in a file.
fn instrumented(text: &str) -> syn::Result<Vec<Range<usize>>> {
    let mut attributes = Instrumented::default();
    attributes.visit_file(&syn::parse_file(text)?);
    Ok(attributes.ranges)
}

/// Inserts pieces into a text, each at a byte offset as `syn` counts them.
fn insert(text: &str, pieces: impl IntoIterator<Item = (usize, String)>) -> String {
    // `parse_file` does not count a byte order mark.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut pieces: Vec<_> = pieces.into_iter().collect();
    pieces.sort_unstable();
    let mut whole = text.to_owned();
    for (offset, piece) in pieces.iter().rev() {
        whole.insert_str(mark + offset, piece);
    }
    whole
}

/// Collects the insertion points for functions: alternately above and below their other attributes.
#[derive(Default)]
struct Functions {
    /// Byte offsets in the text.
    starts: Vec<usize>,
}

impl Functions {
    /// Adds a function whose other parts have these `spans`; absent parts have empty ones.
    fn add(&mut self, attrs: &[Attribute], sig: &Signature, spans: &[Span]) {
        // The attribute rejects a `const fn`, and a macro runs inside the compiler.
        let macros = ["proc_macro", "proc_macro_attribute", "proc_macro_derive"];
        let is_macro = |attr: &Attribute| macros.iter().any(|name| attr.path().is_ident(name));
        if sig.constness.is_some() || attrs.iter().any(is_macro) {
            return;
        }
        let above = attrs
            .iter()
            .find(|attr| matches!(attr.style, AttrStyle::Outer));
        let above = above
            .filter(|_| self.starts.len().is_multiple_of(2))
            .map(Attribute::span);
        let ranges = spans.iter().chain(above.as_ref()).map(Span::byte_range);
        let written = ranges.filter(|range| !range.is_empty());
        self.starts.extend(written.map(|range| range.start).min());
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let spans = [function.vis.span(), function.sig.span()];
        self.add(&function.attrs, &function.sig, &spans);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        let modifier = method.modifiers.defaultness.span();
        let spans = [method.vis.span(), modifier, method.sig.span()];
        self.add(&method.attrs, &method.sig, &spans);
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_trait_item_fn(&mut self, method: &'ast TraitItemFn) {
        if method.default.is_some() {
            self.add(&method.attrs, &method.sig, &[method.sig.span()]);
        }
        visit::visit_trait_item_fn(self, method);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        // Recording may allocate, so a tracked allocator would recurse without end.
        let allocates = item.trait_.as_ref().is_some_and(|(path, _)| {
            let name = path.segments.last();
            name.is_some_and(|name| name.ident == "GlobalAlloc")
        });
        if !allocates {
            visit::visit_item_impl(self, item);
        }
    }
}

/// Collects the attributes named `instrument`, with any path and any arguments.
#[derive(Default)]
struct Instrumented {
    /// Byte ranges in the text.
    ranges: Vec<Range<usize>>,
}

impl<'ast> Visit<'ast> for Instrumented {
    fn visit_attribute(&mut self, attr: &'ast Attribute) {
        let name = attr.path().segments.last();
        if name.is_some_and(|name| name.ident == "instrument") {
            self.ranges.push(attr.span().byte_range());
        }
    }
}
