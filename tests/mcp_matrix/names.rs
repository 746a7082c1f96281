//! Calls of tools that the server does not have.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::client::{self, Client};
use crate::counts::mcp_counts;
use crate::server::{Target, metrics};
use crate::situation::Kind;

const INVENTED: i64 = 1_000;

fn call(client: &mut dyn Client, tool: &str) -> Value {
    client.execute(&json!({ "call": tool, "arguments": { "text": "hi" } }))
}

/// Returns the series of a scrape, without their values.
fn series(scrape: &str) -> BTreeSet<String> {
    let lines = scrape.lines().filter(|line| !line.starts_with('#'));
    let series = lines.filter_map(|line| line.rsplit_once(' '));
    series.map(|(series, _)| series.to_owned()).collect()
}

#[test]
fn invented_tool_names_add_no_series() {
    let mut client = client::start(Kind::Raw).expect("a client without an SDK");
    client.connect(&Target::Stdio(["metered", "stdio"]));
    call(&mut *client, "fast");
    call(&mut *client, "invented");
    // The first scrape adds the series of scrapes.
    metrics(&client.log());
    let before = metrics(&client.log());

    for n in 1..INVENTED {
        let answer = call(&mut *client, &format!("invented_{n}"));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    let after = metrics(&client.log());
    assert_eq!(series(&after), series(&before));
    let counts = mcp_counts(&after, "pipe");
    assert_eq!(counts["unknown tool"], INVENTED);
    assert_eq!(counts["tools/call !-32602"], INVENTED);
    assert_eq!(counts["tools/call fast"], 1);

    // The names of the server's tools are labels still, of those that were not called before, too.
    for tool in ["fast", "breaks"] {
        call(&mut *client, tool);
    }
    let counts = mcp_counts(&metrics(&client.log()), "pipe");
    assert_eq!(counts["tools/call fast"], 2);
    assert_eq!(counts["tools/call breaks !-32000"], 1);
}
