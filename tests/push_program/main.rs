//! A job without a `tracing` subscriber that pushes to the gateway at a URL: `push_program URL END`.
//! `END` selects how it ends.

use std::error::Error;
use std::io::{self, Read as _};
use std::time::Duration;

use mcp_metrics::{Exporter, PushGateway, track_request};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, end] = &arguments[..] else {
        return Err("expected a URL and an end".into());
    };
    let interval = match &**end {
        "forgotten" => Duration::from_millis(100),
        _ => Duration::from_hours(1),
    };
    let exporter = Exporter::builder()
        .push_gateway(PushGateway::new(url, "job").interval(interval))
        .install()?;
    if end == "forgotten" {
        drop(exporter);
        io::stdin().read_to_end(&mut Vec::new())?;
        return Ok(());
    }
    let _shutdown = exporter.shutdown_on_drop();
    track_request("job", "run").run(|| ());
    match &**end {
        "success" => {
            exporter.record_success();
            Ok(())
        }
        "error" => Err("provoked by a test".into()),
        "panic" => panic!("provoked by a test"),
        "report" => Ok(exporter.shutdown().into_result()?),
        _ => Err("unknown end".into()),
    }
}
