//! Services that are not routers: readiness, errors, panics, and futures that are dropped.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::{Future, Ready, pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use axum::http::{Request, Response};
use mcp_metrics::testing::{Recording, record};
use mcp_metrics::web::HttpLayer;
use tower_layer::Layer as _;
use tower_service::Service;

type Reply = Response<String>;

/// A service that calls a function.
#[derive(Clone)]
struct Calls<F>(F);

impl<B, F, R, E> Service<Request<B>> for Calls<F>
where
    F: FnMut(Request<B>) -> R,
    R: Future<Output = Result<Reply, E>>,
{
    type Response = Reply;
    type Error = E;
    type Future = R;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> R {
        (self.0)(request)
    }
}

/// Polls a future once.
fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[track_caller]
fn assert(metrics: &Recording, success: u64, failed: &[(&str, u64)]) {
    metrics
        .requests("service", "unmatched")
        .assert(success, failed);
}

#[test]
fn error_of_the_service_is_a_failure_with_the_name_of_its_type() {
    #[derive(Debug)]
    struct Refused;

    let (polled, metrics) = record(|| {
        let service = Calls(|_| ready(Err::<Reply, _>(Refused)));
        poll(
            HttpLayer::new("service")
                .layer(service)
                .call(Request::new(())),
        )
    });
    assert!(matches!(polled, Poll::Ready(Err(Refused))));
    assert(&metrics, 0, &[("Refused", 1)]);
}

#[test]
fn panic_in_the_call_or_in_the_future_is_a_failure() {
    fn panics() -> Result<Reply, Infallible> {
        std::panic::panic_any(mcp_metrics_tests::PROVOKED)
    }
    mcp_metrics_tests::quiet_panics();
    let ((), metrics) = record(|| {
        let in_call = Calls(|_| ready(panics()));
        let mut service = HttpLayer::new("service").layer(in_call);
        let call = AssertUnwindSafe(|| drop(service.call(Request::new(()))));
        catch_unwind(call).expect_err("a panic");
        let in_future = Calls(async |_| panics());
        let mut service = HttpLayer::new("service").layer(in_future);
        let call = AssertUnwindSafe(|| drop(poll(service.call(Request::new(())))));
        catch_unwind(call).expect_err("a panic");
    });
    assert(&metrics, 0, &[("panic", 2)]);
}

#[test]
fn panic_of_a_rule_is_a_failure() {
    mcp_metrics_tests::quiet_panics();
    let ((), metrics) = record(|| {
        let layer = HttpLayer::new("service")
            .error_if(|_| std::panic::panic_any(mcp_metrics_tests::PROVOKED));
        let service = Calls(|_| ready(Ok::<_, Infallible>(Reply::default())));
        let mut service = layer.layer(service);
        let call = AssertUnwindSafe(|| drop(poll(service.call(Request::new(())))));
        catch_unwind(call).expect_err("a panic");
    });
    assert(&metrics, 0, &[("panic", 1)]);
}

#[test]
fn future_that_is_dropped_before_the_response_is_cancelled() {
    let (future, metrics) = record(|| {
        let service = Calls(|_| pending::<Result<Reply, Infallible>>());
        let mut future = Box::pin(
            HttpLayer::new("service")
                .layer(service)
                .call(Request::new(())),
        );
        assert!(poll(&mut future).is_pending());
        future
    });
    assert_eq!(metrics.requests("service", "unmatched").active, 1);
    metrics.run(|| drop(future));
    assert(&metrics, 0, &[("cancelled", 1)]);
}

#[test]
fn request_is_in_flight_while_its_future_is_dropped() {
    struct OnDrop(Rc<Cell<Option<u64>>>, Rc<Recording>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            let requests = self.1.requests("service", "unmatched");
            self.0.set(Some(requests.active));
        }
    }

    let metrics = Rc::new(Recording::new());
    let active = Rc::new(Cell::new(None));
    metrics.run(|| {
        let service = Calls(async |_| {
            let _guard = OnDrop(active.clone(), metrics.clone());
            pending::<Result<Reply, Infallible>>().await
        });
        let mut future = Box::pin(
            HttpLayer::new("service")
                .layer(service)
                .call(Request::new(())),
        );
        assert!(poll(&mut future).is_pending());
        drop(future);
    });
    assert_eq!(active.get(), Some(1));
    assert(&metrics, 0, &[("cancelled", 1)]);
}

/// A service that is ready at the second poll, and whose clones are not.
struct Busy {
    polls: u32,
}

impl Service<Request<()>> for Busy {
    type Response = Reply;
    type Error = &'static str;
    type Future = Ready<Result<Reply, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.polls += 1;
        match self.polls {
            1 => Poll::Pending,
            2 => Poll::Ready(Ok(())),
            _ => Poll::Ready(Err("closed")),
        }
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert_eq!(self.polls, 2, "the service that is ready is called");
        ready(Ok(Reply::default()))
    }
}

#[test]
fn readiness_is_that_of_the_service() {
    let ((), metrics) = record(|| {
        let mut service = HttpLayer::new("service").layer(Busy { polls: 0 });
        let mut cx = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut cx).is_pending());
        assert!(matches!(service.poll_ready(&mut cx), Poll::Ready(Ok(()))));
        assert!(poll(service.call(Request::new(()))).is_ready());
        assert!(matches!(
            service.poll_ready(&mut cx),
            Poll::Ready(Err("closed"))
        ));
    });
    // An error of `poll_ready` belongs to no request.
    assert(&metrics, 1, &[]);
}

#[test]
fn service_and_future_have_the_auto_traits_of_the_inner_ones() {
    fn auto<T: Send + Sync + Clone + 'static>(_: &T) {}
    fn send<T: Send + Unpin + 'static>(_: &T) {}

    let service = Calls(|_: Request<()>| ready(Ok::<_, Infallible>(Reply::default())));
    let mut service = HttpLayer::new("service").layer(service);
    auto(&service);
    let future: Pin<Box<_>> = Box::pin(service.call(Request::new(())));
    send(&*future);
    // Inner futures need not be `Send`.
    let local = Calls(|_: Request<Rc<()>>| pending::<Result<Reply, Rc<()>>>());
    let _: Poll<_> = poll(
        HttpLayer::new("service")
            .layer(local)
            .call(Request::new(Rc::new(()))),
    );
}
