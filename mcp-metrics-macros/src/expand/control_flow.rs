//! Detection of early returns in a body.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Macros whose expansion contains no `return` and no `?`, except in their arguments.
const NO_EARLY_RETURN: [&str; 26] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprintln",
    "file",
    "format",
    "format_args",
    "line",
    "matches",
    "module_path",
    "panic",
    "println",
    "stringify",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Returns whether a body may return early.
///
/// It may if it has a `return`, a `?`, or a macro that may expand to one. False positives are
/// possible.
pub(super) fn may_return_early(body: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let calls_unknown_macro = |at: usize| match &tokens[at..] {
        [
            TokenTree::Ident(name),
            TokenTree::Punct(bang),
            TokenTree::Group(arguments),
            ..,
        ] => {
            bang.as_char() == '!'
                && arguments.delimiter() != Delimiter::None
                && !NO_EARLY_RETURN.iter().any(|known| name == known)
        }
        _ => false,
    };
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => may_return_early(&group.stream()),
        TokenTree::Ident(word) => word == "return" || calls_unknown_macro(at),
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Literal(_) => false,
    })
}
