//! Numbers as the text formats spell them.

use std::fmt::Write as _;

/// Appends a float as the text formats spell it.
pub(crate) fn write_float(text: &mut String, value: f64) {
    if value.is_infinite() {
        text.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
        return;
    }
    // Most gauges are whole numbers, which are formatted faster as integers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "compared with the value below"
    )]
    let whole = value as i64 as f64;
    if whole.to_bits() == value.to_bits() && whole.abs() < 1e15 {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e15")]
        text.push_str(itoa::Buffer::new().format(value as i64));
        return;
    }
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{value}");
}

/// Formats a bucket's bound for the label `le`: in the shortest form that every parser reads as a
/// float, `1.0` and `1e+06`, so that OpenMetrics and the text format have the same series.
pub(super) fn format_bound(bound: f64) -> String {
    if bound != 0.0 && !(1e-4..1e6).contains(&bound.abs()) {
        let text = format!("{bound:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{bound:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_formatted_in_canonical_form() {
        let bounds = [
            0.0, 1.0, 0.25, 120.0, 999_999.0, 1e6, 2.5e9, 1e-4, 2.5e-5, -5.0, 1e21,
        ];
        let texts = [
            "0.0", "1.0", "0.25", "120.0", "999999.0", "1e+06", "2.5e+09", "0.0001", "2.5e-05",
            "-5.0", "1e+21",
        ];
        assert_eq!(bounds.map(format_bound), texts);
    }
}
