use mcp_metrics::tracked_retry;

#[tracked_retry("s")]
fn no_loop() -> Result<(), u8> {
    Ok(())
}

#[tracked_retry("s")]
fn two_loops() -> Result<(), u8> {
    for _ in 0..3 {}
    while false {}
    Ok(())
}

#[tracked_retry("s", delay = "1s")]
fn backoff_without_attempts() -> Result<(), u8> {
    for _ in 0..3 {}
    Ok(())
}

#[tracked_retry("s", attempts = 0, delay = "soon", max_delay = 3, factor = 0.5)]
fn invalid_arguments() -> Result<(), u8> {
    Ok(())
}

#[tracked_retry("s", attempts = 3)]
fn cannot_fail() -> u8 {
    1
}

#[tracked_retry("s", attempts = 3)]
fn returns_future() -> impl Future<Output = Result<(), u8>> {
    async { Ok(()) }
}

#[tracked_retry(attempts = 3)]
fn missing_service() -> Result<(), u8> {
    Ok(())
}

fn main() {}
