//! Finds the functions and blocks of a file that can have the attribute, and the place of the
//! attribute: before the function but on its line, so that formatting, comments and line numbers
//! stay the same.

use std::mem;
use std::ops::Range;

use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    AttrStyle, Attribute, Block, File, ImplItemFn, ImplItemMacro, ItemFn, ItemImpl, ItemTrait,
    Macro, Signature, TraitItemFn, TraitItemMacro, token,
};

use crate::macros;

/// The attribute with an absolute path, because the crate is not imported.
const TRACKED: &str = r#"#[::mcp_metrics::tracked(agent = "t")]"#;

/// The attribute that excludes a macro call in a block.
const SKIPPED: &str = "#[::mcp_metrics::tracked(skip)] ";

/// A function with a body, or an `impl` block or a trait with such functions. Offsets are in bytes,
/// without a byte order mark.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The item with its attributes.
    pub(crate) range: Range<usize>,
    /// The text before its body.
    pub(crate) signature: String,
    /// The number of functions that the attribute is for.
    pub(crate) functions: usize,
    /// The attribute with its offset, or why the item cannot have it.
    pub(crate) attribute: Result<(usize, String), &'static str>,
}

/// What gets the attribute, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Position {
    /// Every function, alternately above and below its other attributes.
    EachFunction,
    /// Every `impl` block, trait and function outside of them, alternately above and below its
    /// other attributes.
    EachBlock,
    /// Above every `#[instrument]`.
    AboveInstrument,
    /// Below every `#[instrument]`.
    BelowInstrument,
}

/// Returns the targets in a file's text. Functions without a body are left out.
pub(crate) fn find(text: &str, position: Position) -> syn::Result<Vec<Target>> {
    let mut targets = Targets {
        text,
        position,
        methods: None,
        found: Vec::new(),
    };
    targets.visit_file(&syn::parse_file(text)?);
    Ok(targets.found)
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

/// Collects targets.
struct Targets<'text> {
    /// The text of the file.
    text: &'text str,
    /// Where the attribute is inserted.
    position: Position,
    /// The number of methods so far of the block that gets the attribute instead of them.
    methods: Option<usize>,
    /// The targets found so far.
    found: Vec<Target>,
}

