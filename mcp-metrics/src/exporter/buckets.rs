//! The bucket bounds of histograms, by name.

use std::collections::HashMap;

use super::ExporterBuilder;
use super::errors::InstallError;
use crate::catalog::{self, Kind, Namespace};
use crate::recorder::{BucketRules, family_name};
use crate::storage::histogram::Bounds;

/// Characters that are in patterns and in no exported name. Text with one of them is a pattern by
/// mistake, which would match nothing once it is sanitized.
const PATTERN_CHARACTERS: [char; 12] =
    ['*', '?', '[', ']', '(', ')', '{', '}', '^', '$', '|', '\\'];

/// Selects histograms by name, for [`ExporterBuilder::buckets_for`].
///
/// The text is literal, without wildcards. Like the name of a metric, it is accepted as it is
/// recorded (`http.server.`) and as it is exported (`http_server_`). Text converts into
/// [`Full`](Self::Full). A matcher has the variants of the one in metrics-exporter-prometheus.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// The histogram of this name.
    Full(String),
    /// The histograms whose names begin with this text, except those of the [catalogue](catalog).
    Prefix(String),
    /// The histograms whose names end with this text, except those of the [catalogue](catalog).
    Suffix(String),
}

impl<T: Into<String>> From<T> for Matcher {
    fn from(name: T) -> Self {
        Self::Full(name.into())
    }
}

/// An error from a [`Matcher`] that can match no histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMatcher {
    /// The text is empty.
    #[error(
        "the text is empty; use `default_buckets` for all histograms without bounds of their own"
    )]
    Empty,
    /// The text looks like a pattern.
    #[error(
        "`{0}` is in no exported name, and matchers have no wildcards; use the literal beginning of \
         the names in `Matcher::Prefix`, or their end in `Matcher::Suffix`"
    )]
    Pattern(char),
}

impl Matcher {
    fn text(&self) -> &str {
        match self {
            Self::Full(text) | Self::Prefix(text) | Self::Suffix(text) => text,
        }
    }

    fn check(&self) -> Result<(), InvalidMatcher> {
        let text = self.text();
        match text.chars().find(|it| PATTERN_CHARACTERS.contains(it)) {
            _ if text.is_empty() => Err(InvalidMatcher::Empty),
            Some(character) => Err(InvalidMatcher::Pattern(character)),
            None => Ok(()),
        }
    }

    /// Returns the matcher for an error message: a name, or the kind of the matcher and its text.
    fn describe(&self) -> String {
        match self {
            Self::Full(name) => name.clone(),
            part => format!("{part:?}"),
        }
    }
}

impl ExporterBuilder {
    /// Sets the upper bounds, in seconds, of `mcp_hub_request_duration_seconds`; `+Inf` is added.
    ///
    /// Default: [`catalog::REQUEST_DURATION_BUCKETS`], which dashboards and alerts expect.
    /// [`catalog::FINE_BUCKETS`] has these bounds, and finer and longer ones.
    pub fn buckets(self, bounds: &[f64]) -> Self {
        self.buckets_for(catalog::REQUEST_DURATION, bounds)
    }

    /// Sets the upper bounds of the histograms that `metric` selects, also those of other crates: a
    /// [`Matcher`], or a text for the histogram of exactly this name. Both recorded names
    /// (`http.server.duration`) and exported names (`http_server_duration`) are accepted.
    ///
    /// The full name takes precedence over a prefix, and a prefix over a suffix; of several
    /// prefixes or suffixes, the longest one applies. Of two calls with the same matcher, the last
    /// one wins.
    ///
    /// Prefixes and suffixes do not change the histograms of the [catalogue](catalog), whose bounds
    /// dashboards and alerts expect; this is logged. Set these by their full name.
    ///
    /// ```
    /// use mcp_metrics::{Exporter, Matcher, catalog};
    ///
    /// let exporter = Exporter::builder()
    ///     .buckets_for(Matcher::Suffix("_seconds".into()), &catalog::FINE_BUCKETS)
    ///     .buckets_for("queue_wait_seconds", &[60.0, 3600.0])
    ///     .install()?;
    /// metrics::histogram!("import_seconds").record(0.002);
    /// metrics::histogram!("queue_wait_seconds").record(90.0);
    ///
    /// let scrape = exporter.render();
    /// assert!(scrape.contains("import_seconds_bucket{le=\"0.0025\"} 1\n"));
    /// assert!(scrape.contains("queue_wait_seconds_bucket{le=\"3600.0\"} 1\n"));
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    pub fn buckets_for(mut self, metric: impl Into<Matcher>, bounds: &[f64]) -> Self {
        self.buckets.push((metric.into(), bounds.to_vec()));
        self
    }

