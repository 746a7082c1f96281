//! Scrapes: renders that concurrent requests share, and the scrape metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::Gauge;
use tokio::sync::watch;

use super::connection_service::ResponseDeadline;
use super::negotiate::Format;
use crate::catalog;
#[cfg(feature = "protobuf")]
use crate::encode::Protobuf;
use crate::encode::{OpenMetrics, Prometheus};
use crate::metrics_source::MetricsSource;
use crate::recorder::MetricsRecorder;

/// The most renders at a time: one of each document.
pub(super) const MAX_RENDERS: usize = Document::COUNT;

/// The renders of one endpoint.
#[derive(Clone, Debug)]
pub(super) struct Scrapes {
    source: MetricsSource,
    /// The render in progress of each document.
    current: Arc<[Mutex<Option<Pending>>; Document::COUNT]>,
}

/// A document that can be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// The metrics, in a format.
    Metrics(Format),
    /// The summary, in JSON.
    Summary,
}

impl Document {
    const COUNT: usize = Format::ALL.len() + 1;

    const fn index(self) -> usize {
        match self {
            Self::Metrics(format) => format as usize,
            Self::Summary => Self::COUNT - 1,
        }
    }

    /// Renders the document.
    fn render(self, source: &MetricsSource) -> serde_json::Result<Bytes> {
        Ok(match self {
            Self::Metrics(Format::Text) => source.render::<Prometheus>().into(),
            Self::Metrics(Format::OpenMetrics) => source.render::<OpenMetrics>().into(),
            #[cfg(feature = "protobuf")]
            Self::Metrics(Format::Protobuf) => {
                let mut encoder = Protobuf::default();
                source.encode(&mut encoder);
                encoder.finish().into()
            }
            Self::Summary => {
                let summary = source.summary();
                // A request takes about as many bytes; growing the buffer would copy it.
                let mut json = Vec::with_capacity(1024 + summary.requests.len() * 256);
                serde_json::to_writer(&mut json, &summary)?;
                json.into()
            }
        })
    }
}

/// Why a document was not rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RenderError {
    /// The render was not complete at the deadline of the response.
    TimedOut,
    /// The render failed.
    Failed,
}

impl IntoResponse for RenderError {
    fn into_response(self) -> Response {
        match self {
            Self::TimedOut => {
                tracing::warn!("scrape timed out; a hook of `on_scrape` may hang");
                let body = "rendering the metrics timed out; a hook of the program may hang\n";
                (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
            }
            Self::Failed => {
                tracing::error!("failed to render the metrics");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A render in progress; `None` until it is complete.
type Pending = watch::Receiver<Option<Bytes>>;

impl Scrapes {
    pub(super) fn new(source: MetricsSource) -> Self {
        Self {
            source,
            current: Arc::default(),
        }
    }

    pub(super) const fn recorder(&self) -> &MetricsRecorder {
        self.source.recorder()
    }

    /// Returns a document. `extensions` are those of the request: the listener's requests have a
    /// deadline.
    ///
    /// Requests that arrive while it is rendered share the result, so that any number of clients
    /// costs the program one render at a time. It continues if they disconnect, and it shows
    /// everything that was recorded before the first of them arrived.
    pub(super) async fn get(
        &self,
        document: Document,
        extensions: &Extensions,
    ) -> Result<Bytes, RenderError> {
        let mut pending = self.join(document);
        let render = async {
            let rendered = pending.wait_for(Option::is_some).await;
            rendered.ok().and_then(|rendered| rendered.clone())
        };
        let rendered = match extensions.get::<ResponseDeadline>() {
            Some(ResponseDeadline(deadline)) => tokio::time::timeout_at(*deadline, render)
                .await
                .map_err(|_| RenderError::TimedOut)?,
            // An application's runtime may have no timers.
            None => render.await,
        };
        rendered.ok_or(RenderError::Failed)
    }

    /// Joins the render in progress, or begins one.
    fn join(&self, document: Document) -> Pending {
        let mut current = self.current(document);
        // A render whose sender is gone has ended.
        if let Some(pending) = current
            .as_ref()
            .filter(|pending| pending.has_changed().is_ok())
        {
            return pending.clone();
        }
        let (done, pending) = watch::channel(None);
        *current = Some(pending.clone());
        drop(current);
        let scrapes = self.clone();
        // Off the server's threads: a large export must not delay other requests.
        tokio::task::spawn_blocking(move || {
            let rendered = document.render(&scrapes.source);
            // Later requests begin a new render.
            *scrapes.current(document) = None;
            match rendered {
                // Fails if all clients have disconnected.
                Ok(rendered) => drop(done.send(Some(rendered))),
                Err(error) => tracing::error!(%error, "failed to serialize the metrics summary"),
            }
        });
        pending
    }

    fn current(&self, document: Document) -> MutexGuard<'_, Option<Pending>> {
        self.current[document.index()]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves `GET /metrics`.
pub(super) async fn metrics(
    scrapes: Scrapes,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, RenderError> {
    let format = Format::of(&headers);
    let text = scrapes.get(Document::Metrics(format), &extensions).await?;
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Records each scrape, including refused ones, with its status code.
pub(super) async fn count(
    State(recorder): State<MetricsRecorder>,
    request: Request,
    next: Next,
) -> Response {
    let scrape = Scrape::begin(recorder);
    let response = next.run(request).await;
    scrape.end(response.status());
    response
}

/// A scrape in flight. It is not counted if the client disconnects.
struct Scrape {
    recorder: MetricsRecorder,
    in_flight: Gauge,
    began: Instant,
}

impl Scrape {
    fn begin(recorder: MetricsRecorder) -> Self {
        let in_flight =
            metrics::with_local_recorder(&recorder, || metrics::gauge!(catalog::SCRAPES_IN_FLIGHT));
        in_flight.increment(1.0);
        Self {
            recorder,
            in_flight,
            began: Instant::now(),
        }
    }

    fn end(self, code: StatusCode) {
        metrics::with_local_recorder(&self.recorder, || {
            metrics::counter!(catalog::SCRAPES, "code" => code.as_str().to_owned()).increment(1);
            metrics::histogram!(catalog::SCRAPE_DURATION).record(self.began.elapsed());
        });
    }
}

impl Drop for Scrape {
    fn drop(&mut self) {
        self.in_flight.decrement(1.0);
    }
}
