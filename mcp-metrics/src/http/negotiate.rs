//! Which format a client gets.

use axum::http::{HeaderMap, header};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams as _};

use crate::encode::TEXT_FORMAT;

/// A format that the metrics are served in.
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
    /// All formats; of two that a client likes equally, the first.
    pub(super) const ALL: &[Self] = &[
        Self::Text,
        Self::OpenMetrics,
        #[cfg(feature = "protobuf")]
        Self::Protobuf,
    ];

    /// The `Content-Type`.
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

    /// The format that a client likes best. One that likes none of them gets the text format, as
    /// Prometheus' own exporters have it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepts: Vec<_> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| MediaTypeList::new(value).filter_map(Result::ok))
            .collect();
        let mut best = (Self::Text, 0.0);
        for format in Self::ALL.iter().copied() {
            let liking = format.liking(&accepts);
            if liking > best.1 {
                best = (format, liking);
            }
        }
        best.0
    }

    /// How much a client likes it, from 0 to 1: what the most specific of its ranges says, RFC
    /// 9110, section 12.5.1.
    fn liking(self, accepts: &[MediaType<'_>]) -> f64 {
        let ranges = accepts.iter().filter_map(|range| {
            let quality = range
                .get_param(Q)
                .map_or(Some(1.0), |q| q.as_str().parse().ok());
            Some((self.specificity(range)?, quality?))
        });
        let best = ranges.max_by_key(|(specificity, _)| *specificity);
        best.map_or(0.0, |(_, quality): (_, f64)| quality)
    }

    /// How closely a range names this format; `None` if it doesn't.
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
        // Whatever a browser or curl likes is the text format, which people can read.
        let any = range.subty == "*" && (range.ty == ty || range.ty == "*");
        (any && self == Self::Text).then(|| u8::from(range.ty == ty))
    }
}

const Q: Name<'_> = mediatype::names::Q;
