//! Communicators of MPI that belong to dtl alone, so that its messages never mix with the user's. Each has one end (`end.rs`) and
//! serves one context, or is what contexts are made from (`base.rs`).

use crate::inbox::Arriving;
use crate::library::{Code, check};
use mpi_sys::*;
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// One of dtl's own communicators.
pub(crate) struct Communicator {
    pub(crate) raw: MPI_Comm,
    pub(crate) rank: i32,
    pub(crate) size: i32,
    /// Something went wrong on it, so messages may be under way that nobody will receive: it is never used again, nor freed, as
    /// what is made next might get them.
    spoilt: AtomicBool,
    /// Messages that are being received and that nobody wants.
    unwanted: Mutex<Vec<Arriving>>,
}

// SAFETY: handles of MPI are plain values; which threads may use them is what `library::turn` and MPI itself arrange.
unsafe impl Send for Communicator {}
// SAFETY: the handle never changes, and everything that changes is atomic or behind a lock.
unsafe impl Sync for Communicator {}

/// All of them that have not been freed.
static COMMUNICATORS: Mutex<Vec<Weak<Communicator>>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Receives and drops what has come on all communicators, for a process that has left all ends.
pub(crate) fn drop_messages() {
    let all: Vec<_> = lock(&COMMUNICATORS).iter().filter_map(Weak::upgrade).collect();
    all.iter().filter(|it| !it.is_spoilt()).for_each(|it| it.drop_messages());
}

/// Starts a collective and waits for it, without keeping the others from the core that they need for it.
pub(crate) fn wait_for(start: impl FnOnce(*mut MPI_Request) -> Code) -> Result<(), Code> {
    // SAFETY: a constant of the library.
    let mut request = unsafe { RSMPI_REQUEST_NULL };
    check(start(&mut request))?;
    let start = Instant::now();
    loop {
        let mut done = 0;
        // SAFETY: the request was started, and is not tested again once complete.
        check(unsafe { MPI_Test(&mut request, &mut done, RSMPI_STATUS_IGNORE) })?;
        if done != 0 {
            return Ok(());
        }
        pause_after(start.elapsed());
    }
}

/// Lets others have the core, for as long as they need it where nothing has come for a while.
pub(crate) fn pause_after(waited: Duration) {
    if waited < Duration::from_millis(2) {
        std::thread::yield_now();
    } else {
        std::thread::sleep(Duration::from_micros(200));
    }
}

impl Communicator {
    /// A copy of a communicator. Collective.
    pub(crate) fn copy_of(user: MPI_Comm) -> Result<Arc<Self>, Code> {
        // SAFETY: the communicator is usable; what MPI writes has a place until it is complete.
        unsafe {
            let mut raw = RSMPI_COMM_NULL;
            wait_for(|request| MPI_Comm_idup(user, &mut raw, request))?;
            Self::own(raw)
        }
    }

    /// Takes possession of a new communicator.
    fn own(raw: MPI_Comm) -> Result<Arc<Self>, Code> {
        let (mut rank, mut size) = (0, 0);
        // SAFETY: the communicator is new, so nobody else changes it; what MPI writes has its place.
        unsafe {
            check(MPI_Comm_set_errhandler(raw, RSMPI_ERRORS_RETURN))?;
            check(MPI_Comm_rank(raw, &mut rank))?;
            check(MPI_Comm_size(raw, &mut size))?;
        }
        let (spoilt, unwanted) = Default::default();
        let new = Arc::new(Communicator { raw, rank, size, spoilt, unwanted });
        let mut all = lock(&COMMUNICATORS);
        all.retain(|known| known.strong_count() > 0);
        all.push(Arc::downgrade(&new));
        Ok(new)
    }

    /// A new communicator of these ranks, in this order; nothing if there are none. Collective over all ranks, each with the
    /// members of the group that it is to be in.
    pub(crate) fn split(parent: &Self, members: &[i32]) -> Result<Option<Arc<Self>>, Code> {
        if (0..parent.size).eq(members.iter().copied()) {
            return Self::copy_of(parent.raw).map(Some);
        }
        let position = members.iter().position(|member| *member == parent.rank);
        // SAFETY: the communicator is usable; all ranks call this at the same point, and where the members are all ranks in
        // their order, all know that.
        let raw = unsafe {
            let mut raw = RSMPI_COMM_NULL;
            let color = if position.is_some() { members[0] } else { RSMPI_UNDEFINED };
            check(MPI_Comm_split(parent.raw, color, position.unwrap_or(0) as c_int, &mut raw))?;
            raw
        };
        position.map(|_| Self::own(raw)).transpose()
    }

    /// The ranks other than this one, the next ones first, so that not everybody talks to the same rank at the same time.
    pub(crate) fn peers(&self) -> impl Iterator<Item = i32> + use<> {
        let (rank, size) = (self.rank, self.size);
        (1..size).map(move |distance| (rank + distance) % size)
    }

    /// Notes that messages may be under way that nobody will receive.
    pub(crate) fn spoil(&self) {
        self.spoilt.store(true, Ordering::Relaxed);
    }

    /// Whether anything went wrong on it.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt.load(Ordering::Relaxed)
    }

    /// Receives and drops what has come.
    pub(crate) fn drop_messages(&self) {
        while self.drop_one() {}
    }

    /// Receives and forgets a message, if there is one.
    fn drop_one(&self) -> bool {
        let mut unwanted = lock(&self.unwanted);
        unwanted.retain_mut(|arriving| !arriving.is_complete().unwrap_or(true));
        // SAFETY: a constant of the library.
        let next = Arriving::next(self.raw, unsafe { RSMPI_ANY_TAG });
        let Ok(Some(mut arriving)) = next else { return false };
        if !arriving.is_complete().unwrap_or(true) {
            unwanted.push(arriving);
        }
        true
    }

    /// Frees it. All ranks call this, when it is in use nowhere and no message is under way.
    pub(crate) fn free(&self) -> Result<(), Code> {
        let mut raw = self.raw;
        // SAFETY: the communicator has not been freed, and its only end goes with it.
        check(unsafe { MPI_Comm_free(&mut raw) })
    }
}
