//! The text format: sorted for people and diffs, read back for summaries.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

#[cfg(feature = "http")]
mod openmetrics;
#[cfg(feature = "protobuf")]
mod protobuf;

use std::borrow::Cow;
use std::collections::BTreeMap;

use metrics_exporter_prometheus::formatting::{write_help_line, write_type_line};

use crate::catalog::{Family, Kind};
#[cfg(feature = "http")]
pub(crate) use openmetrics::openmetrics;
#[cfg(feature = "protobuf")]
pub(crate) use protobuf::{Natives, protobuf};

/// The `Content-Type` of the text format.
#[cfg(any(feature = "http", feature = "push"))]
pub(crate) const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Families by name, each with its series.
#[derive(Debug, Default)]
pub(crate) struct Exposition<'a> {
    families: BTreeMap<Cow<'a, str>, Block<'a>>,
}

/// A family's `# HELP` and `# TYPE` lines and its series, as text that ends in a line feed.
#[derive(Debug, Default)]
struct Block<'a> {
    header: String,
    series: Vec<Cow<'a, str>>,
}

#[cfg(feature = "http")]
impl Block<'_> {
    /// What its `# TYPE` line says, or nothing.
    fn kind(&self) -> &str {
        self.said("TYPE").unwrap_or_default()
    }

    /// What its `# HELP` line says.
    fn help(&self) -> Option<&str> {
        self.said("HELP")
    }

    /// The text after `# <word> <name> `.
    fn said(&self, word: &str) -> Option<&str> {
        self.header.lines().find_map(|line| {
            let line = line.strip_prefix("# ")?.strip_prefix(word)?;
            line.trim_start().split_once(' ').map(|(_, text)| text)
        })
    }
}

/// A bucket's bound as the label `le` says it: the shortest form that is a float to everybody,
/// `1.0` and `1e+06`, by which OpenMetrics has the same bound be the same series everywhere.
pub(crate) fn bound(bound: f64) -> String {
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

impl<'a> Exposition<'a> {
    /// Takes a text apart; series stay in their order.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut exposition = Self::default();
        let mut family = "";
        for line in text
            .split_inclusive('\n')
            .filter(|line| !line.trim_end().is_empty())
        {
            let Some(comment) = line.strip_prefix("# ") else {
                let block = exposition.families.entry(family.into()).or_default();
                block.series.push(line.into());
                continue;
            };
            // `HELP name text` and `TYPE name kind`.
            family = comment.split_ascii_whitespace().nth(1).unwrap_or_default();
            exposition
                .families
                .entry(family.into())
                .or_default()
                .header
                .push_str(line);
        }
        exposition
    }

    /// Sorts the series of every family, each of which is to be a line of its own: the lines of a
    /// histogram have an order among them.
    pub(crate) fn sort_series(&mut self) {
        for block in self.families.values_mut() {
            block.series.sort_unstable();
        }
    }

    /// Adds a family whose series are sorted already.
    pub(crate) fn add(
        &mut self,
        name: String,
        help: Option<&str>,
        kind: Kind,
        series: Vec<String>,
    ) {
        let header = header(&name, help, kind);
        let series = series.into_iter().map(Cow::Owned).collect();
        self.families.insert(name.into(), Block { header, series });
    }

    /// Adds series to a family, a line each and sorted; where one is there already, the values are
    /// added up.
    pub(crate) fn merge(&mut self, name: &'static str, text: String) {
        let there = self.families.get(name).map_or(&[][..], |it| &it.series);
        let text = if there.is_empty() {
            text
        } else {
            let there = there.iter().flat_map(|series| series.lines());
            sum_by_series(there.chain(text.lines()))
        };
        self.replace(name, text);
    }

    /// Gives a family these series in place of those that it has.
    pub(crate) fn replace(&mut self, name: &'static str, series: String) {
        let block = self.families.entry(name.into()).or_default();
        block.series = vec![series.into()];
    }

    /// Shows a family even while it has no series, so that whoever reads knows it exists.
    pub(crate) fn declare(&mut self, family: &Family) {
        let block = self.families.entry(family.name.into()).or_default();
        if block.header.is_empty() {
            block.header = header(family.name, Some(family.help), family.kind);
        }
    }
}

/// The lines of a family, sorted, with the values of equal series added up.
fn sum_by_series<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut sums = BTreeMap::<&str, Cow<'_, str>>::new();
    for (series, value) in lines.filter_map(|line| line.rsplit_once(' ')) {
        let sum = sums.entry(series).or_default();
        *sum = match &**sum {
            "" => value.into(),
            before => add(before, value).into(),
        };
    }
    let sums = sums.into_iter();
    sums.fold(String::new(), |mut text, (series, sum)| {
        text.extend([series, " ", &sum, "\n"]);
        text
    })
}

