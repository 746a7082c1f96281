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
#[derive(Default)]
pub(crate) struct Exposition<'a> {
    families: BTreeMap<Cow<'a, str>, Block<'a>>,
    #[cfg(feature = "protobuf")]
    natives: Option<Box<dyn Fn() -> Natives + 'a>>,
}

/// A family's `# HELP` and `# TYPE` lines and its series, as text that ends in a line feed.
#[derive(Default)]
struct Block<'a> {
    header: String,
    series: Vec<Cow<'a, str>>,
    /// Further series.
    printer: Option<Printer<'a>>,
}

/// Series that are not there as text, for there may be so many that a copy would cost more than to
/// print them.
pub(crate) struct Printer<'a> {
    /// About how long the text is.
    pub(crate) length: usize,
    /// Adds them to a text, a line each and sorted.
    pub(crate) print: Box<dyn Fn(&mut String) + 'a>,
}

impl Block<'_> {
    /// About how long it is in the text format.
    fn length(&self) -> usize {
        let series = self.series.iter().map(|series| series.len());
        let printed = self.printer.as_ref().map_or(0, |printer| printer.length);
        self.header.len() + series.sum::<usize>() + printed
    }

    /// Adds its series to a text.
    fn print(&self, text: &mut String) {
        text.extend(self.series.iter().map(|series| &**series));
        if let Some(printer) = &self.printer {
            (printer.print)(text);
        }
    }

    /// Its series as a text.
    fn series(&self) -> Cow<'_, str> {
        if let ([series], None) = (&*self.series, &self.printer) {
            return Cow::Borrowed(series);
        }
        let mut text = String::with_capacity(self.length());
        self.print(&mut text);
        text.into()
    }
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
        let block = Block {
            header,
            series: series.into_iter().map(Cow::Owned).collect(),
            printer: None,
        };
        self.families.insert(name.into(), block);
    }

    /// Adds series to a family; where one is there already, the values are added up.
    pub(crate) fn merge(&mut self, name: &'static str, printer: Printer<'a>) {
        let block = self.families.entry(name.into()).or_default();
        block.printer = Some(printer);
        if !block.series.is_empty() {
            let sums = sum_by_series(block.series().lines());
            block.series = vec![sums.into()];
            block.printer = None;
        }
    }

    /// Gives a family these series in place of those that it has.
    pub(crate) fn replace(&mut self, name: &'static str, printer: Printer<'a>) {
        let block = self.families.entry(name.into()).or_default();
        block.series = Vec::new();
        block.printer = Some(printer);
    }

    /// Says where the native histograms are to be had.
    #[cfg(feature = "protobuf")]
    pub(crate) fn set_natives(&mut self, natives: impl Fn() -> Natives + 'a) {
        self.natives = Some(Box::new(natives));
    }

    /// Shows a family even while it has no series, so that whoever reads knows it exists.
    pub(crate) fn declare(&mut self, family: &Family) {
        let block = self.families.entry(family.name.into()).or_default();
        if block.header.is_empty() {
            block.header = header(family.name, Some(family.help), family.kind);
        }
    }
}

/// Tells all there is in the text format.
pub(crate) fn text(exposition: &Exposition<'_>) -> String {
    let blocks = || exposition.families.values();
    let mut told = String::with_capacity(blocks().map(Block::length).sum());
    for block in blocks() {
        told.push_str(&block.header);
        block.print(&mut told);
    }
    told
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

/// One line of the text format: a value with its name and labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    /// In the order in which they are printed.
    pub(crate) labels: Vec<(&'a str, Cow<'a, str>)>,
    value: &'a str,
}

impl<'a> Sample<'a> {
    /// The value of a gauge or a sum.
    pub(crate) fn value(&self) -> f64 {
        self.value.parse().unwrap_or(f64::NAN)
    }

    /// The value of a counter, exact where a float would round it.
    pub(crate) fn count(&self) -> u64 {
        self.value.parse().unwrap_or_default()
    }

    #[cfg(feature = "testing")]
    pub(crate) fn has_label(&self, name: &str, value: &str) -> bool {
        self.labels
            .iter()
            .any(|label| *label == (name, value.into()))
    }

    /// What a label says; nothing if there is no such label.
    pub(crate) fn label(&self, name: &str) -> Cow<'a, str> {
        let found = self.labels.iter().find(|(label, _)| *label == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
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
        .map(|(name, value)| (name.to_owned(), value.into_owned()))
        .collect()
}

fn sample(line: &str) -> Option<Sample<'_>> {
    // Values have no spaces; labels may.
    let (series, value) = line.rsplit_once(' ')?;
    let Some((name, mut rest)) = series.split_once('{') else {
        return Some(Sample {
            name: series,
            labels: Vec::new(),
            value,
        });
    };
    let mut labels = Vec::with_capacity(4);
    while let Some((label, quoted)) = rest.split_once("=\"") {
        let (text, tail) = unquote(quoted)?;
        labels.push((label.trim_start_matches(','), text));
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
fn unquote(quoted: &str) -> Option<(Cow<'_, str>, &str)> {
    let (plain, rest) = quoted.split_at(quoted.find(['"', '\\'])?);
    if let Some(rest) = rest.strip_prefix('"') {
        return Some((plain.into(), rest));
    }
    let mut text = plain.to_owned();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text.into(), &rest[at + 1..])),
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
        let unsorted =
            "# HELP b two\n# TYPE b gauge\nb{x=\"2\"} 1\nb{x=\"1\"} 2\n\n# TYPE a counter\na 1\n";
        let mut exposition = Exposition::parse(unsorted);
        exposition.sort_series();
        assert_eq!(
            text(&exposition),
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
