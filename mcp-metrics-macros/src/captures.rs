//! The arguments of a function in the closure or `async` block that its body becomes.
//!
//! A function drops its arguments after its locals, the last one first. A closure captures only the
//! variables that its body names, in the order of their first use; the others would be dropped
//! after the request. Only arguments that may have a destructor matter.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::{VisitMut, visit_pat_ident_mut};
use syn::{
    Attribute, FnArg, GenericArgument, Pat, PatIdent, PathArguments, Receiver, ReceiverKind,
    Signature, Token, Type,
};

use crate::function::Function;
use crate::returns::unwrapped;
use crate::value_type::is_primitive;

/// The arguments that may have a destructor, in the order of the signature.
pub(crate) struct Captures {
    /// A receiver that is taken by value.
    receiver: Option<Token![self]>,
    bindings: Vec<Binding>,
    body: TokenStream,
    /// Whether the body only borrows the arguments.
    borrows: bool,
}

/// A variable that an argument's pattern binds by value.
struct Binding {
    /// The `cfg` attributes of the argument.
    attrs: Vec<Attribute>,
    pat: PatIdent,
    /// The name in the signature.
    source: Ident,
}

impl Binding {
    /// Returns whether a body uses the variable, or its name shows that it need not.
    fn is_used_in(&self, body: &TokenStream) -> bool {
        let name = self.pat.ident.to_string();
        name.starts_with('_') || mentions(body, &name)
    }
}

