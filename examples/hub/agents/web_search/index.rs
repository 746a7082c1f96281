//! The inverted index: BM25 ranking over stemmed words.

use std::{collections::HashSet, fmt};

use bm25::{SearchEngine, SearchEngineBuilder, Tokenizer};

use crate::agents::text;

use super::{Hit, corpus::Document};

/// Longest passage shown, in characters.
const MAX_PASSAGE: usize = 400;

/// Hands the search engine the same stems that queries are reduced to.
struct Stems;

impl Tokenizer for Stems {
    fn tokenize(&self, input_text: &str) -> Vec<String> {
        text::stems(input_text)
    }
}

/// All documents, searchable.
pub(super) struct Index {
    /// Ranks documents by their number.
    engine: SearchEngine<usize, u32, Stems>,
    /// The documents by number.
    documents: Vec<Document>,
}

impl Index {
    /// Indexes the documents.
    pub(super) fn new(documents: Vec<Document>) -> Self {
        let contents = documents
            .iter()
            .enumerate()
            // The title is in the text once already; once more makes it weigh more.
            .map(|(number, document)| {
                bm25::Document::new(number, format!("{}\n{}", document.title, document.text))
            });
        let engine = SearchEngineBuilder::with_tokenizer_and_documents(Stems, contents).build();
        Self { engine, documents }
    }

    /// How many documents there are.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// The documents that fit best, best first.
    pub(super) fn search(&self, stems: &[String], limit: usize) -> Vec<Hit> {
        let mut found = self.engine.search(&stems.join(" "), None);
        // The engine leaves equals in the order of a hash table, which differs from run to run.
        found.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| a.document.id.cmp(&b.document.id))
        });
        let wanted: HashSet<&str> = stems.iter().map(String::as_str).collect();
        found
            .into_iter()
            .take(limit)
            .map(|result| {
                let document = &self.documents[result.document.id];
                Hit {
                    title: document.title.clone(),
                    source: document.source.clone(),
                    passage: passage(&document.text, &wanted),
                    score: result.score,
                }
            })
            .collect()
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

/// The two neighbouring sentences that hold the most of the wanted words.
fn passage(document: &str, wanted: &HashSet<&str>) -> String {
    let sentences = text::sentences(document);
    let found: Vec<HashSet<String>> = sentences
        .iter()
        .map(|sentence| {
            text::stems(sentence)
                .into_iter()
                .filter(|stem| wanted.contains(&**stem))
                .collect()
        })
        .collect();
    let value = |at: usize| found[at].len() * 2 + found.get(at + 1).map_or(0, HashSet::len);
    // The first of equals: `max_by_key` would take the last.
    let best = (0..sentences.len())
        .rev()
        .max_by_key(|&at| value(at))
        .unwrap_or(0);
    let shown: Vec<&str> = sentences
        .iter()
        .skip(best)
        .take(2)
        .map(String::as_str)
        .collect();
    text::shorten(&shown.join(" "), MAX_PASSAGE).into_owned()
}
