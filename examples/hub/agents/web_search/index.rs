//! The inverted index: BM25 ranking over stemmed words.

use std::{collections::HashSet, fmt};

use bm25::{SearchEngine, SearchEngineBuilder, Tokenizer};

use crate::agents::text;

use super::{Hit, corpus::Document};

/// Maximum length of a passage, in characters.
const MAX_PASSAGE: usize = 400;

/// A tokenizer that produces the same stems for documents and queries.
struct Stems;

impl Tokenizer for Stems {
    fn tokenize(&self, input_text: &str) -> Vec<String> {
        text::stems(input_text)
    }
}

/// A full-text index of all documents.
pub(super) struct Index {
    /// Ranks the documents, which it identifies by their index in `documents`.
    engine: SearchEngine<usize, u32, Stems>,
    /// The indexed documents.
    documents: Vec<Document>,
}

impl Index {
    /// Indexes the documents.
    pub(super) fn new(documents: Vec<Document>) -> Self {
        let contents = documents
            .iter()
            .enumerate()
            // The text already contains the title; repeating it increases its weight.
            .map(|(number, document)| {
                bm25::Document::new(number, format!("{}\n{}", document.title, document.text))
            });
        let engine = SearchEngineBuilder::with_tokenizer_and_documents(Stems, contents).build();
        Self { engine, documents }
    }

    /// Returns the number of documents.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Returns the best matching documents, best first.
    pub(super) fn search(&self, stems: &[String], limit: usize) -> Vec<Hit> {
        let mut found = self.engine.search(&stems.join(" "), None);
        // The engine returns documents of equal score in hash-table order, which differs between
        // runs.
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

/// Returns the two adjacent sentences with the most search terms.
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
    // Reversed, because `max_by_key` returns the last of equal elements.
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
