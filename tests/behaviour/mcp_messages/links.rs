//! A server and a client whose transports are metered, or not, over a duplex stream.

use std::borrow::Cow;

use mcp_metrics::mcp::MeteredTransport;
use rmcp::model::{CallToolRequestParams, JsonObject};
use rmcp::service::RunningService;
use rmcp::transport::IntoTransport as _;
use rmcp::{ClientHandler, RoleClient, RoleServer, ServiceExt as _};
use serde_json::json;

use super::peers::Asker;

pub(crate) type Server = RunningService<RoleServer, Asker>;
pub(crate) type Client<C> = RunningService<RoleClient, C>;

const BUFFER: usize = 64 * 1024;

/// Connects a client to a server with a metered transport.
pub(crate) async fn metered_server<C: ClientHandler>(
    server: &Asker,
    client: C,
) -> (Server, Client<C>) {
    let (server_stream, client_stream) = tokio::io::duplex(BUFFER);
    let transport = MeteredTransport::<RoleServer, _>::new(server_stream.into_transport());
    let (server, client) =
        tokio::join!(server.clone().serve(transport), client.serve(client_stream));
    (server.unwrap(), client.unwrap())
}

/// Connects a client with a metered transport to a server.
pub(crate) async fn metered_client(server: &Asker) -> (Server, Client<()>) {
    let (server_stream, client_stream) = tokio::io::duplex(BUFFER);
    let transport = MeteredTransport::<RoleClient, _>::new(client_stream.into_transport());
    let (server, client) = tokio::join!(server.clone().serve(server_stream), ().serve(transport));
    (server.unwrap(), client.unwrap())
}

/// The parameters of a call without arguments.
pub(crate) fn call(tool: impl Into<Cow<'static, str>>) -> CallToolRequestParams {
    CallToolRequestParams::new(tool)
}

/// The parameters of a call that returns this text.
pub(crate) fn echo(text: &str) -> CallToolRequestParams {
    let arguments = JsonObject::from_iter([("text".to_owned(), json!(text))]);
    call("echo").with_arguments(arguments)
}
