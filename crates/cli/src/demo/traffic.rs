//! Whether anybody is using the pages just now: filling the town then makes way.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use tsumugi_cli::town::Pace;
use tsumugi_kernel::edge::Stopwatch;

/// Households on their way at once while nobody asks.
const QUIET: usize = 16;
/// The same while somebody does.
const ASKED: usize = 1;
/// How long after a request somebody still counts as there.
const LINGER: Duration = Duration::from_secs(2);

/// Requests under way, and when the last one ended. Cheap to clone.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Inner>);

#[derive(Default)]
struct Inner {
    under_way: AtomicUsize,
    last: Mutex<Option<Stopwatch>>,
    stopped: std::sync::atomic::AtomicBool,
}

impl Traffic {
    /// The routes, watched.
    pub fn watch(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), count))
    }

    /// Filling is to come to an end.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
    }

    fn begin(&self) -> Guard {
        self.0.under_way.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }
}

/// Counts a request out also when its client goes away in the middle.
struct Guard(Traffic);

impl Drop for Guard {
    fn drop(&mut self) {
        let inner = &self.0.0;
        inner.under_way.fetch_sub(1, Ordering::SeqCst);
        *inner.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Stopwatch::start());
    }
}

async fn count(State(traffic): State<Traffic>, request: Request, next: Next) -> Response {
    let _guard = traffic.begin();
    next.run(request).await
}

impl Pace for Traffic {
    fn at_once(&self) -> usize {
        if self.0.stopped.load(Ordering::SeqCst) {
            return 0;
        }
        let last = *self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = last.is_some_and(|last| last.elapsed() < LINGER);
        if recent || self.0.under_way.load(Ordering::SeqCst) > 0 { ASKED } else { QUIET }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_makes_way_while_somebody_asks_and_ends_when_told() {
        let traffic = Traffic::default();
        assert_eq!(traffic.at_once(), QUIET);
        let request = traffic.begin();
        assert_eq!(traffic.at_once(), ASKED);
        drop(request);
        assert_eq!(traffic.at_once(), ASKED, "somebody who has just read a page will ask for the next");
        traffic.stop();
        assert_eq!(traffic.at_once(), 0);
    }
}
