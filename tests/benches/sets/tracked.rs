use mcp_metrics::{Exporter, track_request};

use super::{ERROR_TYPE, Library, OPERATION, agent_name};

pub(crate) struct Tracked(pub(crate) Exporter);

impl Tracked {
    pub(crate) fn new(agents: usize) -> Self {
        let exporter = Exporter::builder()
            .without_system_metrics()
            .status_page()
            .label_limit(agents.max(1_000) * 2);
        Self(exporter.install().expect("no other recorder is installed"))
    }
}

impl Library for Tracked {
    // The duration can't be passed; it is measured.
    fn record(&self, agent: usize) {
        track_request(agent_name(agent), OPERATION)
            .start()
            .success();
        track_request(agent_name(agent), OPERATION)
            .start()
            .failure(ERROR_TYPE);
    }

    fn text(&self) -> String {
        self.0.render()
    }
}
