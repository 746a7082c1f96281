//! Drives a metered MCP server with real clients, and checks every `mcp_*` family after each step.

// The handler under test, for a server in this process.
#[path = "../mcp_server/calls.rs"]
mod calls;
#[path = "../mcp_server/handler.rs"]
mod handler;
#[path = "../mcp_server/tools.rs"]
mod tools;

mod client;
mod counts;
mod drive;
mod duplex;
mod exceptions;
mod expected;
mod names;
mod raw;
mod raw_http;
mod raw_stream;
mod rmcp_client;
mod sdk;
mod server;
mod situation;
mod steps;

use mcp_metrics_tests::quiet_panics;

use self::drive::Drive;
use self::situation::{Kind, Mode, Situation, Transport};

/// Runs all drives of a client, concurrently, and compares the answers of the bare and the metered
/// server.
fn drive(kind: Kind) {
    quiet_panics();
    std::thread::scope(|scope| {
        let run = |transport, mode| {
            let situation = Situation {
                kind,
                transport,
                mode,
            };
            scope.spawn(move || {
                let mut client = client::start(kind)?;
                Some(steps::run(&mut Drive::new(situation, &mut *client)))
            })
        };
        let is_rmcp = matches!(kind, Kind::Rmcp | Kind::RmcpModern);
        let transports = Transport::ALL.into_iter();
        let transports = transports.filter(|it| is_rmcp || *it != Transport::Duplex);
        let drives = transports.map(|transport| {
            let drives = Mode::ALL.map(|mode| run(transport, mode));
            (transport, drives)
        });
        // All begin before the first one is awaited.
        for (transport, drives) in drives.collect::<Vec<_>>() {
            let [bare, metered, _] = drives.map(|drive| {
                let answers = drive.join().expect("the drive succeeds");
                // The client is missing, and may be.
                answers.unwrap_or_default()
            });
            assert_eq!(bare.len(), metered.len(), "{kind:?}, {transport:?}");
            for (bare, metered) in bare.iter().zip(&metered) {
                assert_eq!(bare, metered, "{kind:?}, {transport:?}");
            }
        }
    });
}

macro_rules! clients {
    ($($name:ident: $kind:ident;)+) => {$(
        #[test]
        fn $name() {
            drive(Kind::$kind);
        }
    )+};
}

clients! {
    raw_sockets: Raw;
    raw_sockets_of_2026_07_28: RawModern;
    rmcp: Rmcp;
    rmcp_of_2026_07_28: RmcpModern;
    python_sdk_1: Python1;
    python_sdk_2: Python2;
    python_sdk_2_of_2026_07_28: Python2Modern;
    typescript_sdk: TypeScript;
}
