//! A function's body as a closure, an `async` block or a block.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Path, ReturnType, Token, Type, parse_quote};

use super::control_flow::may_return_early;
use crate::captures::Captures;
use crate::function::Function;
use crate::returns::inferable;

/// Returns a statement that evaluates the user's body to the local `name`.
///
/// The body becomes a closure, so that it may return early. In a closure, `Location::caller()`
/// returns the function's own line, so a `#[track_caller]` body without early returns becomes a
/// block instead.
pub(super) fn evaluate(
    krate: &Path,
    captures: &Captures,
    function: &mut Function,
    name: &str,
) -> TokenStream {
    let name = Ident::new(name, Span::mixed_site());
    let value = value(krate, captures, function);
    if !is_in_block(function) {
        return quote_spanned!(Span::mixed_site()=> let #name = #value;);
    }
    let ty = match &function.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => inferable(ty),
    };
    // If the body always panics, the compiler would report the statements after it as unreachable.
    quote_spanned! {Span::mixed_site()=>
        let #name: #ty = if true #value else { #krate::__private::never::<#ty>() };
    }
}

/// Returns an expression of the user's body.
pub(super) fn value(krate: &Path, captures: &Captures, function: &mut Function) -> TokenStream {
    let moved = captures.moved(&mut function.sig);
    if is_in_block(function) {
        return expression(function, &moved).into_token_stream();
    }
    closure_call(krate, function, captures.mode(), &moved)
}

/// Returns whether the body becomes a block, not a closure.
fn is_in_block(function: &Function) -> bool {
    function.is_track_caller() && !may_return_early(&function.body.stream())
}

