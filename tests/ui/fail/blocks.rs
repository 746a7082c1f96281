//! Methods that a tracked block does not see, or whose own attribute it does not recognize.

use mcp_metrics::tracked as metered;
use mcp_metrics::{tracked, tracked_llm};

struct Client;

macro_rules! method {
    ($name:ident) => {
        fn $name(&self) -> u8 {
            1
        }
    };
}

macro_rules! tracked_method {
    ($name:ident) => {
        #[tracked("client")]
        fn $name(&self) -> u8 {
            1
        }
    };
}

#[tracked("client")]
impl Client {
    method!(generated);

    #[tracked(skip)]
    tracked_method! { generated_and_skipped }

    #[metered(skip)]
    fn renamed_skip(&self) {}

    #[metered("client", "renamed")]
    fn renamed(&self) -> u8 {
        1
    }

    #[cfg_attr(all(), metered("client", "renamed"))]
    async fn renamed_in_cfg_attr(&self) -> u8 {
        std::future::ready(1).await
    }

    #[tracked(operation = "named", agnet = "client")]
    fn mistyped(&self) {}

    #[tracked(operation = "")]
    fn empty(&self) {}

    #[tracked("client")]
    const fn constant(&self) -> u8 {
        1
    }

    fn after_errors(&self) -> u8 {
        self.generated() + self.generated_and_skipped()
    }
}

macro_rules! items {
    ($item:item) => {
        #[tracked("trait")]
        trait FromMacro {
            fn plain(&self) {}
            method!(generated);
        }
        $item
    };
}

items! {
    struct Other;
}

#[tracked("client", crate = "mcp_metrics")]
impl Other {
    fn wrong_crate(&self) {}
}

#[tracked("client", docs = enabled)]
impl Other {
    fn wrong_docs(&self) {}
}

#[tracked("modules")]
mod module {}

#[tracked("structs")]
struct Struct {
    field: u8,
}

#[tracked("enums")]
enum Enum {
    One,
}

#[tracked("functions")]
unsafe extern "C" {
    fn foreign();
}

#[tracked("constants")]
const CONSTANT: u8 = 1;

#[tracked("macros")]
macro_rules! macros {
    () => {};
}

#[tracked_llm("provider", "model")]
impl Enum {
    fn event_on_block(&self) {}
}

// The methods' own attributes report no further errors.
#[tracked(agnet = "client")]
impl Enum {
    #[tracked(operation = "named")]
    fn mistyped_block(&self) {}

    #[tracked(skip)]
    fn skipped(&self) {}
}

fn main() {
    Client.mistyped();
    Enum::One.mistyped_block();
}
