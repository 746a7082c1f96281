//! The compiler's messages about a crate.

use serde_json::Value;

/// A message with a position.
#[derive(Clone, Debug)]
pub(crate) struct Diagnostic {
    /// Its primary position, level and text.
    pub(crate) key: String,
    /// As the compiler prints it.
    pub(crate) rendered: String,
    /// Whether it is an error.
    pub(crate) is_error: bool,
    /// The files and byte offsets that it refers to: the primary one, then its macro invocations,
    /// other ones, and those of its notes.
    pub(crate) places: Vec<(String, usize)>,
}

impl Diagnostic {
    /// Reads a line of cargo's output about a crate in `folder`. Returns `None` for a line of
    /// another kind, a summary, and a note about a lint group, which have no position.
    pub(crate) fn read(line: &Value, folder: &str) -> Option<Self> {
        let message = &line["message"];
        let text = message["message"].as_str()?;
        let spans = message["spans"].as_array()?;
        let primary = spans.iter().find(|span| span["is_primary"] == true)?;
        let level = message["level"].as_str().unwrap_or_default();
        let file = within(primary, folder);
        let at = &primary["line_start"];
        let mut places = Vec::new();
        add_places(&mut places, primary, folder);
        let notes = message["children"].as_array().into_iter().flatten();
        let of_notes = notes.filter_map(|note| note["spans"].as_array()).flatten();
        for span in spans.iter().chain(of_notes) {
            add_places(&mut places, span, folder);
        }
        Some(Self {
            key: format!("{file}:{at}: {level}: {text}"),
            rendered: message["rendered"].as_str().unwrap_or_default().to_owned(),
            is_error: level.starts_with("error"),
            places,
        })
    }
}

/// Adds the position of a span, and those of the macro invocations and definitions it is from.
fn add_places(places: &mut Vec<(String, usize)>, span: &Value, folder: &str) {
    let offset = span["byte_start"].as_u64().unwrap_or_default();
    let offset = usize::try_from(offset).expect("a file fits into memory");
    places.push((within(span, folder).to_owned(), offset));
    let expansion = &span["expansion"];
    if expansion.is_object() {
        add_places(places, &expansion["span"], folder);
    }
}

/// Returns the path of a span's file within the crate's folder.
fn within<'a>(span: &'a Value, folder: &str) -> &'a str {
    let file = span["file_name"].as_str().unwrap_or_default();
    let within = file.strip_prefix(folder);
    within.map_or(file, |path| path.trim_start_matches('/'))
}
