//! An attribute of another crate that is also named `tracked`: salsa's.

use crate::package::Package;

const DEPENDENCIES: &str = r#"
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false }
salsa = { version = "0.28", default-features = false, features = ["inventory", "macros"] }
"#;

const SOURCE: &str = r#"
use std::sync::atomic::{AtomicUsize, Ordering};

static COMPUTED: AtomicUsize = AtomicUsize::new(0);

#[salsa::input]
pub struct Source {
    #[returns(copy)]
    pub number: usize,
}

#[salsa::tracked]
pub struct Output<'db> {
    #[returns(copy)]
    pub number: usize,
}

#[mcp_metrics::tracked("compiler")]
#[salsa::tracked]
impl<'db> Output<'db> {
    #[salsa::tracked(returns(copy))]
    pub fn twice(self, db: &'db dyn salsa::Database) -> usize {
        COMPUTED.fetch_add(1, Ordering::Relaxed);
        self.number(db) * 2
    }

    pub fn plain(self, db: &'db dyn salsa::Database) -> usize {
        self.number(db)
    }
}

#[mcp_metrics::tracked("compiler")]
#[salsa::tracked(returns(copy))]
pub fn compile<'db>(db: &'db dyn salsa::Database, source: Source) -> usize {
    let output = Output::new(db, source.number(db));
    output.twice(db) + output.twice(db) + output.plain(db)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_of_a_tracked_block_stays_memoized() {
        let db = salsa::DatabaseImpl::default();
        assert_eq!(compile(&db, Source::new(&db, 3)), 15);
        assert_eq!(COMPUTED.load(Ordering::Relaxed), 1);
        let tracked = mcp_metrics::tracked_functions();
        let operations: Vec<_> = tracked.iter().map(|it| it.operation.to_string()).collect();
        for operation in ["twice", "plain", "compile"] {
            assert!(operations.iter().any(|it| it == operation), "{operations:?}");
        }
    }
}
"#;

#[test]
fn salsa_methods_in_a_tracked_block_stay_memoized() {
    let package = Package {
        name: "salsa-methods",
        edition: "2024",
        dependencies: DEPENDENCIES,
        source: SOURCE,
    };
    package.passes_tests(1);
}
