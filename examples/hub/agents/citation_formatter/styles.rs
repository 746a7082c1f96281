//! The citation styles.

use std::fmt::Write as _;

use crate::agents::text;

use super::{Source, name::Name};

/// Returns the parsed names of a source's authors.
fn names(source: &Source) -> Vec<Name<'_>> {
    source
        .authors
        .iter()
        .map(|name| Name::new(name))
        .filter(|n| !n.family.is_empty())
        .collect()
}

/// Joins names as in "A, B, & C", with `last` before the last one.
fn join(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., end] => format!("{}, {last} {end}", front.join(", ")),
    }
}

/// Appends a full stop, unless the text ends with punctuation.
fn stop(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '?', '!']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// Joins the non-empty parts with spaces.
fn sentence(parts: &[String]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

/// Formats a source in the style of the American Psychological Association, 7th edition.
pub(super) fn apa(source: &Source) -> String {
    let names: Vec<String> = names(source).iter().map(Name::initials).collect();
    let year = source
        .year
        .map_or_else(|| "n.d.".to_owned(), |year| year.to_string());
    let title = stop(&text::normalise(&source.title));
    let publisher = stop(source.publisher.as_deref().unwrap_or_default());
    let url = source.url.clone().unwrap_or_default();
    if names.is_empty() {
        // Without an author, the title comes first.
        return sentence(&[title, format!("({year})."), publisher, url]);
    }
    sentence(&[
        stop(&join(&names, "&")),
        format!("({year})."),
        title,
        publisher,
        url,
    ])
}

/// Formats the authors for the MLA style: the first name inverted, "et al." for three or more.
fn mla_names(source: &Source) -> String {
    match names(source).as_slice() {
        [] => String::new(),
        [one] => stop(&one.inverted()),
        [one, two] => stop(&format!("{}, and {}", one.inverted(), two.plain())),
        [one, ..] => format!("{}, et al.", one.inverted()),
    }
}

/// Formats a source in the style of the Modern Language Association, 9th edition.
pub(super) fn mla(source: &Source) -> String {
    let rest = [
        source.publisher.clone(),
        source.year.map(|y| y.to_string()),
        source.url.clone(),
    ];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    let title = format!("“{}”", stop(&text::normalise(&source.title)));
    sentence(&[mla_names(source), title, stop(&rest.join(", "))])
}

/// Formats a source in the author-date style of the Chicago Manual of Style.
pub(super) fn chicago(source: &Source) -> String {
    let all = names(source);
    let names: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(at, name)| {
            if at == 0 {
                name.inverted()
            } else {
                name.plain()
            }
        })
        .collect();
    let year = source
        .year
        .map_or_else(|| "n.d.".to_owned(), |year| format!("{year}."));
    let title = format!("“{}”", stop(&text::normalise(&source.title)));
    let publisher = stop(source.publisher.as_deref().unwrap_or_default());
    let url = stop(source.url.as_deref().unwrap_or_default());
    sentence(&[stop(&join(&names, "and")), year, title, publisher, url])
}

/// Formats a source as a BibTeX entry, with a key such as `turing1936computable`.
pub(super) fn bibtex(source: &Source) -> String {
    let names = names(source);
    let family = names.first().map_or("anonymous", |name| name.family);
    let year = source.year.map(|year| year.to_string());
    let word = text::words(&source.title)
        .map(str::to_lowercase)
        .find(|word| !text::is_stop_word(word))
        .unwrap_or_default();
    let key = format!("{family}{}{word}", year.as_deref().unwrap_or_default()).to_lowercase();
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();

    let authors: Vec<String> = names.iter().map(Name::inverted).collect();
    let fields = [
        ("title", Some(text::normalise(&source.title))),
        (
            "author",
            (!authors.is_empty()).then(|| authors.join(" and ")),
        ),
        ("year", year),
        ("publisher", source.publisher.clone()),
    ];
    let mut entry = format!("@misc{{{key}");
    for (field, value) in fields {
        if let Some(value) = value {
            let _ = write!(entry, ",\n  {field} = {{{}}}", escape(&value));
        }
    }
    if let Some(url) = &source.url {
        // The argument of \url is not escaped.
        let _ = write!(entry, ",\n  howpublished = {{\\url{{{url}}}}}");
    }
    entry + "\n}"
}

/// Escapes the characters that are special in TeX.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '{' | '}' | '$' | '&' | '#' | '%' | '_' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
