//! The connection loop: HTTP/1.1 and HTTP/2 on one port, slow heads cut off, a bounded number of connections, and an
//! orderly end.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tsumugi_kernel::limits;

/// Connections served at once; the next wait in the system's queue.
const CONNECTIONS: usize = 4_096;
/// How long an orderly end waits for answers under way.
const GRACE: Duration = Duration::from_secs(10);

/// Why serving failed.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port cannot be had.
    #[error(
        "port {port} on this machine cannot be had ({source}); another program may use it: choose another with --port"
    )]
    Port {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
}

/// A bound port.
pub struct Listening {
    listener: TcpListener,
}

impl Listening {
    /// Binds `port` on the loopback interface; 0 takes any free one. A proxy with TLS stands before it in real use.
    ///
    /// # Errors
    /// [`ServeError::Port`].
    pub async fn bind(port: u16) -> Result<Self, ServeError> {
        let listener =
            TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| ServeError::Port { port, source })?;
        Ok(Self { listener })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Serves `router` until `end` is done, then lets answers under way finish.
    pub async fn serve(self, router: Router, end: impl Future<Output = ()>) {
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut end = std::pin::pin!(end);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = &mut end => break,
            };
            let Ok((stream, _)) = accepted else {
                // Out of file handles, mostly: give others time to close.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            };
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection closed at once");
            }
            let mut builder = Builder::new(TokioExecutor::new());
            builder
                .http1()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(limits::SLOW_SENDER_SECONDS))
                .max_buf_size(64 * 1024);
            builder.http2().timer(TokioTimer::new()).max_concurrent_streams(64);
            let service = TowerToHyperService::new(router.clone());
            let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
                drop(place);
            });
        }
        if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
            tracing::warn!("some answers were cut off at the end");
        }
    }
}
