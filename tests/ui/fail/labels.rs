//! Labels that are borrowed, or no strings.

use mcp_metrics::{tracked, tracked_cache, tracked_llm, tracked_retry};

struct Agent {
    name: String,
}

impl Agent {
    #[tracked(agent = &self.name, operation = "run")]
    fn reference(&self) {}

    #[tracked("agent", operation = self.name)]
    fn moved(&self) {}

    #[tracked(agent = self.name.as_str())]
    fn str(&self) -> Result<(), u8> {
        Ok(())
    }

    #[tracked(agent = &*self.name)]
    async fn dereferenced(&self) {}

    #[tracked_llm("provider", model = &self.name)]
    fn llm(&self) {}

    #[tracked_llm(provider = self.name.as_str(), model = "model")]
    async fn llm_str(&self) {}

    #[tracked_cache(&self.name)]
    fn cache(&self) -> Option<u8> {
        None
    }

    #[tracked_cache(self.name.as_str())]
    fn cache_str(&self) -> Option<u8> {
        None
    }

    #[tracked_retry(&self.name)]
    fn retry(&self) -> Result<(), u8> {
        for _ in 0..3 {}
        Ok(())
    }

    #[tracked_retry(self.name.as_str(), attempts = 3)]
    fn retry_str(&self) -> Result<(), u8> {
        Ok(())
    }
}

#[tracked(agent = &self.name)]
impl Agent {
    fn of_block(&self) {}

    #[tracked(agent = self.name.clone(), operation = &self.name)]
    fn own(&self) {}
}

#[tracked(agent = name)]
fn argument(name: &str) {}

#[tracked(agent = 1_u8 + 1)]
fn number() {}

#[tracked(agent = name)]
fn optional(name: Option<String>) {}

fn main() {}
