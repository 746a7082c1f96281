use mcp_metrics::tracked;

#[tracked("a")]
const fn constant() -> u8 {
    1
}

#[tracked("a")]
struct Agent;

trait Runs {
    #[tracked("a")]
    fn run(&self);
}

impl Runs for Agent {
    fn run(&self) {}
}

fn main() {
    const ONE: u8 = constant();
    Agent.run();
    let _ = ONE;
}
