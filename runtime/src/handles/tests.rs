//! Handles that are used as they should not be, and from many threads at once.

use super::*;
use crate::live::Live;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// An object that notices when it is used after its death.
struct Probe {
    alive: AtomicBool,
    deaths: &'static AtomicUsize,
    _live: Live,
}

impl Probe {
    fn new(deaths: &'static AtomicUsize) -> Self {
        Probe { alive: AtomicBool::new(true), deaths, _live: Live::new() }
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        assert!(self.alive.swap(false, Ordering::SeqCst), "destroyed twice");
        self.deaths.fetch_add(1, Ordering::SeqCst);
    }
}

// SAFETY: no other type has 31; the kinds above are small.
unsafe impl Stored for Probe {
    const KIND: u8 = 31;
    const NAME: &'static str = "probe";
}

struct Other;

// SAFETY: no other type has 30.
unsafe impl Stored for Other {
    const KIND: u8 = 30;
    const NAME: &'static str = "other";
}

fn deaths() -> &'static AtomicUsize {
    Box::leak(Box::new(AtomicUsize::new(0)))
}

#[test]
fn an_object_lives_until_its_last_owner_releases_it() {
    let deaths = deaths();
    let handle = insert(Probe::new(deaths)).unwrap();
    retain::<Probe>(handle).unwrap();
    release::<Probe>(handle).unwrap();
    assert!(pin::<Probe>(handle).unwrap().alive.load(Ordering::SeqCst));
    release::<Probe>(handle).unwrap();
    assert_eq!(deaths.load(Ordering::SeqCst), 1);
    let error = pin::<Probe>(handle).unwrap_err();
    assert_eq!(error.status(), Status::InvalidArgument);
    assert!(error.message().contains("probe handle"), "{error}");
    assert!(release::<Probe>(handle).is_err() && retain::<Probe>(handle).is_err());
}

#[test]
fn a_call_in_progress_keeps_the_object() {
    let deaths = deaths();
    let handle = insert(Probe::new(deaths)).unwrap();
    let in_use = pin::<Probe>(handle).unwrap();
    release::<Probe>(handle).unwrap();
    assert!(pin::<Probe>(handle).is_err());
    assert!(in_use.alive.load(Ordering::SeqCst));
    assert_eq!(deaths.load(Ordering::SeqCst), 0);
    drop(in_use);
    assert_eq!(deaths.load(Ordering::SeqCst), 1);
}

#[test]
fn handles_of_another_kind_null_and_forged_ones_are_refused() {
    let handle = insert(Other).unwrap();
    assert!(pin::<Probe>(handle).is_err());
    assert!(pin::<Probe>(0).unwrap_err().message().contains("null"));
    // The kind that a probe has, in this valid handle.
    assert!(pin::<Probe>(handle | (1 << 35)).is_err());
    let mut state = 1u64;
    for _ in 0..1_000_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let forged = state as usize;
        assert!(forged == handle || pin::<Other>(forged).is_err());
        // Every index there may be, in the first generation and this kind, which is empty beyond the first places.
        assert!(pin::<Probe>((1 << 40) | (31 << 35) | (forged % (1 << 35)).max(1 << 20)).is_err());
    }
    for near in 1..64 {
        assert!(pin::<Other>(handle ^ (1 << near)).is_err());
    }
    release::<Other>(handle).unwrap();
}

#[test]
fn many_threads_pin_retain_and_release() {
    let deaths = deaths();
    let shared: Vec<AtomicUsize> =
        (0..8).map(|_| AtomicUsize::new(insert(Probe::new(deaths)).unwrap())).collect();
    let created = AtomicUsize::new(shared.len());
    std::thread::scope(|scope| {
        for thread in 0..8usize {
            let (shared, created) = (&shared, &created);
            scope.spawn(move || {
                for step in 0..20_000 {
                    let cell = &shared[(step * 7 + thread) % shared.len()];
                    let handle = cell.load(Ordering::SeqCst);
                    if let Ok(probe) = pin::<Probe>(handle) {
                        assert!(probe.alive.load(Ordering::SeqCst));
                    }
                    if retain::<Probe>(handle).is_ok() {
                        assert!(pin::<Probe>(handle).is_ok());
                        release::<Probe>(handle).unwrap();
                    }
                    if step % 64 == thread {
                        let fresh = insert(Probe::new(deaths)).unwrap();
                        created.fetch_add(1, Ordering::SeqCst);
                        let old = cell.swap(fresh, Ordering::SeqCst);
                        release::<Probe>(old).unwrap();
                    }
                }
            });
        }
    });
    for cell in shared {
        release::<Probe>(cell.into_inner()).unwrap();
    }
    assert_eq!(deaths.load(Ordering::SeqCst), created.into_inner());
}