    /// Sets the upper bounds of all histograms without bounds of their own.
    ///
    /// Default: [`catalog::DEFAULT_BUCKETS`], those of the official Prometheus clients.
    pub fn default_buckets(mut self, bounds: &[f64]) -> Self {
        self.default_buckets = bounds.to_vec();
        self
    }
}

impl ExporterBuilder {
    /// Returns the bucket bounds of all histograms.
    pub(super) fn bucket_rules(&self, namespace: &Namespace) -> Result<BucketRules, InstallError> {
        let default = self.bounds("default", &self.default_buckets)?;
        let mut rules = BucketRules {
            named: self.catalogue_bounds(&default)?,
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            default,
        };
        for (matcher, bounds) in &self.buckets {
            matcher.check().map_err(|source| InstallError::Matcher {
                matcher: matcher.clone(),
                source,
            })?;
            let bounds = self.bounds(&matcher.describe(), bounds)?;
            match matcher {
                Matcher::Full(name) => {
                    let name = namespace.catalogue_name(family_name(name));
                    rules.named.insert(name.into_owned(), bounds);
                }
                Matcher::Prefix(text) => {
                    let prefix = family_name(text);
                    log_kept_bounds(matcher, namespace, |name| name.starts_with(&prefix));
                    add(&mut rules.prefixes, prefix, bounds);
                }
                Matcher::Suffix(text) => {
                    let suffix = sanitized_suffix(text);
                    log_kept_bounds(matcher, namespace, |name| name.ends_with(&suffix));
                    add(&mut rules.suffixes, suffix, bounds);
                }
            }
        }
        Ok(rules)
    }

    /// Returns the bounds of the catalogue's histograms by name.
    fn catalogue_bounds(&self, default: &Bounds) -> Result<HashMap<String, Bounds>, InstallError> {
        let of_exporter = catalog::EXPORTER_FAMILIES;
        let histograms = catalog::all().filter(|family| family.kind == Kind::Histogram);
        let bounds = histograms.map(|family| {
            // The exporter's own histograms follow `default_buckets`.
            let bounds = if of_exporter.iter().any(|it| it.name == family.name) {
                default.clone()
            } else {
                self.bounds(family.name, family.buckets)?
            };
            Ok((family.name.to_owned(), bounds))
        });
        bounds.collect()
    }

    #[cfg_attr(
        not(feature = "protobuf"),
        expect(clippy::unused_self, reason = "the feature is off")
    )]
    fn bounds(&self, metric: &str, bounds: &[f64]) -> Result<Bounds, InstallError> {
        let bounds = Bounds::new(bounds).map_err(|source| InstallError::Buckets {
            metric: metric.to_owned(),
            source,
        })?;
        #[cfg(feature = "protobuf")]
        let bounds = bounds.native(self.native_histograms);
        Ok(bounds)
    }
}

/// Adds a rule, or replaces the one with the same text. Longer texts come first.
fn add(rules: &mut Vec<(String, Bounds)>, text: String, bounds: Bounds) {
    rules.retain(|(known, _)| *known != text);
    let longer = rules.partition_point(|(known, _)| known.len() > text.len());
    rules.insert(longer, (text, bounds));
}

/// Returns the end of a name as it is exported. Unlike the beginning of a name, it may begin with a
/// digit.
fn sanitized_suffix(suffix: &str) -> String {
    family_name(&format!("_{suffix}")).split_off(1)
}

/// Logs that a matcher does not change the bounds of the catalogue's histograms.
fn log_kept_bounds(matcher: &Matcher, namespace: &Namespace, selects: impl Fn(&str) -> bool) {
    let histograms = catalog::all().filter(|family| family.kind == Kind::Histogram);
    let kept = histograms.map(|family| family.name_in(namespace.as_str()));
    let kept: Vec<_> = kept.filter(|name| selects(name)).collect();
    if !kept.is_empty() {
        tracing::info!(
            ?matcher,
            ?kept,
            "documented buckets kept; use the full name in `buckets_for` to change them",
        );
    }
}