impl Targets<'_> {
    /// Adds a function whose parts have these `spans`.
    fn add_function(&mut self, attrs: &[Attribute], sig: &Signature, body: &Block, spans: &[Span]) {
        let mut ranges = attrs
            .iter()
            .filter(|attr| is_named(attr, "instrument"))
            .map(|attr| attr.span().byte_range());
        let at_instrument = match self.position {
            Position::EachFunction | Position::EachBlock => None,
            Position::AboveInstrument => ranges.next().map(|range| before(range.start)),
            Position::BelowInstrument => ranges
                .next()
                .map(|range| (range.end, format!(" {TRACKED}"))),
        };
        let mut target = self.target(attrs, spans, body.span().byte_range());
        if let Some(attribute) = at_instrument {
            target.attribute = Ok(attribute);
        } else if !self.is_each() {
            return;
        } else if let Some(reason) = exclusion(attrs, sig) {
            target.attribute = Err(reason);
        } else if let Some(methods) = &mut self.methods {
            *methods += 1;
            return;
        }
        self.found.push(target);
    }

    /// Adds the block whose parts have these `spans`, and the functions that `visit` finds in it.
    fn add_block(
        &mut self,
        attrs: &[Attribute],
        spans: &[Span],
        brace: &token::Brace,
        visit: impl FnOnce(&mut Self),
    ) {
        if self.position != Position::EachBlock {
            return visit(self);
        }
        let outer = self.methods.replace(0);
        visit(self);
        let methods = mem::replace(&mut self.methods, outer);
        if let Some(functions @ 1..) = methods {
            let body = brace.span.join().byte_range();
            self.found.push(Target {
                functions,
                ..self.target(attrs, spans, body)
            });
        }
    }

    /// Excludes a macro call in a block, as the attribute on the block requires.
    fn skip_macro(&mut self, attrs: &[Attribute], call: &Macro) {
        if self.position == Position::EachBlock {
            let tokens = call.tokens.span().byte_range();
            let range = call.span().byte_range();
            let mut target = self.target(attrs, &[call.span()], tokens);
            target.functions = 0;
            target.attribute = Ok((range.start, SKIPPED.to_owned()));
            self.found.push(target);
        }
    }

    /// Visits what is inside a function or a macro's arguments, which is not a part of their block.
    fn inside(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = self.methods.take();
        visit(self);
        self.methods = outer;
    }

    /// Returns an item whose parts have these `spans`; absent parts have empty ones.
    fn target(&self, attrs: &[Attribute], spans: &[Span], body: Range<usize>) -> Target {
        let ranges = spans.iter().map(Span::byte_range);
        let below = ranges
            .filter(|range| !range.is_empty())
            .map(|range| range.start)
            .min()
            .expect("an item has a keyword");
        let outer = attrs
            .iter()
            .filter(|attr| matches!(attr.style, AttrStyle::Outer));
        let above = outer
            .map(|attr| attr.span().byte_range().start)
            .min()
            .unwrap_or(below);
        let even = self.found.len().is_multiple_of(2);
        Target {
            range: above..body.end,
            signature: one_line(self.text, below..body.start),
            functions: 1,
            attribute: Ok(before(if even { above } else { below })),
        }
    }

    /// Returns whether every function is tracked, alone or by its block.
    fn is_each(&self) -> bool {
        matches!(self.position, Position::EachFunction | Position::EachBlock)
    }

    /// Adds the functions that a macro's arguments contain.
    fn add_in_macro(&mut self, path: &syn::Path, tokens: &TokenStream) {
        if !self.is_each() {
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

impl<'ast> Visit<'ast> for Targets<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        let ItemFn {
            attrs,
            vis,
            sig,
            block,
            ..
        } = function;
        self.add_function(attrs, sig, block, &[vis.span(), sig.span()]);
        self.inside(|it| visit::visit_item_fn(it, function));
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        let ImplItemFn {
            attrs,
            vis,
            modifiers,
            sig,
            block,
        } = method;
        let spans = [vis.span(), modifiers.defaultness.span(), sig.span()];
        self.add_function(attrs, sig, block, &spans);
        self.inside(|it| visit::visit_impl_item_fn(it, method));
    }

    fn visit_trait_item_fn(&mut self, method: &'ast TraitItemFn) {
        if let Some(body) = &method.default {
            self.add_function(&method.attrs, &method.sig, body, &[method.sig.span()]);
        }
        self.inside(|it| visit::visit_trait_item_fn(it, method));
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let found = self.found.len();
        let modifiers = [item.modifiers.defaultness.span(), item.unsafety.span()];
        let spans = [&modifiers[..], &[item.impl_token.span]].concat();
        self.add_block(&item.attrs, &spans, &item.brace_token, |it| {
            visit::visit_item_impl(it, item);
        });
        let allocates = item.trait_.as_ref().is_some_and(|(path, _)| {
            let name = path.segments.last();
            name.is_some_and(|name| name.ident == "GlobalAlloc")
        });
        if allocates {
            for target in &mut self.found[found..] {
                // Recording may allocate, so it would recurse without end.
                target.attribute = Err("global allocator");
            }
        }
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        let spans = [item.vis.span(), item.unsafety.span(), item.trait_token.span];
        self.add_block(&item.attrs, &spans, &item.brace_token, |it| {
            visit::visit_item_trait(it, item);
        });
    }

    fn visit_impl_item_macro(&mut self, item: &'ast ImplItemMacro) {
        self.skip_macro(&item.attrs, &item.mac);
        visit::visit_impl_item_macro(self, item);
    }

    fn visit_trait_item_macro(&mut self, item: &'ast TraitItemMacro) {
        self.skip_macro(&item.attrs, &item.mac);
        visit::visit_trait_item_macro(self, item);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.inside(|it| it.add_in_macro(&invocation.path, &invocation.tokens));
        visit::visit_macro(self, invocation);
    }
}