/// Returns an expression that calls a closure with the user's body, which `moved` moves arguments to.
pub(super) fn closure_call(
    krate: &Path,
    function: &Function,
    capture: Option<Token![move]>,
    moved: &TokenStream,
) -> TokenStream {
    let output = closure_output(&function.sig.output);
    let at = function.body.span();
    let capture = capture.map(|_| Token![move](at));
    let body = moving_block(function, moved);
    let closure = quote_spanned!(at=> #capture || #output #body);
    quote_spanned!(Span::mixed_site()=> #krate::__private::call(#closure))
}

/// Returns an `async` block with the user's body, preceded by `statements`.
pub(super) fn async_block(
    krate: &Path,
    function: &Function,
    capture: Option<Token![move]>,
    statements: &TokenStream,
) -> TokenStream {
    let typed = async_output(krate, &function.sig.output);
    let body = block(function, &quote!(#typed #statements));
    let capture = capture.map(|_| Token![move](function.body.span()));
    quote_spanned!(function.body.span()=> async #capture #body)
}

/// Returns a block expression. The first statement keeps the compiler from reporting the braces as
/// unnecessary.
pub(super) fn expression(function: &Function, moved: &TokenStream) -> Group {
    let body = scoped(function, moved);
    with_braces_of(
        function,
        quote_spanned!(Span::mixed_site()=> let () = (); #body),
    )
}

/// Returns a block of statements and the user's body.
///
/// The tokens of the block, and of the closure or `async` block that it belongs to, have the span of
/// the user's braces. With the span of an expansion, clippy ignores macros such as `println!` in the
/// block, and its `return` statements.
fn block(function: &Function, statements: &TokenStream) -> Group {
    if statements.is_empty() {
        return function.body.clone();
    }
    let body = after_statements(function);
    with_braces_of(function, quote!(#statements #body))
}

/// Returns a block that moves arguments to locals.
fn moving_block(function: &Function, moved: &TokenStream) -> Group {
    if moved.is_empty() {
        return function.body.clone();
    }
    with_braces_of(function, scoped(function, moved))
}

/// Returns statements that move arguments to locals, and the user's body.
///
/// The body may borrow from the arguments in its last expression, whose temporaries are dropped
/// after the locals of the block before edition 2024. In an arm, they are dropped before.
fn scoped(function: &Function, moved: &TokenStream) -> TokenStream {
    if moved.is_empty() {
        return after_statements(function);
    }
    let body = &function.body;
    quote_spanned!(Span::mixed_site()=> #moved match () { () => #body })
}

/// Returns the same for the end of the function itself.
///
/// The compiler infers the signature of a closure from an opaque return type, but not in an arm. The
/// temporaries of a `return` are dropped before the locals, too.
pub(super) fn at_end(function: &Function, moved: &TokenStream) -> TokenStream {
    let is_opaque = matches!(&function.sig.output, ReturnType::Type(_, ty)
        if matches!(**ty, Type::ImplTrait(_)));
    if moved.is_empty() || !is_opaque {
        return scoped(function, moved);
    }
    let body = expression(function, &TokenStream::new());
    quote_spanned!(Span::mixed_site()=> #moved return #body;)
}

fn with_braces_of(function: &Function, statements: TokenStream) -> Group {
    let mut block = Group::new(Delimiter::Brace, statements);
    block.set_span(function.body.span());
    block
}

/// Returns the user's body for a block with statements before it.
///
/// A body that starts with an item becomes a block of its own: clippy's `items_after_statements`
/// would report the item. So does a body that ends before its last expression does: the compiler
/// reports the error at the closing brace, and would report it again at that of another block.
pub(super) fn after_statements(function: &Function) -> TokenStream {
    let body = &function.body;
    if starts_with_item(&body.stream()) || is_incomplete(&body.stream()) {
        quote!(#body)
    } else {
        body.stream()
    }
}

/// Returns `-> Type` for a closure, without the types that cannot be named.
fn closure_output(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => TokenStream::new(),
        ReturnType::Type(arrow, ty) => {
            let ty = inferable(ty);
            quote_spanned!(Span::mixed_site()=> #arrow #ty)
        }
    }
}

/// Returns whether a body ends with an operator that needs an operand.
fn is_incomplete(body: &TokenStream) -> bool {
    let mut ends = ['\0'; 2];
    for tree in body.clone() {
        let end = match tree {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => '\0',
        };
        ends = [ends[1], end];
    }
    match ends {
        ['.', '.'] => false, // a range
        [_, end] => "+-*/%^&|=<,.:!@".contains(end),
    }
}

/// Returns whether the first statement of a body is an item.
fn starts_with_item(body: &TokenStream) -> bool {
    const ITEMS: [&str; 15] = [
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "macro_rules",
        "mod",
        "pub",
        "static",
        "struct",
        "trait",
        "type",
        "unsafe",
        "use",
    ];
    let mut trees = body.clone().into_iter();
    while let Some(tree) = trees.next() {
        match tree {
            // An attribute of the statement.
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                trees.next();
            }
            TokenTree::Ident(word) if ITEMS.iter().any(|item| word == item) => {
                return match trees.next() {
                    // `async`, `const` and `unsafe` may start a block, `async` and `static` a closure.
                    Some(TokenTree::Group(_)) => word == "use" || word == "pub",
                    Some(TokenTree::Punct(_)) => word != "async" && word != "static",
                    Some(TokenTree::Ident(next)) => next != "move",
                    Some(TokenTree::Literal(_)) => true,
                    None => false,
                };
            }
            _ => return false,
        }
    }
    false
}

/// Returns a statement that never runs and fixes the type of an `async` block.
///
/// As in a function, early returns are then coerced and type errors point at the user's line.
fn async_output(krate: &Path, output: &ReturnType) -> TokenStream {
    let ty = match output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_) | Type::ImplTrait(_)) => {
            return TokenStream::new();
        }
        ReturnType::Type(_, ty) => inferable(ty),
    };
    quote_spanned! {Span::mixed_site()=>
        if false {
            return #krate::__private::never::<#ty>();
        }
    }
}
