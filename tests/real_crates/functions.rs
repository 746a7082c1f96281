//! Finds the functions of a file that can have the attribute, and the place of the attribute: before
//! a function but on its line, so that formatting, comments and line numbers stay the same.

use std::ops::Range;

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    AttrStyle, Attribute, Block, File, ImplItemFn, ItemFn, ItemImpl, Macro, Signature, TraitItemFn,
};

use crate::macros;

/// The attribute with an absolute path, because the crate is not imported.
const TRACKED: &str = r#"#[::mcp_metrics::tracked(agent = "t")]"#;

/// A function with a body. Offsets are in bytes, without a byte order mark.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// The function with its attributes.
    pub(crate) range: Range<usize>,
    /// The text before its body.
    pub(crate) signature: String,
    /// The attribute with its offset, or why the function cannot have it.
    pub(crate) attribute: Result<(usize, String), &'static str>,
}

/// Which functions get the attribute, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Position {
    /// Every function, alternately above and below its other attributes.
    Alternate,
    /// Above every `#[instrument]`.
    AboveInstrument,
    /// Below every `#[instrument]`.
    BelowInstrument,
}

/// Returns the functions in a file's text. Functions without a body are left out.
pub(crate) fn find(text: &str, position: Position) -> syn::Result<Vec<Function>> {
    let mut functions = Functions {
        text,
        position,
        found: Vec::new(),
    };
    functions.visit_file(&syn::parse_file(text)?);
    Ok(functions.found)
}

/// Returns the attribute for an insertion before other code of the line.
pub(crate) fn before(offset: usize) -> (usize, String) {
    (offset, format!("{TRACKED} "))
}

/// Returns the text in a range on one line, without repeated spaces.
pub(crate) fn one_line(text: &str, range: Range<usize>) -> String {
    let words: Vec<_> = text[range].split_whitespace().collect();
    words.join(" ")
}

/// Collects functions.
struct Functions<'text> {
    /// The text of the file.
    text: &'text str,
    /// Where the attribute is inserted.
    position: Position,
    /// The functions found so far.
    found: Vec<Function>,
}

impl Functions<'_> {
    /// Adds a function whose other parts have these `spans`; absent parts have empty ones.
    fn add(&mut self, attrs: &[Attribute], sig: &Signature, body: &Block, spans: &[Span]) {
        let starts = spans
            .iter()
            .map(Span::byte_range)
            .filter(|range| !range.is_empty())
            .map(|range| range.start);
        let keyword = sig.span().byte_range().start;
        let below = starts.min().unwrap_or(keyword).min(keyword);
        let outer = attrs
            .iter()
            .filter(|attr| matches!(attr.style, AttrStyle::Outer));
        let above = outer
            .map(|attr| attr.span().byte_range().start)
            .min()
            .unwrap_or(below);
        let body = body.span().byte_range();
        let function = Function {
            range: above..body.end,
            signature: one_line(self.text, below..body.start),
            attribute: Err(""),
        };
        let instrumented = attrs.iter().filter(|attr| is_named(attr, "instrument"));
        let mut ranges = instrumented.map(|attr| attr.span().byte_range());
        let attribute = match self.position {
            Position::Alternate => Some(exclusion(attrs, sig).map_or_else(
                || {
                    let even = self.found.len().is_multiple_of(2);
                    Ok(before(if even { above } else { below }))
                },
                Err,
            )),
            Position::AboveInstrument => ranges.next().map(|range| Ok(before(range.start))),
            Position::BelowInstrument => ranges
                .next()
                .map(|range| Ok((range.end, format!(" {TRACKED}")))),
        };
        self.found.extend(attribute.map(|attribute| Function {
            attribute,
            ..function
        }));
    }

    /// Adds the functions that a macro's arguments contain.
    fn add_in_macro(&mut self, path: &syn::Path, tokens: &TokenStream) {
        if !matches!(self.position, Position::Alternate) {
            return;
        }
        if path.is_ident("macro_rules") {
            self.found
                .extend(macros::in_definition(self.text, tokens.clone()));
        } else if let Ok(items) = syn::parse2::<File>(tokens.clone()) {
            self.visit_file(&items);
        }
    }
}

/// Returns why the attribute cannot be applied to a function.
fn exclusion(attrs: &[Attribute], sig: &Signature) -> Option<&'static str> {
    let macros = ["proc_macro", "proc_macro_attribute", "proc_macro_derive"];
    if sig.constness.is_some() {
        Some("const fn")
    } else if attrs
        .iter()
        .any(|attr| macros.iter().any(|name| is_named(attr, name)))
    {
        // It runs inside the compiler.
        Some("procedural macro")
    } else {
        None
    }
}

/// Returns whether this is the last segment of the attribute's path.
fn is_named(attr: &Attribute, name: &str) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == name)
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let spans = [function.vis.span()];
        self.add(&function.attrs, &function.sig, &function.block, &spans);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        let spans = [method.vis.span(), method.modifiers.defaultness.span()];
        self.add(&method.attrs, &method.sig, &method.block, &spans);
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_trait_item_fn(&mut self, method: &'ast TraitItemFn) {
        if let Some(body) = &method.default {
            self.add(&method.attrs, &method.sig, body, &[]);
        }
        visit::visit_trait_item_fn(self, method);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let found = self.found.len();
        visit::visit_item_impl(self, item);
        let allocates = item.trait_.as_ref().is_some_and(|(path, _)| {
            let name = path.segments.last();
            name.is_some_and(|name| name.ident == "GlobalAlloc")
        });
        if allocates {
            for function in &mut self.found[found..] {
                // Recording may allocate, so it would recurse without end.
                function.attribute = Err("global allocator");
            }
        }
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.add_in_macro(&invocation.path, &invocation.tokens);
        visit::visit_macro(self, invocation);
    }
}
