//! Commands in the documents that start servers.

use mcp_metrics_tests::kit::text;

use crate::markdown::Document;

/// Programs that listen on all addresses of the machine by default, without authentication, and the
/// option for their address.
const SERVERS: [(&str, &str); 5] = [
    ("prometheus", "--web.listen-address 127.0.0.1:"),
    ("prometheus-alertmanager", "--web.listen-address 127.0.0.1:"),
    ("prometheus-pushgateway", "--web.listen-address 127.0.0.1:"),
    ("victoria-metrics", "-httpListenAddr=127.0.0.1:"),
    ("vmalert", "-httpListenAddr=127.0.0.1:"),
];

/// Returns the commands of a document, with continued lines joined.
fn commands(document: &str) -> Vec<String> {
    let blocks = Document::parse(document).blocks;
    let shell = blocks.iter().filter(|block| block.language == "sh");
    let texts = shell.map(|block| block.lines.join("\n").replace("\\\n", " "));
    texts
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// Checks that a command listens on the loopback address, if it starts one of the servers. Returns
/// the server.
fn check(command: &str) -> Result<Option<&'static str>, String> {
    let program = command.split(' ').next().unwrap_or_default();
    let Some((server, address)) = SERVERS.iter().find(|(server, _)| *server == program) else {
        return Ok(None);
    };
    // Alertmanager also listens for its peers, unless this address is empty.
    let cluster =
        *server != "prometheus-alertmanager" || command.contains("--cluster.listen-address ''");
    if command.contains(address) && cluster {
        Ok(Some(server))
    } else {
        Err(format!("the command listens on all addresses: {command}"))
    }
}

#[test]
fn documented_servers_listen_on_the_loopback_address() {
    let mut documents: Vec<_> = crate::guides::sources()
        .into_iter()
        .map(|(_, it)| it)
        .collect();
    documents.extend(crate::links::documents().iter().map(|path| text(path)));
    let commands = documents.iter().flat_map(|document| commands(document));
    let mut started: Vec<_> = commands
        .filter_map(|command| check(&command).unwrap_or_else(|error| panic!("{error}")))
        .collect();
    started.sort_unstable();
    started.dedup();
    let mut servers = SERVERS.map(|(server, _)| server);
    servers.sort_unstable();
    assert_eq!(started, servers);
}

#[test]
fn command_that_listens_on_all_addresses_is_an_error() {
    let document =
        "```sh\nprometheus --config.file p.yml \\\n  --web.listen-address 127.0.0.1:9090\n```";
    let [command] = &commands(document)[..] else {
        panic!("one command");
    };
    assert_eq!(check(command), Ok(Some("prometheus")));
    check("prometheus --config.file p.yml").unwrap_err();
    check("prometheus --web.listen-address 0.0.0.0:9090").unwrap_err();
    check("prometheus-alertmanager --web.listen-address 127.0.0.1:9093").unwrap_err();
    check("vmalert -rule=rules.yml").unwrap_err();
    assert_eq!(check("promtool check config p.yml"), Ok(None));
}
