//! Token usage, and how the attribute reads it from a reply.

/// The tokens of an LLM call, as the provider reports them.
///
/// ```
/// use mcp_metrics::TokenUsage;
///
/// let usage = TokenUsage { input: 1_200, output: 80 };
/// assert_eq!(usage.total(), 1_280);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TokenUsage {
    /// Tokens of the prompt. Zero is not recorded.
    pub input: u64,
    /// Tokens of the reply. Zero is not recorded.
    pub output: u64,
}

impl TokenUsage {
    /// Returns the sum of both numbers.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// What the argument `usage` may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a token usage",
    label = "expected `TokenUsage` or `Option<TokenUsage>`",
    note = "write `usage = |reply| TokenUsage {{ input: …, output: … }}`"
)]
pub trait IntoUsage {
    /// Returns the usage, if it is known.
    fn into_usage(self) -> Option<TokenUsage>;
}

impl IntoUsage for TokenUsage {
    fn into_usage(self) -> Option<TokenUsage> {
        Some(self)
    }
}

impl IntoUsage for Option<TokenUsage> {
    fn into_usage(self) -> Option<TokenUsage> {
        self
    }
}

/// A value from which the attribute reads the token usage:
/// `(&&Reply(&value)).mcp_metrics_usage(…)`.
///
/// Method lookup prefers the implementation for a reference, so that the user's function gets the
/// value in an `Ok`. See `classify/outcome_by_type.rs`.
#[derive(Debug)]
pub struct Reply<'a, T: ?Sized>(pub &'a T);

/// The usage in the value of an `Ok`.
pub trait ViaOk {
    /// The type of the value.
    type Reply;

    /// Returns the usage; `None` for an `Err`.
    fn mcp_metrics_usage<U: IntoUsage>(
        &self,
        usage: impl FnOnce(&Self::Reply) -> U,
    ) -> Option<TokenUsage>;
}

impl<T, E> ViaOk for &Reply<'_, Result<T, E>> {
    type Reply = T;

    fn mcp_metrics_usage<U: IntoUsage>(&self, usage: impl FnOnce(&T) -> U) -> Option<TokenUsage> {
        self.0
            .as_ref()
            .ok()
            .and_then(|reply| usage(reply).into_usage())
    }
}

/// The usage in any other value.
pub trait ViaValue {
    /// The type of the value.
    type Reply: ?Sized;

    /// Returns the usage.
    fn mcp_metrics_usage<U: IntoUsage>(
        &self,
        usage: impl FnOnce(&Self::Reply) -> U,
    ) -> Option<TokenUsage>;
}

impl<T: ?Sized> ViaValue for Reply<'_, T> {
    type Reply = T;

    fn mcp_metrics_usage<U: IntoUsage>(&self, usage: impl FnOnce(&T) -> U) -> Option<TokenUsage> {
        usage(self.0).into_usage()
    }
}
