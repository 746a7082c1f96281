//! Hints for unknown names.

/// Returns the hint for a name that is not in `known`: the name that was probably meant, or else
/// all names.
pub(super) fn hint(name: &str, known: &[&str]) -> String {
    typo(name, known).map_or_else(|| expected(known), |near| format!("did you mean `{near}`?"))
}

/// Returns the names quoted and separated by commas.
pub(super) fn list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn expected(known: &[&str]) -> String {
    match known {
        [only] => format!("expected `{only}`"),
        _ => format!("expected one of {}", list(known)),
    }
}

/// Returns the known name with the least edit distance to `name`, if it is a likely typo.
pub(super) fn typo<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let (distance, near) = known
        .iter()
        .map(|known| (strsim::levenshtein(name, known), *known))
        .min()?;
    (distance <= 2 && distance < near.len()).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn typo_of_a_known_name_suggests_that_name() {
        assert_eq!(hint("agnet", &["agent", "crate"]), "did you mean `agent`?");
        assert_eq!(
            hint("okif", &["ok_if", "error_if"]),
            "did you mean `ok_if`?"
        );
    }

    #[test]
    fn other_name_lists_the_known_names() {
        assert_eq!(
            hint("x", &["agent", "crate"]),
            "expected one of `agent`, `crate`"
        );
        assert_eq!(hint("retries", &["crate"]), "expected `crate`");
        // All letters differ, so a short name is not a typo of another.
        assert_eq!(hint("ab", &["xy", "z"]), "expected one of `xy`, `z`");
    }
}
