//! The sources of the documented package.

/// Functions of a library. Each has a name of its own, which is the label `operation` in its queries.
pub(super) const LIBRARY: &str = r#"
//! A library.

use mcp_metrics::tracked;

/// Public.
#[tracked("a")]
pub fn public() {}

/// Public.
#[tracked("a", docs = true)]
pub fn public_with_docs() {}

/// Private.
#[tracked("a")]
fn private() {}

/// Private.
#[tracked("a", docs = false)]
fn private_without_docs() {}

/// Restricted.
#[tracked("a")]
pub(crate) fn restricted() {}

#[tracked("a", docs = true)]
pub fn undocumented_with_docs() {}

macro_rules! function {
    ($vis:vis $name:ident) => {
        /// Of a macro.
        #[tracked("a")]
        $vis fn $name() {}
    };
}

function!(pub public_of_macro);
function!(private_of_macro);

/// A type.
pub struct Client;

#[tracked("a")]
impl Client {
    /// Public.
    pub fn public_method(&self) {
        private();
        private_without_docs();
        restricted();
        private_of_macro();
        self.private_method();
        self.private_method_with_attribute();
    }

    /// Public.
    #[tracked(docs = true)]
    pub fn public_method_with_docs(&self) {}

    /// Private.
    fn private_method(&self) {
        Self::restricted_function();
    }

    /// Restricted.
    pub(crate) fn restricted_function() {}
}

impl Client {
    /// Private, or of a trait.
    #[tracked("a")]
    fn private_method_with_attribute(&self) {}
}

/// A type.
pub struct Server;

#[tracked("a", docs = true)]
impl Server {
    /// Public.
    pub fn inherits_docs(&self) {}

    /// Public.
    #[tracked(docs = false)]
    pub fn does_not_inherit_docs(&self) {}
}

/// A trait.
#[tracked("a")]
pub trait Service {
    /// Provided.
    fn of_public_trait(&self) {}
}

/// A trait.
#[tracked("a")]
trait Internal {
    /// Provided.
    fn of_private_trait(&self) {}
}

#[tracked("a")]
impl Service for Client {
    /// Implemented.
    fn of_public_trait(&self) {
        self.of_private_trait();
    }
}

#[tracked("a", docs = true)]
impl Internal for Client {}

impl Iterator for Client {
    type Item = u8;

    /// Implemented.
    #[tracked("a", "of_foreign_trait")]
    fn next(&mut self) -> Option<u8> {
        None
    }
}

#[tracked("a")]
impl Iterator for Server {
    type Item = u8;

    /// Implemented.
    #[tracked(operation = "of_foreign_trait_in_block")]
    fn next(&mut self) -> Option<u8> {
        None
    }
}
"#;

/// The functions that have a section by default.
pub(super) const SHOWN: [&str; 9] = [
    "inherits_docs",
    "of_private_trait",
    "private",
    "private_method",
    "private_of_macro",
    "public_method_with_docs",
    "public_with_docs",
    "restricted",
    "restricted_function",
];

/// The functions that have none.
pub(super) const NOT_SHOWN: [&str; 9] = [
    "does_not_inherit_docs",
    "of_foreign_trait",
    "of_foreign_trait_in_block",
    "of_public_trait",
    "private_method_with_attribute",
    "private_without_docs",
    "public",
    "public_method",
    "public_of_macro",
];

/// A binary or an example.
pub(super) const PROGRAM: &str = r#"
//! A program.

use mcp_metrics::tracked;

/// Public.
#[tracked("a")]
pub fn public_of_program() {}

/// Public.
#[tracked("a", docs = false)]
pub fn without_docs() {}

fn main() {
    public_of_program();
    without_docs();
}
"#;