impl Captures {
    /// Takes the arguments from a function, and names those with the pattern `_`.
    ///
    /// An argument like `_guard` gets another span, since clippy would report its use, unless the
    /// tokens of `named` use it, too.
    pub(crate) fn take(function: &mut Function, named: &[&TokenStream]) -> Self {
        let mut captures = Self {
            receiver: None,
            bindings: Vec::new(),
            body: function.body.stream(),
            borrows: false,
        };
        let has_other_attributes = function.has_other_attributes();
        for (at, argument) in function.sig.inputs.iter_mut().enumerate() {
            match argument {
                FnArg::Receiver(receiver) if is_by_value(receiver) => {
                    captures.receiver = Some(receiver.self_token);
                }
                FnArg::Typed(argument) if may_drop(&argument.ty) => {
                    if matches!(*argument.pat, Pat::Wild(_)) {
                        let name = Ident::new(&format!("_{at}"), Span::mixed_site());
                        *argument.pat = syn::parse_quote!(#name);
                    }
                    let attrs = argument.attrs.iter();
                    let attrs = attrs.filter(|attr| attr.path().is_ident("cfg"));
                    Bindings {
                        attrs: attrs.cloned().collect(),
                        named,
                        found: &mut captures.bindings,
                    }
                    .visit_pat_mut(&mut argument.pat);
                }
                _ => {}
            }
        }
        // Another attribute may use an argument that the body does not, and even move it.
        if has_other_attributes {
            let body = &captures.body;
            captures.bindings.retain(|binding| binding.is_used_in(body));
        }
        captures
    }

    /// Borrows the arguments of a function. They are dropped after what surrounds the body.
    pub(crate) fn borrow(function: &Function) -> Self {
        Self {
            receiver: None,
            bindings: Vec::new(),
            body: function.body.stream(),
            borrows: true,
        }
    }

    /// Returns `move`, unless the body borrows the arguments.
    pub(crate) fn mode(&self) -> Option<Token![move]> {
        (!self.borrows).then(|| Token![move](Span::mixed_site()))
    }

    /// Returns whether the receiver is taken by value.
    pub(crate) const fn has_receiver(&self) -> bool {
        self.receiver.is_some()
    }

    /// Returns statements that move the arguments into a body that runs at the call. The locals are
    /// mutable in place of the arguments.
    pub(crate) fn moved(&self, sig: &mut Signature) -> TokenStream {
        if self.bindings.iter().any(|it| it.pat.mutability.is_some()) {
            for argument in &mut sig.inputs {
                if let FnArg::Typed(argument) = argument
                    && may_drop(&argument.ty)
                {
                    Immutable.visit_pat_mut(&mut argument.pat);
                }
            }
        }
        let receiver = self
            .receiver
            .map(|receiver| quote_spanned!(Span::mixed_site()=> let _ = &#receiver;));
        let bindings = self.bindings.iter().map(|binding| {
            let Binding { attrs, pat, source } = binding;
            quote_spanned!(Span::mixed_site()=> #(#attrs)* let #pat = #source;)
        });
        quote_spanned!(Span::mixed_site()=> #receiver #(#bindings)*)
    }

    /// Returns statements that make an `async` block with the body capture the arguments.
    ///
    /// They are not moved to locals, which would store them twice. Only an argument that the block
    /// does not use is, so that the compiler reports it as unused.
    pub(crate) fn captured(&self) -> TokenStream {
        let is_used =
            |binding: &&Binding| binding.attrs.is_empty() && binding.is_used_in(&self.body);
        let (used, unused): (Vec<_>, Vec<_>) = self.bindings.iter().partition(is_used);
        let receiver = self.receiver.map(ToTokens::into_token_stream);
        let used = used.iter().map(|binding| binding.source.to_token_stream());
        let mut used: Vec<_> = receiver.into_iter().chain(used).collect();
        used.reverse();
        let used =
            (!used.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> let _ = (#(&#used,)*);));
        let unused = unused.iter().map(|binding| {
            let Binding { attrs, pat, source } = binding;
            let name = &pat.ident;
            quote_spanned!(Span::mixed_site()=> #(#attrs)* let #name = #source;)
        });
        quote_spanned!(Span::mixed_site()=> #used #(#unused)*)
    }
}

/// Collects the variables that a pattern binds by value.
struct Bindings<'a> {
    attrs: Vec<Attribute>,
    named: &'a [&'a TokenStream],
    found: &'a mut Vec<Binding>,
}

impl VisitMut for Bindings<'_> {
    fn visit_pat_ident_mut(&mut self, binding: &mut PatIdent) {
        if binding.by_ref.is_none() {
            let pat = PatIdent {
                subpat: None,
                ..binding.clone()
            };
            let name = binding.ident.to_string();
            let is_named = self.named.iter().any(|tokens| mentions(tokens, &name));
            if name.starts_with('_') && !is_named {
                let span = Span::mixed_site().located_at(binding.ident.span());
                binding.ident.set_span(span);
            }
            self.found.push(Binding {
                attrs: self.attrs.clone(),
                pat,
                source: binding.ident.clone(),
            });
        }
        visit_pat_ident_mut(self, binding);
    }
}

/// Removes `mut` from the variables that a pattern binds by value.
struct Immutable;

impl VisitMut for Immutable {
    fn visit_pat_ident_mut(&mut self, binding: &mut PatIdent) {
        if binding.by_ref.is_none() {
            binding.mutability = None;
        }
        visit_pat_ident_mut(self, binding);
    }
}

/// Returns whether tokens contain a name, possibly in a format string.
fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(&group.stream(), name),
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Literal(literal) => literal.to_string().contains(name),
        TokenTree::Punct(_) => false,
    })
}

fn is_by_value(receiver: &Receiver) -> bool {
    match &receiver.kind {
        ReceiverKind::Reference(..) => false,
        ReceiverKind::Typed(_, ty) => may_drop(ty),
        _ => true,
    }
}

/// Returns whether a destructor of a type may have an effect that the program observes.
fn may_drop(ty: &Type) -> bool {
    match unwrapped(ty) {
        Type::Reference(_) | Type::Ptr(_) | Type::FnPtr(_) | Type::Never(_) => false,
        Type::Tuple(tuple) => tuple.elems.iter().any(may_drop),
        Type::Array(array) => may_drop(&array.elem),
        Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) if is_container(&last.ident) => match &last.arguments {
                PathArguments::AngleBracketed(arguments) => {
                    arguments.args.iter().any(|argument| match argument {
                        GenericArgument::Type(ty) => may_drop(ty),
                        _ => false,
                    })
                }
                _ => true,
            },
            Some(last) => !is_without_destructor(&last.ident),
            None => true,
        },
        _ => true,
    }
}

/// Returns whether a type of this name only drops the values that it contains.
fn is_container(name: &Ident) -> bool {
    const NAMES: [&str; 12] = [
        "Arc", "BTreeMap", "BTreeSet", "Box", "Cow", "HashMap", "HashSet", "Option", "Pin", "Rc",
        "Result", "Vec",
    ];
    NAMES.iter().any(|it| name == it)
}

fn is_without_destructor(name: &Ident) -> bool {
    const NAMES: [&str; 5] = ["Duration", "Instant", "Ordering", "PathBuf", "SocketAddr"];
    is_primitive(name) || NAMES.iter().any(|it| name == it)
}
