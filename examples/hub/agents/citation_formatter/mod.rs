//! Formats citations from structured sources.

mod name;
mod styles;

use mcp_metrics::{ErrorType, tracked};
use rmcp::schemars;
use serde::{Deserialize, Serialize};

/// Maximum number of sources in a request.
const MAX_SOURCES: usize = 100;

/// A citation style.
#[derive(Debug, Clone, Copy, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Style {
    /// Author, A. (year). Title. Publisher. URL
    #[default]
    Apa,
    /// Author, Ann. "Title." Publisher, year, URL.
    Mla,
    /// Author, Ann. year. "Title." Publisher. URL.
    Chicago,
    /// An entry for a BibTeX file.
    Bibtex,
}

/// One source.
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
pub(crate) struct Source {
    /// The title.
    pub(crate) title: String,
    /// The authors, each as "Given Family" or "Family, Given".
    #[serde(default)]
    pub(crate) authors: Vec<String>,
    /// The year of publication.
    pub(crate) year: Option<u16>,
    /// The publisher, or the site or journal that contains the source.
    pub(crate) publisher: Option<String>,
    /// The URL.
    pub(crate) url: Option<String>,
}

/// A request to format citations.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
pub(crate) struct CitationRequest {
    /// The sources, at most 100.
    pub(crate) sources: Vec<Source>,
    /// The citation style (default APA).
    #[serde(default)]
    pub(crate) style: Style,
}

/// The citations.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub(crate) struct CitationReply {
    /// One citation per source, in the order of the request.
    pub(crate) citations: Vec<String>,
}

/// An error while formatting citations. Sources are numbered from 1.
#[derive(Debug, thiserror::Error, ErrorType)]
pub(crate) enum CitationError {
    /// The list is empty.
    #[error("`sources` must contain at least one source")]
    NoSources,
    /// The list is too long.
    #[error("`sources` must contain at most {MAX_SOURCES} sources (got {0})")]
    TooManySources(usize),
    /// A source has no title, which every style requires.
    #[error("source {0} has no title")]
    MissingTitle(usize),
    /// A source has an invalid URL.
    #[error("source {number} has an invalid URL: {url:?}")]
    InvalidUrl {
        /// The number of the source.
        number: usize,
        /// The invalid URL.
        url: String,
    },
}

/// Formats each source in the requested style.
#[tracked("citation_formatter", "format")]
pub(crate) fn format(request: &CitationRequest) -> Result<CitationReply, CitationError> {
    match request.sources.len() {
        0 => return Err(CitationError::NoSources),
        1..=MAX_SOURCES => {}
        count => return Err(CitationError::TooManySources(count)),
    }
    let mut citations = Vec::with_capacity(request.sources.len());
    for (number, source) in (1..).zip(&request.sources) {
        if source.title.trim().is_empty() {
            return Err(CitationError::MissingTitle(number));
        }
        if let Some(url) = source.url.as_ref().filter(|url| !is_url(url)) {
            return Err(CitationError::InvalidUrl {
                number,
                url: url.clone(),
            });
        }
        citations.push(match request.style {
            Style::Apa => styles::apa(source),
            Style::Mla => styles::mla(source),
            Style::Chicago => styles::chicago(source),
            Style::Bibtex => styles::bibtex(source),
        });
    }
    Ok(CitationReply { citations })
}

/// Returns whether a text has the form `scheme:rest` and contains no white space.
fn is_url(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, rest)| {
        let mut letters = scheme.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
            && !url.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        Source {
            title: "On Computable Numbers".to_owned(),
            authors: vec![
                "Alan Mathison Turing".to_owned(),
                "Church, Alonzo".to_owned(),
            ],
            year: Some(1936),
            publisher: Some("R&D Press".to_owned()),
            url: Some("https://example.org/paper".to_owned()),
        }
    }

    fn cite(source: Source, style: Style) -> Result<String, CitationError> {
        format(&CitationRequest {
            sources: vec![source],
            style,
        })
        .map(|mut r| r.citations.remove(0))
    }

    #[test]
    fn styles_format_a_full_source() {
        let cited = |style| cite(source(), style).expect("a citation");
        assert_eq!(
            cited(Style::Apa),
            "Turing, A. M., & Church, A. (1936). On Computable Numbers. R&D Press. \
             https://example.org/paper",
        );
        assert_eq!(
            cited(Style::Mla),
            "Turing, Alan Mathison, and Alonzo Church. “On Computable Numbers.” R&D Press, 1936, \
             https://example.org/paper.",
        );
        assert_eq!(
            cited(Style::Chicago),
            "Turing, Alan Mathison, and Alonzo Church. 1936. “On Computable Numbers.” R&D Press. \
             https://example.org/paper.",
        );
        assert_eq!(
            cited(Style::Bibtex),
            "@misc{turing1936computable,\n  title = {On Computable Numbers},\n  \
             author = {Turing, Alan Mathison and Church, Alonzo},\n  year = {1936},\n  \
             publisher = {R\\&D Press},\n  howpublished = {\\url{https://example.org/paper}}\n}",
        );
    }

    #[test]
    fn source_with_only_a_title_is_formatted() {
        let bare = Source {
            title: "Why?".to_owned(),
            ..Source::default()
        };
        assert_eq!(
            cite(bare.clone(), Style::Apa).expect("a citation"),
            "Why? (n.d.)."
        );
        assert_eq!(
            cite(bare.clone(), Style::Mla).expect("a citation"),
            "“Why?”"
        );
        assert_eq!(
            cite(bare, Style::Chicago).expect("a citation"),
            "n.d. “Why?”"
        );
    }

    #[test]
    fn invalid_sources_are_errors() {
        let untitled = Source {
            title: " ".to_owned(),
            ..source()
        };
        assert!(matches!(
            cite(untitled, Style::Apa),
            Err(CitationError::MissingTitle(1))
        ));
        let unlinked = Source {
            url: Some("see the web".to_owned()),
            ..source()
        };
        assert!(matches!(
            cite(unlinked, Style::Mla),
            Err(CitationError::InvalidUrl { .. })
        ));
        let nothing = CitationRequest {
            sources: Vec::new(),
            style: Style::Apa,
        };
        assert!(matches!(format(&nothing), Err(CitationError::NoSources)));
    }
}
