//! Finds the functions that a `macro_rules!` definition produces. Its tokens are no valid items, so
//! they are searched for the keyword `fn`, a name and a body.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::targets::{Target, before, one_line};

/// Keywords that may stand before `fn`.
const QUALIFIERS: [&str; 7] = [
    "pub", "async", "unsafe", "extern", "default", "const", "safe",
];

/// Returns the functions in the transcribers of a macro definition with these `rules`.
pub(crate) fn in_definition(text: &str, rules: TokenStream) -> Vec<Target> {
    let tokens: Vec<_> = rules.into_iter().collect();
    let mut found = Vec::new();
    // A rule is a matcher, `=>` and a transcriber.
    for rule in tokens.windows(4) {
        let [
            TokenTree::Group(matcher),
            arrow,
            head,
            TokenTree::Group(body),
        ] = rule
        else {
            continue;
        };
        if is(arrow, '=') && is(head, '>') {
            let mut transcriber = Transcriber {
                text,
                visibilities: BTreeSet::new(),
                blocks: BTreeSet::new(),
                found: &mut found,
            };
            transcriber.declare(matcher);
            transcriber.search(body);
        }
    }
    found
}

/// Collects the functions of one rule.
struct Transcriber<'a> {
    /// The text of the file.
    text: &'a str,
    /// The names of the fragments with the specifier `vis`.
    visibilities: BTreeSet<String>,
    /// The names of the fragments with the specifier `block`.
    blocks: BTreeSet<String>,
    /// The functions found so far.
    found: &'a mut Vec<Target>,
}

impl Transcriber<'_> {
    /// Adds the visibilities and blocks that a matcher declares.
    fn declare(&mut self, matcher: &Group) {
        let tokens: Vec<_> = matcher.stream().into_iter().collect();
        for fragment in tokens.windows(3) {
            if let [TokenTree::Ident(name), colon, TokenTree::Ident(kind)] = fragment
                && is(colon, ':')
            {
                if kind == "vis" {
                    self.visibilities.insert(name.to_string());
                } else if kind == "block" {
                    self.blocks.insert(name.to_string());
                }
            }
        }
        for token in &tokens {
            if let TokenTree::Group(group) = token {
                self.declare(group);
            }
        }
    }

    /// Adds the functions of a group.
    fn search(&mut self, group: &Group) {
        let tokens: Vec<_> = group.stream().into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.search(group),
                TokenTree::Ident(word) if word == "fn" => self.add(&tokens, index),
                _ => {}
            }
        }
    }

    /// Adds the function with the keyword `fn` at this `index`, if it has a name and a body.
    fn add(&mut self, tokens: &[TokenTree], index: usize) {
        let named = match &tokens[index + 1..] {
            // `$name:ident` is the matcher of a nested definition.
            [dollar, TokenTree::Ident(_), colon, ..] if is(dollar, '$') => !is(colon, ':'),
            [TokenTree::Ident(_), ..] => true,
            _ => false,
        };
        let rest = &tokens[index + 1..];
        let before_body = rest.iter().take_while(|token| !is(token, ';')).count();
        let mut positions = 0..before_body;
        let body = positions.find(|position| self.is_body(&rest[..=*position]));
        let Some(body) = body.filter(|_| named) else {
            return;
        };
        // A fragment's name is after its `$`.
        let end = rest[body].span().byte_range().end;
        let is_fragment = matches!(rest[body], TokenTree::Ident(_));
        let body = &rest[body - usize::from(is_fragment)];
        let first = self.first_qualifier(tokens, index);
        let is_const = tokens[first..index]
            .iter()
            .any(|token| matches!(token, TokenTree::Ident(word) if word == "const"));
        let start = tokens[first].span().byte_range().start;
        let body = body.span().byte_range();
        let attribute = if is_const {
            Err("const fn")
        } else {
            Ok(before(start))
        };
        self.found.push(Target {
            range: start..end,
            signature: one_line(self.text, start..body.start),
            functions: 1,
            attribute,
        });
    }

    /// Returns whether the last of these tokens is a block or the name of a block fragment.
    fn is_body(&self, tokens: &[TokenTree]) -> bool {
        match tokens {
            [.., TokenTree::Group(group)] => group.delimiter() == Delimiter::Brace,
            [.., dollar, TokenTree::Ident(name)] => {
                is(dollar, '$') && self.blocks.contains(&name.to_string())
            }
            _ => false,
        }
    }

    /// Returns the index of the first token of the function whose keyword `fn` is at this `index`.
    fn first_qualifier(&self, tokens: &[TokenTree], index: usize) -> usize {
        let mut first = index;
        loop {
            first -= match &tokens[..first] {
                [.., TokenTree::Ident(word)] if QUALIFIERS.iter().any(|it| word == it) => 1,
                [.., dollar, TokenTree::Ident(name)]
                    if is(dollar, '$') && self.visibilities.contains(&name.to_string()) =>
                {
                    2
                }
                // `pub(crate)`, `extern "C"`.
                [.., TokenTree::Ident(word), TokenTree::Group(_)] if word == "pub" => 2,
                [.., TokenTree::Ident(word), TokenTree::Literal(_)] if word == "extern" => 2,
                _ => return first,
            };
        }
    }
}

/// Returns whether a token is this punctuation.
fn is(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
