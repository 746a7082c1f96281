//! Configuring an exporter's endpoint.

use std::net::SocketAddr;
use std::time::Duration;

use super::ExporterBuilder;
use crate::http::ListenAddress;

impl ExporterBuilder {
    /// Serves the metrics on this address, from a thread of the exporter. With port 0, the system
    /// chooses a free port; [`Exporter::local_addr`](crate::Exporter::local_addr) returns it.
    ///
    /// Each call adds an address, for example `[127, 0, 0, 1]` and `Ipv6Addr::LOCALHOST`. The
    /// limits, access rules and TLS settings apply to all of them. `[::]` also accepts IPv4
    /// connections, unless an IPv4 address with the same port is added.
    ///
    /// The endpoint requires no authentication unless the features `auth` or `tls` are used to
    /// restrict it. Use a loopback address, `[127, 0, 0, 1]`, if Prometheus runs on the same
    /// machine. In a container, only `[0, 0, 0, 0]` is reachable from outside. An application that
    /// already has an HTTP server can use [`Exporter::router`](crate::Exporter::router) instead.
    /// Default: no endpoint.
    pub fn listen(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen.push(ListenAddress::Tcp {
            address: address.into(),
            or_free_port: false,
        });
        self
    }

    /// Adds an address like [`listen`](Self::listen), but listens on a free port of the same IP
    /// address if the port is in use. This is logged as a warning, and
    /// [`Exporter::local_addr`](crate::Exporter::local_addr) returns the address.
    ///
    /// This is for programs that must not fail because of their metrics: of several instances of an
    /// MCP server over standard input and output, only one gets the configured port. Prometheus
    /// scrapes the others only if their addresses are in its configuration.
    ///
    /// ```
    /// use mcp_metrics::Exporter;
    ///
    /// # let occupied = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    /// # let port = occupied.local_addr()?.port();
    /// let exporter = Exporter::builder()
    ///     .listen_or_free_port(([127, 0, 0, 1], port))
    ///     .install()?;
    /// let address = exporter.local_addr().unwrap();
    /// # assert_ne!(address.port(), port);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn listen_or_free_port(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen.push(ListenAddress::Tcp {
            address: address.into(),
            or_free_port: true,
        });
        self
    }

    /// Serves the metrics on a Unix socket, for a process on the same machine or in the same pod,
    /// such as a proxy. Each call adds a socket.
    ///
    /// The socket's file is created by [`install`](Self::install) and removed by
    /// [`Exporter::shutdown`](crate::Exporter::shutdown). A file that a previous run has left is
    /// replaced if no process listens on it; any other existing file is an error. The process's
    /// `umask` limits who may connect: usually only the same user. Change the mode of the file
    /// after `install` to admit others.
    ///
    /// Tokens and passwords are required as on other addresses. [TLS](Self::tls), its client
    /// certificates and [allowed networks](Self::allow_network) do not apply.
    ///
    /// ```
    /// use mcp_metrics::Exporter;
    ///
    /// # let path = std::env::temp_dir().join(format!("mcp-metrics-{}.sock", std::process::id()));
    /// let exporter = Exporter::builder().listen_unix(&path).install()?;
    /// // curl --unix-socket <path> http://localhost/metrics
    /// # assert!(path.exists());
    /// exporter.shutdown();
    /// # assert!(!path.exists());
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[cfg(unix)]
    pub fn listen_unix(mut self, path: impl Into<std::path::PathBuf>) -> Self {
        self.listen.push(ListenAddress::Unix(path.into()));
        self
    }

    /// Serves the metrics at this path, too, on the listener and in
    /// [`Exporter::router`](crate::Exporter::router): for scrape configurations that cannot be
    /// changed. It starts with a slash and consists of letters, digits, `-`, `.`, `_` and `~`. Each
    /// call adds a path.
    ///
    /// An application can also serve
    /// [`Exporter::metrics_handler`](crate::Exporter::metrics_handler) at any path.
    pub fn metrics_path(mut self, path: impl Into<String>) -> Self {
        self.metrics_paths.push(path.into());
        self
    }

    /// Serves a status page next to the metrics, from [`Exporter::router`](crate::Exporter::router)
    /// and on the address of [`listen`](Self::listen): a self-contained HTML page at `/`, and its
    /// data, a [`MetricsSummary`](crate::MetricsSummary) in JSON, at `/api/metrics_summary`.
    ///
    /// The page shows all metrics and the module and line of each tracked function. An application
    /// with its own page at `/` can nest the router under another path. Default: no page.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().status_page().install()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "my hub" }))
    ///     .nest("/status", exporter.router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn status_page(mut self) -> Self {
        self.status_page = true;
        self
    }

    /// Sets the maximum number of concurrent connections of the listener, on all its addresses
    /// together. At the limit, a new connection evicts an idle one, or one whose client has closed
    /// it during its request; it waits only while all connections have a request in flight.
    ///
    /// Default: 256.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// Sets the time that a client of the listener has to send a request, and again to receive the
    /// response. If a hook of [`on_scrape`](Self::on_scrape) takes longer, the client gets status
    /// 503.
    ///
    /// Default: 30 seconds, longer than the default scrape timeout of Prometheus.
    pub fn http_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeout = timeout;
        self
    }

    /// Sets how long the listener keeps a connection open without a request. It should be longer
    /// than the scrape interval: a scraper whose connection is closed just when it sends the next
    /// request may lose this scrape. The listener adds 10 to 20 %, different for each connection,
    /// so that an equal interval is safe. Zero closes a connection after each response.
    ///
    /// Idle connections do not keep out other clients: at the
    /// [limit](Self::max_connections), they are evicted. Default: five minutes.
    pub fn keep_alive_timeout(mut self, timeout: Duration) -> Self {
        self.limits.keep_alive = timeout;
        self
    }

    /// Requires this bearer token, `Authorization: Bearer …` (RFC 6750). Further calls, and calls
    /// of [`basic_auth`](Self::basic_auth), add alternative credentials.
    ///
    /// Applies to the listener and to [`Exporter::router`](crate::Exporter::router), for all paths
    /// except `/health`. Without [`tls`](Self::tls), the token is sent in clear text.
    #[cfg(feature = "auth")]
    pub fn bearer_token(mut self, token: crate::Secret) -> Self {
        self.rules.tokens.push(token);
        self
    }

    /// Requires this user name and password, `Authorization: Basic …` (RFC 7617). `hash` is the
    /// bcrypt hash of the password, as in the web configuration file of the Prometheus exporters;
    /// `htpasswd -nBC 10 <user>` creates one. Each call adds a user.
    ///
    /// Applies to the same paths as [`bearer_token`](Self::bearer_token).
    ///
    /// ```no_run
    /// use mcp_metrics::{Exporter, Secret};
    ///
    /// let exporter = Exporter::builder()
    ///     .listen(([0, 0, 0, 0], 7860))
    ///     .basic_auth("prometheus", Secret::file("/run/secrets/metrics-password-hash"))
    ///     .install()?;
    /// # Ok::<(), mcp_metrics::InstallError>(())
    /// ```
    #[cfg(feature = "auth")]
    pub fn basic_auth(mut self, user: impl Into<String>, hash: crate::Secret) -> Self {
        self.rules.users.push((user.into(), hash));
        self
    }

    /// Serves only clients from this network, an address like `10.0.0.7` or a range like
    /// `10.0.0.0/8` or `fd00::/8`; other clients get status 403. Each call adds a network.
    ///
    /// The peer address of the connection is checked. Behind a proxy, this is the proxy's address.
    #[cfg(feature = "auth")]
    pub fn allow_network(mut self, network: impl Into<String>) -> Self {
        self.rules.networks.push(network.into());
        self
    }

    /// Serves the listener over TLS 1.2 and 1.3, and not over plain HTTP: requests without TLS get
    /// status 400. Failed handshakes are logged, at most once a minute for each client.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.tls = Some(tls);
        self
    }
}
