//! Gates for tests of races: a request waits at a gate until the test opens it, so the order of
//! events never depends on time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

#[derive(Default)]
struct State {
    is_shut: bool,
    waiting: usize,
}

/// A gate; open until it is shut.
#[derive(Clone)]
pub struct Gate(Arc<watch::Sender<State>>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }
}

impl Gate {
    /// From now on, requests wait here.
    pub fn shut(&self) {
        self.0.send_modify(|state| state.is_shut = true);
    }

    /// Lets all requests pass.
    pub fn open(&self) {
        self.0.send_modify(|state| state.is_shut = false);
    }

    /// Waits until that many requests wait here.
    pub async fn waiting(&self, count: usize) {
        let mut state = self.0.subscribe();
        let enough = state.wait_for(|state| state.waiting >= count);
        assert!(enough.await.is_ok());
    }

    /// Waits until that many requests wait here, and lets them pass.
    pub async fn open_for(&self, count: usize) {
        self.waiting(count).await;
        self.open();
    }

    /// A request arrives: it waits while the gate is shut.
    pub async fn pass(&self) {
        self.0.send_modify(|state| state.waiting += 1);
        let mut state = self.0.subscribe();
        let opened = state.wait_for(|state| !state.is_shut);
        // What it gives holds a lock: it must not be kept.
        assert!(opened.await.is_ok());
        self.0.send_modify(|state| state.waiting -= 1);
    }
}

/// The gates of the pages, by path.
#[derive(Clone, Default)]
pub struct Gates(Arc<Mutex<HashMap<String, Gate>>>);

impl Gates {
    /// The gate at that path.
    pub fn at(&self, path: &str) -> Gate {
        let mut gates = self.0.lock().unwrap();
        gates.entry(path.to_owned()).or_default().clone()
    }
}
