//! mockall's `#[automock]`, in the ways that the documentation of `#[tracked]` names.

use crate::package::Package;

const DEPENDENCIES: &str = r#"
mcp-metrics = { path = "{repository}/mcp-metrics", default-features = false }
mockall = "0.15"
"#;

const SOURCE: &str = r#"
pub struct Client {
    limit: u8,
}

#[cfg_attr(test, mockall::automock)]
#[cfg_attr(test, allow(dead_code))]
impl Client {
    #[cfg_attr(not(test), mcp_metrics::tracked("llm", "get"))]
    pub fn get(&self, value: u8) -> Result<u8, String> {
        if value > self.limit { Err("above".to_owned()) } else { Ok(value) }
    }

    #[cfg_attr(not(test), mcp_metrics::tracked("llm", "wait"))]
    pub async fn wait(&self, value: u8) -> Result<u8, String> {
        std::future::ready(self.get(value)).await
    }
}

#[cfg_attr(test, mockall::automock)]
pub trait Search {
    fn search(&self, query: &str) -> Result<usize, String>;

    fn later(&self, query: &str) -> impl Future<Output = Result<usize, String>> + Send;
}

pub struct Index;

#[mcp_metrics::tracked("search")]
impl Search for Index {
    fn search(&self, query: &str) -> Result<usize, String> {
        if query.is_empty() { Err("empty".to_owned()) } else { Ok(query.len()) }
    }

    async fn later(&self, query: &str) -> Result<usize, String> {
        std::future::ready(self.search(query)).await
    }
}

pub fn total(search: &impl Search, queries: &[&str]) -> Result<usize, String> {
    queries.iter().map(|query| search.search(query)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mock_of_the_block_answers() {
        let mut client = MockClient::new();
        client.expect_get().returning(|value| Ok(value + 1));
        assert_eq!(client.get(1), Ok(2));
    }

    #[test]
    fn mock_of_the_trait_answers() {
        let mut search = MockSearch::new();
        search.expect_search().times(2).returning(|_| Ok(5));
        assert_eq!(total(&search, &["a", "b"]), Ok(10));
    }

    #[test]
    fn implementation_beside_the_mock_is_tracked() {
        assert_eq!(total(&Index, &["a", "bc"]), Ok(3));
        let tracked = mcp_metrics::tracked_functions();
        let operations: Vec<_> = tracked.iter().map(|it| it.operation.to_string()).collect();
        assert!(operations.iter().any(|it| it == "search"), "{operations:?}");
        assert!(operations.iter().any(|it| it == "later"), "{operations:?}");
    }
}
"#;

#[test]
fn automock_beside_tracked_methods_compiles_and_mocks() {
    let package = Package {
        name: "automock",
        edition: "2024",
        dependencies: DEPENDENCIES,
        source: SOURCE,
    };
    package.compiles();
    package.passes_tests(3);
}
