//! A living town, sent to a server over HTTP; a server that is busy at first; a stop and a start.

#![expect(clippy::unwrap_used, reason = "helpers of tests; clippy spares test functions only")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use clap::Parser as _;
use tsumugi_cli::replay::{Replay, Sent, rhythm, week};
use tsumugi_kernel::edge::{SystemClock, SystemEntropy};
use tsumugi_server::{App, Folder, Listening};
use tsumugi_synth::Town;

const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    replay: Replay,
}

/// Answers *busy* so many times, then lets requests through and counts them.
#[derive(Clone, Default)]
struct Gate {
    busy: Arc<AtomicUsize>,
    through: Arc<AtomicUsize>,
}

async fn pass(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    if gate.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "0")]).into_response();
    }
    gate.through.fetch_add(1, Ordering::SeqCst);
    next.run(request).await
}

/// A server over a new folder; its address, and how to end it.
async fn server(data: &Path, gate: &Gate) -> (String, tokio::sync::oneshot::Sender<()>, App) {
    let folder = Folder::open(data, true, &SystemEntropy).unwrap();
    let app = App::new(folder, Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
    let listening = Listening::bind(0).await.unwrap();
    let address = format!("http://{}", listening.address());
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let router: Router = app.router().layer(middleware::from_fn_with_state(gate.clone(), pass));
    tokio::spawn(listening.serve(router, async {
        ended.await.ok();
    }));
    (address, end, app)
}

fn replay(address: &str, place: &Path, more: &str) -> Replay {
    let data = place.join("data");
    let state = place.join("replay.state");
    let line = format!(
        "replay --to {address} --dir {} --state {} --seed 5 --citizens 60 {more}",
        data.display(),
        state.display()
    );
    Line::try_parse_from(line.split_whitespace()).unwrap().replay
}

#[tokio::test(flavor = "multi_thread")]
async fn a_town_lives_on_in_a_server_and_goes_on_after_a_stop() {
    let place = tempfile::tempdir().unwrap();
    let gate = Gate { busy: Arc::new(AtomicUsize::new(3)), ..Gate::default() };
    let (address, end, app) = server(&place.path().join("data"), &gate).await;
    // All letters of the days, as the town makes them.
    let days = 200;
    let mut all = 0;
    let last = TODAY.checked_add(jiff::Span::new().days(days)).unwrap();
    let later = week::later(&Town::new(5, 60, TODAY), last).unwrap();
    let mut day = TODAY.tomorrow().unwrap();
    while day <= last {
        let until = day.checked_add(jiff::Span::new().days(6)).unwrap().min(last);
        let letters = week::letters(later.clone(), TODAY, day, until).await.unwrap();
        assert!(letters.windows(2).all(|pair| pair[0].moment <= pair[1].moment), "in the order in which they leave");
        all += letters.len();
        day = until.tomorrow().unwrap();
    }
    assert!(all > 5, "{all} letters");
    // Stopped after a moment, at a rate at which days take seconds.
    let soon = tokio::time::sleep(std::time::Duration::from_millis(400));
    let first = replay(&address, place.path(), &format!("--days {days} --rate 20000000")).run(soon).await.unwrap();
    assert!(!first.whole, "{first:?}");
    let rest = replay(&address, place.path(), &format!("--days {days} --rate 1e12"));
    let second: Sent = rest.run(std::future::pending()).await.unwrap();
    assert!(second.whole);
    let sent = first.taken + first.refused + second.taken + second.refused;
    assert_eq!(sent, u64::try_from(all).unwrap(), "{first:?} {second:?}");
    assert_eq!(gate.busy.load(Ordering::SeqCst), 0, "the busy server was waited for");
    assert_eq!(gate.through.load(Ordering::SeqCst), all, "no letter was sent twice");
    assert!(second.taken > 0 && !app.desk.directory.citizens(None, 10).await.unwrap().is_empty());
    // A third time there is nothing left.
    let third = replay(&address, place.path(), &format!("--days {days} --rate 1e12"));
    let third = third.run(std::future::pending()).await.unwrap();
    assert_eq!((third.taken, third.refused, third.whole), (0, 0, true));
    end.send(()).unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_gone() {
    let place = tempfile::tempdir().unwrap();
    drop(Folder::open(&place.path().join("data"), true, &SystemEntropy).unwrap());
    let address = {
        let taken = Listening::bind(0).await.unwrap();
        format!("http://{}", taken.address())
    };
    let replay = replay(&address, place.path(), "--days 90 --rate 1e12");
    let error = format!("{:#}", replay.run(std::future::pending()).await.unwrap_err());
    assert!(error.contains("the server is gone"), "{error}");
}

#[test]
fn what_leaves_is_written_before() {
    let written = week::midnight(TODAY).unwrap();
    assert!(rhythm::leaves("a", written) >= written);
}
