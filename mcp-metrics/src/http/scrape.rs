//! A scrape: rendered once for all who ask at the same time, and counted.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics::Gauge;
use tokio::sync::watch;

use super::negotiate::Format;
use crate::catalog;
use crate::exporter::Exporter;
use crate::exposition::openmetrics;
#[cfg(feature = "protobuf")]
use crate::exposition::protobuf;
use crate::recorder::MetricsRecorder;

/// The renders of one router.
#[derive(Clone, Debug)]
pub(super) struct Scrapes {
    exporter: Exporter,
    /// The render under way, for each format.
    current: Arc<[Mutex<Option<Pending>>; Format::ALL.len()]>,
}

/// A text that is being rendered: `None` until it is there.
type Pending = watch::Receiver<Option<Bytes>>;

impl Scrapes {
    pub(super) fn new(exporter: Exporter) -> Self {
        Self {
            exporter,
            current: Arc::default(),
        }
    }

    /// The text of the metrics; `None` if rendering has panicked.
    ///
    /// Those who ask while a render is under way share it, so that any number of clients costs the
    /// program one render at a time. It goes on if they leave, and what it shows was true after
    /// the first of them asked.
    pub(super) async fn text(&self, format: Format) -> Option<Bytes> {
        let mut pending = self.join(format);
        let text = pending.wait_for(Option::is_some).await.ok()?;
        text.clone()
    }

    /// Joins the render under way, or begins one.
    fn join(&self, format: Format) -> Pending {
        let mut current = self.current(format);
        // One whose sender is gone has ended, well or badly.
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
        // Off the server's threads: a large export must not hold up other requests.
        tokio::task::spawn_blocking(move || {
            let exporter = &scrapes.exporter;
            let text: Bytes = match format {
                Format::Text => exporter.render().into(),
                Format::OpenMetrics => exporter.expose(openmetrics).into(),
                #[cfg(feature = "protobuf")]
                Format::Protobuf => exporter.expose(protobuf).into(),
            };
            // Whoever asks from here on gets a new one.
            *scrapes.current(format) = None;
            // Nobody may be waiting any more.
            let _ = done.send(Some(text));
        });
        pending
    }

    fn current(&self, format: Format) -> MutexGuard<'_, Option<Pending>> {
        self.current[format as usize]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /metrics`.
pub(super) async fn metrics(State(scrapes): State<Scrapes>, headers: HeaderMap) -> Response {
    let format = Format::of(&headers);
    let Some(text) = scrapes.text(format).await else {
        tracing::error!("the metrics could not be rendered");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// Counts scrapes by what became of them, refused ones as well.
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

/// A scrape under way; one whose client leaves is not counted.
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
