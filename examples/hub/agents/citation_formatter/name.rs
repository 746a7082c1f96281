//! Authors' names and their forms in the citation styles.

use std::fmt::Write as _;

/// A parsed name.
pub(super) struct Name<'a> {
    /// The given names; empty for organisations and mononyms.
    given: &'a str,
    /// The family name.
    pub(super) family: &'a str,
}

impl<'a> Name<'a> {
    /// Parses "Family, Given" or "Given Family".
    pub(super) fn new(name: &'a str) -> Self {
        let name = name.trim();
        if let Some((family, given)) = name.split_once(',') {
            return Self {
                given: given.trim(),
                family: family.trim(),
            };
        }
        let (given, family) = name.rsplit_once(' ').unwrap_or(("", name));
        Self {
            given: given.trim(),
            family,
        }
    }

    /// Returns "Family, Given", or the family name alone.
    pub(super) fn inverted(&self) -> String {
        if self.given.is_empty() {
            return self.family.to_owned();
        }
        format!("{}, {}", self.family, self.given)
    }

    /// Returns "Given Family".
    pub(super) fn plain(&self) -> String {
        format!("{} {}", self.given, self.family).trim().to_owned()
    }

    /// Returns "Family, G. N.".
    pub(super) fn initials(&self) -> String {
        let mut short = self.family.to_owned();
        for (number, initial) in self
            .given
            .split([' ', '-'])
            .filter_map(first_letter)
            .enumerate()
        {
            let _ = write!(short, "{} {initial}.", if number == 0 { "," } else { "" });
        }
        short
    }
}

/// Returns the first letter of a word in upper case.
fn first_letter(word: &str) -> Option<String> {
    word.chars()
        .find(|c| c.is_alphabetic())
        .map(|c| c.to_uppercase().to_string())
}
