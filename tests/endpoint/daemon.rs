//! A program that becomes a daemon after it has installed its exporter, which is the wrong order.
//!
//! Prints what the exporter does in both processes.

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use daemonize::{Daemonize, Outcome, Stdio};
    use mcp_metrics::{Exporter, track_search_call};
    use mcp_metrics_tests::{http, log};

    log::capture();
    let socket = std::env::args().nth(1).ok_or("missing argument: a path")?;
    let exporter = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .listen_unix(&socket)
        .install()?;
    let address = exporter
        .local_addr()
        .ok_or("the exporter does not listen")?;
    let daemon = Daemonize::new().stdout(Stdio::keep()).stderr(Stdio::keep());
    match daemon.execute() {
        Outcome::Parent(parent) => {
            parent?;
            println!("parent: scrape {}", http::get(address, "/metrics").status);
            exporter.shutdown();
            println!("parent: shutdown returned");
        }
        Outcome::Child(child) => {
            child?;
            track_search_call();
            println!("child: addresses {:?}", exporter.local_addrs());
            exporter.shutdown();
            exporter.clone().shutdown();
            println!("child: shutdown returned");
            let recorded = exporter
                .render()
                .contains("mcp_hub_search_api_calls_total 1\n");
            println!("child: recorded {recorded}");
            for line in log::lines("forked") {
                println!("child: log {line}");
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn main() {}
