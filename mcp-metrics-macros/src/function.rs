//! A function with a body. The body is kept as tokens, since most attributes need not parse it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Ident, Result, ReturnType, Signature, Token, Type, Visibility};

use crate::returns::unwrapped;

/// A free function, a method or an associated function.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    defaultness: Option<Ident>,
    pub(crate) sig: Signature,
    /// The body with its braces. Inner attributes are moved to `attrs`.
    pub(crate) body: Group,
}

impl Function {
    /// Parses the item that `attribute` is applied to.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> Result<Self> {
        let tokens = visible(tokens);
        let Some(first) = tokens.clone().into_iter().next() else {
            return Err(Error::new(
                proc_macro2::Span::call_site(),
                misplaced(attribute),
            ));
        };
        let looks_like_function = tokens
            .clone()
            .into_iter()
            .any(|token| matches!(&token, proc_macro2::TokenTree::Ident(word) if word == "fn"));
        if !looks_like_function {
            return Err(Error::new(first.span(), misplaced(attribute)));
        }
        let function: Self = syn::parse2(tokens)?;
        if let Some(constness) = &function.sig.constness {
            return Err(Error::new(
                constness.span,
                format!(
                    "`#[{attribute}]` cannot be applied to a `const fn`, because recording happens \
                    at run time; remove `const`, or apply the attribute to the caller"
                ),
            ));
        }
        Ok(function)
    }

    /// Returns whether the function has the attribute `#[track_caller]`. The methods of `Index` and
    /// `IndexMut` inherit it from the trait.
    pub(crate) fn is_track_caller(&self) -> bool {
        let is_index = ["index", "index_mut"]
            .iter()
            .any(|name| self.sig.ident == name);
        let mut attrs = self.attrs.iter();
        is_index || attrs.any(|attr| attr.path().is_ident("track_caller"))
    }

    /// Returns whether the function returns `!`.
    pub(crate) fn is_endless(&self) -> bool {
        matches!(&self.sig.output, ReturnType::Type(_, ty) if matches!(unwrapped(ty), Type::Never(_)))
    }

    /// Returns whether the function has attributes other than frequent built-in ones. They may expand
    /// to code that this expansion does not see.
    pub(crate) fn has_other_attributes(&self) -> bool {
        const BUILT_IN: [&str; 14] = [
            "allow",
            "cfg",
            "cfg_attr",
            "cold",
            "deny",
            "deprecated",
            "doc",
            "expect",
            "forbid",
            "inline",
            "must_use",
            "target_feature",
            "track_caller",
            "warn",
        ];
        self.attrs.iter().any(|attr| {
            let name = attr.path().get_ident();
            !name.is_some_and(|name| BUILT_IN.iter().any(|it| name == it))
        })
    }

    /// Returns the tokens of the function with `body` in place of its own body.
    pub(crate) fn with_body(&self, body: TokenStream) -> TokenStream {
        let Self {
            attrs,
            vis,
            defaultness,
            sig,
            body: old,
        } = self;
        let mut group = Group::new(proc_macro2::Delimiter::Brace, body);
        group.set_span(old.span());
        quote!(#(#attrs)* #vis #defaultness #sig #group)
    }

    /// Returns the tokens of the function with `attribute` re-inserted below the one at `first`.
    ///
    /// `attribute` is the one being expanded. The compiler then expands the one at `first` before
    /// it.
    pub(crate) fn expanded_after(mut self, first: usize, attribute: Attribute) -> TokenStream {
        self.attrs.insert(first + 1, attribute);
        self.into_token_stream()
    }
}

fn misplaced(attribute: &str) -> String {
    format!(
        "`#[{attribute}]` cannot be applied to this item; expected a function or method with a body"
    )
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let defaultness = match input.fork().parse::<Ident>() {
            Ok(word) if word == "default" => Some(input.parse()?),
            _ => None,
        };
        let sig = input.parse()?;
        if input.peek(Token![;]) {
            return Err(input.error(
                "the method has no body; apply the attribute to the method in the trait's \
                 implementations, or give it a default body",
            ));
        }
        let body = input.step(|cursor| match cursor.token_tree() {
            Some((TokenTree::Group(group), rest)) => match visible_block(group) {
                Some(block) => Ok((block, rest)),
                None => Err(cursor.error("expected a function body")),
            },
            _ => Err(cursor.error("expected a function body")),
        })?;
        let (inner, rest) = inner_attributes(&body)?;
        // Another group has the same span for both of its braces, and the compiler reports a syntax
        // error before the closing brace a second time.
        let body = if inner.is_empty() {
            body
        } else {
            let mut bare = Group::new(body.delimiter(), rest);
            bare.set_span(body.span());
            bare
        };
        attrs.extend(inner);
        Ok(Self {
            attrs,
            vis,
            defaultness,
            sig,
            body,
        })
    }
}

/// Returns the tokens of an item that a `macro_rules` macro passes as an `item` fragment, which is
/// an invisible group.
pub(crate) fn visible(tokens: TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            visible(group.stream())
        }
        _ => tokens,
    }
}

/// Returns a block that a `macro_rules` macro may pass as a `block` fragment, which is an invisible
/// group.
fn visible_block(group: Group) -> Option<Group> {
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => {
            let mut trees = group.stream().into_iter();
            match (trees.next(), trees.next()) {
                (Some(TokenTree::Group(inner)), None) => visible_block(inner),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Splits a body into its inner attributes, as outer ones, and the remaining tokens.
fn inner_attributes(body: &Group) -> Result<(Vec<Attribute>, TokenStream)> {
    let parser = |input: ParseStream<'_>| {
        let mut attrs = input.call(Attribute::parse_inner)?;
        for attr in &mut attrs {
            attr.style = syn::AttrStyle::Outer;
        }
        Ok((attrs, input.parse::<TokenStream>()?))
    };
    syn::parse::Parser::parse2(parser, body.stream())
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.with_body(self.body.stream()));
    }
}
