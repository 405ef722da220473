//! Waiting for what other tasks do: asked again and again, and not for ever.

use std::time::Duration;

const TRIES: u32 = 1_000;
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until there is something; none if nothing comes for twenty seconds.
pub(crate) async fn eventually<T>(mut look: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..TRIES {
        if let Some(found) = look().await {
            return Some(found);
        }
        tokio::time::sleep(PAUSE).await;
    }
    None
}

/// Waits until it is so; `what` is what was waited for.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let so = eventually(async || is_so().await.then_some(())).await;
    so.unwrap_or_else(|| panic!("in vain: {what}"));
}
