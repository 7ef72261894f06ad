//! The thread that runs all panels and providers of the process.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use tokio::sync::{mpsc, oneshot};

type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

fn jobs() -> &'static mpsc::UnboundedSender<Job> {
    static JOBS: OnceLock<mpsc::UnboundedSender<Job>> = OnceLock::new();
    JOBS.get_or_init(|| {
        // To see the panel's log: BAILIWICK_TEST_LOG=1 cargo test NAME -- --nocapture
        if std::env::var_os("BAILIWICK_TEST_LOG").is_some() {
            let log = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO);
            let _ = log.with_writer(std::io::stderr).try_init();
        }
        let (sender, mut receiver) = mpsc::unbounded_channel::<Job>();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                while let Some(job) = receiver.recv().await {
                    actix_web::rt::spawn(job());
                }
            });
        });
        sender
    })
}

/// Runs a future there, so that its tasks outlive the test's own runtime.
pub async fn run<T, F, Made>(work: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> Made + Send + 'static,
    Made: Future<Output = T> + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move || {
        let work = work();
        Box::pin(async move {
            let _ = sender.send(work.await);
        })
    });
    assert!(jobs().send(job).is_ok(), "the servers' thread is there");
    receiver.await.expect("what was started did not panic")
}
