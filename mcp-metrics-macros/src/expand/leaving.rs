//! Whether a body can be left before its end.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Macros whose expansion neither returns nor takes `?`, other than in what they are given.
const STAY: [&str; 26] = [
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

/// Whether a body's tokens may return before its end: by `return`, by `?`, or by a macro that
/// could hold either. May say yes of a body that does not.
pub(super) fn may_leave_early(body: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    let calls_unknown = |at: usize| match &tokens[at..] {
        [
            TokenTree::Ident(name),
            TokenTree::Punct(bang),
            TokenTree::Group(arguments),
            ..,
        ] => {
            bang.as_char() == '!'
                && arguments.delimiter() != Delimiter::None
                && !STAY.iter().any(|stays| name == stays)
        }
        _ => false,
    };
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => may_leave_early(&group.stream()),
        TokenTree::Ident(word) => word == "return" || calls_unknown(at),
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Literal(_) => false,
    })
}
