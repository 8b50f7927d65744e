//! What the processor does while a call waits for its answer.

use futures_util::future::join;
use tokio::task::yield_now;

/// What came of the call, and of the work that was done meanwhile.
pub async fn meanwhile<C: Future, T>(call: C, work: impl FnOnce() -> T) -> (C::Output, T) {
    let work = async {
        // A connection is a task of its own, which sends the call first.
        yield_now().await;
        work()
    };
    join(call, work).await
}
