"""Measures the cost of a tracked call in Python, with prometheus_client.

Prints nanoseconds per call: untracked, with kept children, with labels() per call.
The arguments are the number of threads and the number of calls of each thread.
"""

import functools
import sys
import threading
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
LABELS = ("agent", "operation")
TOTAL = Counter("requests", "Requests", LABELS, registry=REGISTRY)
SUCCESS = Counter("requests_success", "Successes", LABELS, registry=REGISTRY)
FAILED = Counter("requests_failed", "Failures", (*LABELS, "error_type"), registry=REGISTRY)
DURATION = Histogram(
    "request_duration_seconds",
    "Durations",
    LABELS,
    buckets=(0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0),
    registry=REGISTRY,
)
ACTIVE = Gauge("active_operations", "Requests in flight", ("agent",), registry=REGISTRY)


def tracked(agent, operation):
    """Looks up each series per call."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            TOTAL.labels(agent, operation).inc()
            ACTIVE.labels(agent).inc()
            start = time.perf_counter()
            try:
                result = function(*args)
                SUCCESS.labels(agent, operation).inc()
                return result
            except Exception as error:
                FAILED.labels(agent, operation, type(error).__name__).inc()
                raise
            finally:
                DURATION.labels(agent, operation).observe(time.perf_counter() - start)
                ACTIVE.labels(agent).dec()

        return wrapper

    return decorate


def tracked_with_kept_children(agent, operation):
    """Looks up each series once."""
    total, success = TOTAL.labels(agent, operation), SUCCESS.labels(agent, operation)
    duration, active = DURATION.labels(agent, operation), ACTIVE.labels(agent)

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args):
            total.inc()
            active.inc()
            start = time.perf_counter()
            try:
                result = function(*args)
                success.inc()
                return result
            except Exception as error:
                FAILED.labels(agent, operation, type(error).__name__).inc()
                raise
            finally:
                duration.observe(time.perf_counter() - start)
                active.dec()

        return wrapper

    return decorate


def work(n):
    return n


def measure(function, threads, calls):
    """Returns the nanoseconds per call, on all threads at once."""
    times = []

    def run():
        start = time.perf_counter()
        for n in range(calls):
            function(n)
        times.append(time.perf_counter() - start)

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(times) / threads / calls * 1e9


THREADS, CALLS = int(sys.argv[1]), int(sys.argv[2])
WAYS = [
    work,
    tracked_with_kept_children("kept", "call")(work),
    tracked("labels", "call")(work),
]
print(*[measure(function, THREADS, CALLS) for function in WAYS])