/// The sum of two values, exact where both are whole.
fn add(a: &str, b: &str) -> String {
    if let (Ok(a), Ok(b)) = (a.parse::<u64>(), b.parse::<u64>()) {
        return a.saturating_add(b).to_string();
    }
    let float = |text: &str| text.parse().unwrap_or(f64::NAN);
    (float(a) + float(b)).to_string()
}

fn header(name: &str, help: Option<&str>, kind: Kind) -> String {
    let mut header = String::new();
    if let Some(help) = help {
        write_help_line(&mut header, name, None, None, help);
    }
    write_type_line(&mut header, name, None, None, kind.as_str());
    header
}

impl From<Exposition<'_>> for String {
    fn from(exposition: Exposition<'_>) -> Self {
        let texts = || {
            exposition.families.values().flat_map(|block| {
                let series = block.series.iter().map(|it| &**it);
                std::iter::once(&*block.header).chain(series)
            })
        };
        let mut all = Self::with_capacity(texts().map(str::len).sum());
        all.extend(texts());
        all
    }
}

/// One line of the text format: a value with its name and labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    pub(crate) labels: BTreeMap<&'a str, String>,
    value: &'a str,
}

impl Sample<'_> {
    /// The value of a gauge or a sum.
    pub(crate) fn value(&self) -> f64 {
        self.value.parse().unwrap_or(f64::NAN)
    }

    /// The value of a counter, exact where a float would round it.
    pub(crate) fn count(&self) -> u64 {
        self.value.parse().unwrap_or_default()
    }

    pub(crate) fn label(&self, name: &str) -> String {
        self.labels.get(name).cloned().unwrap_or_default()
    }
}

/// The samples of a text that this crate rendered; lines that are none are passed over.
pub(crate) fn samples(text: &str) -> impl Iterator<Item = Sample<'_>> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(sample)
}

/// What labels say that are printed without their braces.
#[cfg(feature = "protobuf")]
pub(crate) fn labels(text: &str) -> BTreeMap<String, String> {
    let line = format!("{{{text}}} 0");
    let labels = sample(&line).map(|sample| sample.labels);
    let labels = labels.unwrap_or_default().into_iter();
    labels
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn sample(line: &str) -> Option<Sample<'_>> {
    // Values have no spaces; labels may.
    let (series, value) = line.rsplit_once(' ')?;
    let Some((name, mut rest)) = series.split_once('{') else {
        return Some(Sample {
            name: series,
            labels: BTreeMap::new(),
            value,
        });
    };
    let mut labels = BTreeMap::new();
    while let Some((label, quoted)) = rest.split_once("=\"") {
        let (text, tail) = unquote(quoted)?;
        labels.insert(label.trim_start_matches(','), text);
        rest = tail;
    }
    Some(Sample {
        name,
        labels,
        value,
    })
}

/// What a character after a backslash stands for.
fn unescaped(c: char) -> char {
    if c == 'n' { '\n' } else { c }
}

/// The text up to the closing quote, unescaped, and what follows the quote.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(unescaped(chars.next()?.1)),
            c => text.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_and_series_are_sorted() {
        let text =
            "# HELP b two\n# TYPE b gauge\nb{x=\"2\"} 1\nb{x=\"1\"} 2\n\n# TYPE a counter\na 1\n";
        let mut exposition = Exposition::parse(text);
        exposition.sort_series();
        assert_eq!(
            String::from(exposition),
            "# TYPE a counter\na 1\n# HELP b two\n# TYPE b gauge\nb{x=\"1\"} 2\nb{x=\"2\"} 1\n",
        );
    }

    #[test]
    fn bounds_are_floats_of_one_form() {
        let bounds = [
            0.0, 1.0, 0.25, 120.0, 999_999.0, 1e6, 2.5e9, 1e-4, 2.5e-5, -5.0, 1e21,
        ];
        let texts = [
            "0.0", "1.0", "0.25", "120.0", "999999.0", "1e+06", "2.5e+09", "0.0001", "2.5e-05",
            "-5.0", "1e+21",
        ];
        assert_eq!(bounds.map(bound), texts);
    }

    #[test]
    fn labels_are_read_back_as_they_were() {
        let text = r#"m{a="q\"b\\s\nl, }= x",b=""} 2.5"#;
        let sample = samples(text).next().unwrap();
        assert_eq!((sample.name, sample.value()), ("m", 2.5));
        assert_eq!(sample.label("a"), "q\"b\\s\nl, }= x");
        assert_eq!(sample.label("b"), "");
    }
}
