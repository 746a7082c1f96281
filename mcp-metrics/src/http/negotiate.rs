//! Content negotiation: the exposition format of a response, according to `Accept`.

use axum::http::{HeaderMap, header};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams as _};

use crate::encode::TEXT_FORMAT;

/// An exposition format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Format {
    /// Prometheus' text format.
    Text,
    /// OpenMetrics' text format.
    OpenMetrics,
    /// Prometheus' protobuf format.
    #[cfg(feature = "protobuf")]
    Protobuf,
}

impl Format {
    /// All formats. The first takes precedence among those with the same quality value.
    pub(super) const ALL: &[Self] = &[
        Self::Text,
        Self::OpenMetrics,
        #[cfg(feature = "protobuf")]
        Self::Protobuf,
    ];

    /// Returns the value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Text => TEXT_FORMAT,
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            #[cfg(feature = "protobuf")]
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
                 encoding=delimited"
            }
        }
    }

    /// Returns the format with the highest quality value in `Accept`. If none is acceptable,
    /// returns the text format, like Prometheus' own exporters.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepts: Vec<_> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| MediaTypeList::new(value).filter_map(Result::ok))
            .collect();
        let mut best = (Self::Text, 0.0);
        for format in Self::ALL.iter().copied() {
            let quality = format.quality(&accepts);
            if quality > best.1 {
                best = (format, quality);
            }
        }
        best.0
    }

    /// Returns the format's quality value, from 0 to 1: that of the most specific media range,
    /// RFC 9110, section 12.5.1.
    fn quality(self, accepts: &[MediaType<'_>]) -> f64 {
        let ranges = accepts.iter().filter_map(|range| {
            let quality = range
                .get_param(Q)
                .map_or(Some(1.0), |q| q.as_str().parse().ok());
            Some((self.specificity(range)?, quality?))
        });
        let best = ranges.max_by_key(|(specificity, _)| *specificity);
        best.map_or(0.0, |(_, quality): (_, f64)| quality)
    }

    /// Returns how specifically a media range matches this format; `None` if it does not match.
    fn specificity(self, range: &MediaType<'_>) -> Option<u8> {
        let (ty, subty, parameters) = match self {
            Self::Text => ("text", "plain", &[("version", "0.0.4")][..]),
            Self::OpenMetrics => (
                "application",
                "openmetrics-text",
                &[("version", "1.0.0")][..],
            ),
            #[cfg(feature = "protobuf")]
            Self::Protobuf => (
                "application",
                "vnd.google.protobuf",
                &[
                    ("proto", "io.prometheus.client.MetricFamily"),
                    ("encoding", "delimited"),
                ][..],
            ),
        };
        if range.ty == ty && range.subty == subty && range.suffix.is_none() {
            let named = parameters.iter().filter_map(|(name, value)| {
                let named = range.get_param(Name::new(name)?)?;
                Some(named.unquoted_str() == *value)
            });
            return named
                .map(|fits| fits.then_some(1))
                .try_fold(2, |sum, fits| Some(sum + fits?));
        }
        // Wildcards, as sent by browsers and curl, select the human-readable text format.
        let any = range.subty == "*" && (range.ty == ty || range.ty == "*");
        (any && self == Self::Text).then(|| u8::from(range.ty == ty))
    }
}

const Q: Name<'_> = mediatype::names::Q;
