//! Communicators: the private copies on which dtl talks, so that its messages never mix with the user's. There is one for the
//! world and one for each communicator that a user hands over, kept as an attribute of it; splitting makes more. They are
//! freed where all ranks agree to it, so that their number stays flat however contexts come and go.

use crate::exit;
use crate::inbox::Arriving;
use crate::library::{Code, IN_PLACE, check, is_ready};
use crate::watchdog;
use dtl_plugin_abi::refusal;
use mpi_sys::*;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// One of dtl's own communicators.
pub(crate) struct Communicator {
    pub(crate) raw: MPI_Comm,
    pub(crate) rank: i32,
    pub(crate) size: i32,
    /// How many ends have been opened; all ranks open them in the same order.
    opened: AtomicU32,
    /// The tags of the ends that are open on this rank.
    open: Mutex<Vec<c_int>>,
    /// Something went wrong on it, so messages may be under way that nobody will receive: it is never used again.
    spoilt: AtomicBool,
    /// Ends that were closed here and from whose other ranks the farewell may still come: their tag, and how many are to come.
    farewells: Mutex<Vec<(c_int, i32)>>,
    /// Messages that are being received and that nobody wants.
    unwanted: Mutex<Vec<Arriving>>,
    /// What splitting has made, in an order that all ranks agree on; nothing where this rank is no member.
    children: Mutex<Vec<Option<Arc<Communicator>>>>,
}

// SAFETY: handles of MPI are plain values; which threads may use them is what `library::turn` and MPI itself arrange.
unsafe impl Send for Communicator {}
// SAFETY: as above; everything that changes is atomic or behind a lock.
unsafe impl Sync for Communicator {}

static WORLD: Mutex<Option<Arc<Communicator>>> = Mutex::new(None);

/// The copies of communicators of MPI itself and of users; what was made from them is among their children.
static COPIES: Mutex<Vec<Weak<Communicator>>> = Mutex::new(Vec::new());

/// Copies of communicators that users have freed while contexts were using them. They stay for as long as the process does.
static OUTLIVING: Mutex<Vec<Arc<Communicator>>> = Mutex::new(Vec::new());

/// The most ends whose messages are told apart at a time. MPI guarantees tags up to 32767, and an end takes four.
const TAGS: u32 = 8_190;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// dtl's copy of the communicator of all processes. The first call is collective.
pub(crate) fn world() -> Result<Arc<Communicator>, Code> {
    let mut world = lock(&WORLD);
    if world.is_none() {
        *world = Some(watchdog::bounded(|| {
            exit::watch_as_guest()?;
            // SAFETY: a constant of the library.
            Communicator::copy_of(unsafe { RSMPI_COMM_WORLD })
        })?);
    }
    Ok(world.clone().expect("it has just been made"))
}

/// dtl's copy of a communicator of the user, given as Fortran knows it. The first call for each is collective.
pub(crate) fn adopt(fortran: i32) -> Result<Arc<Communicator>, Code> {
    // SAFETY: the conversion is a look-up that accepts any number.
    let user = unsafe { RSMPI_Comm_f2c(fortran as RSMPI_Fint) };
    check_usable(user)?;
    // SAFETY: a constant of the library.
    if user == unsafe { RSMPI_COMM_WORLD } {
        return world();
    }
    let keyval = keyval()?;
    let mut value: *mut c_void = std::ptr::null_mut();
    let mut found = 0;
    // SAFETY: the communicator is usable; the attribute's value is written where it is wanted.
    check(unsafe { MPI_Comm_get_attr(user, keyval, (&raw mut value).cast(), &mut found) })?;
    if found != 0 {
        let kept = value.cast::<Communicator>().cast_const();
        // SAFETY: the attribute's value is an `Arc` that it owns; the clone is one more.
        return Ok(unsafe {
            Arc::increment_strong_count(kept);
            Arc::from_raw(kept)
        });
    }
    let communicator = watchdog::bounded(|| Communicator::copy_of(user))?;
    let kept = Arc::into_raw(communicator.clone()).cast_mut().cast();
    // SAFETY: the attribute owns the `Arc` from here on; `forget` takes it back.
    check(unsafe { MPI_Comm_set_attr(user, keyval, kept) })?;
    Ok(communicator)
}

/// Refuses what is no communicator of one group.
fn check_usable(user: MPI_Comm) -> Result<(), Code> {
    // SAFETY: a constant of the library.
    if user == unsafe { RSMPI_COMM_NULL } {
        return Err(refusal::NULL);
    }
    // SAFETY: any bits are a handle; null is what Open MPI gives for a number that it does not know.
    if user == unsafe { MaybeUninit::zeroed().assume_init() } {
        return Err(refusal::UNKNOWN);
    }
    let mut inter = 0;
    // SAFETY: MPI checks the handle; its errors are made codes meanwhile.
    let code = unsafe { without_fatal_errors(|| MPI_Comm_test_inter(user, &mut inter)) };
    match (code, inter) {
        (0, 0) => Ok(()),
        (0, _) => Err(refusal::INTER),
        _ => Err(refusal::UNKNOWN),
    }
}

/// Calls MPI with a handle that may be no communicator. Such errors are raised on the predefined communicators, where
/// they are fatal unless something else has been asked for.
unsafe fn without_fatal_errors(call: impl FnOnce() -> Code) -> Code {
    // SAFETY: the predefined communicators exist, and get back the handlers that they had.
    unsafe {
        let predefined = [RSMPI_COMM_WORLD, RSMPI_COMM_SELF];
        let before = predefined.map(|comm| {
            let mut handler = MaybeUninit::zeroed();
            MPI_Comm_get_errhandler(comm, handler.as_mut_ptr());
            MPI_Comm_set_errhandler(comm, RSMPI_ERRORS_RETURN);
            handler.assume_init()
        });
        let code = call();
        for (comm, mut handler) in predefined.into_iter().zip(before) {
            MPI_Comm_set_errhandler(comm, handler);
            MPI_Errhandler_free(&mut handler);
        }
        code
    }
}

/// The key of the attribute in which a user's communicator keeps dtl's copy.
fn keyval() -> Result<c_int, Code> {
    static KEYVAL: Mutex<Option<c_int>> = Mutex::new(None);
    let mut keyval = lock(&KEYVAL);
    if keyval.is_none() {
        let mut new = 0;
        // SAFETY: both functions have the signatures that MPI wants.
        check(unsafe {
            MPI_Comm_create_keyval(Some(do_not_copy), Some(forget), &mut new, std::ptr::null_mut())
        })?;
        *keyval = Some(new);
    }
    Ok(keyval.expect("it has just been made"))
}

/// A copy of a user's communicator gets a copy of dtl's own when it is handed over, not before.
pub(crate) unsafe extern "C" fn do_not_copy(
    _: MPI_Comm,
    _: c_int,
    _: *mut c_void,
    _: *mut c_void,
    _: *mut c_void,
    flag: *mut c_int,
) -> c_int {
    // SAFETY: MPI passes a place for the answer.
    unsafe { flag.write(0) };
    0
}

/// Called by MPI when a user's communicator is freed, on all its ranks.
unsafe extern "C" fn forget(_: MPI_Comm, _: c_int, value: *mut c_void, _: *mut c_void) -> c_int {
    // SAFETY: the value is the `Arc` that the attribute owned, and MPI calls this once.
    let communicator = unsafe { Arc::from_raw(value.cast::<Communicator>().cast_const()) };
    if is_ready() && communicator.is_disposable() {
        watchdog::bounded(|| communicator.dispose());
    } else {
        // Contexts still use it, and what the other ranks send when they close theirs is to be received.
        lock(&OUTLIVING).push(communicator);
    }
    0
}

/// Receives and drops what has come on all communicators, for a process that has left all ends.
pub(crate) fn drop_messages() {
    lock(&COPIES).iter().filter_map(Weak::upgrade).for_each(|copy| copy.drop_messages());
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
fn pause_after(waited: Duration) {
    if waited < Duration::from_millis(2) {
        std::thread::yield_now();
    } else {
        std::thread::sleep(Duration::from_micros(200));
    }
}

impl Communicator {
    /// A copy of a communicator. Collective.
    fn copy_of(user: MPI_Comm) -> Result<Arc<Self>, Code> {
        // SAFETY: the communicator is usable; what MPI writes has a place until it is complete.
        unsafe {
            let mut raw = RSMPI_COMM_NULL;
            wait_for(|request| MPI_Comm_idup(user, &mut raw, request))?;
            let copy = Self::own(raw)?;
            let mut copies = lock(&COPIES);
            copies.retain(|known| known.strong_count() > 0);
            copies.push(Arc::downgrade(&copy));
            Ok(copy)
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
        Ok(Arc::new(Communicator {
            raw,
            rank,
            size,
            opened: AtomicU32::new(0),
            open: Mutex::new(Vec::new()),
            spoilt: AtomicBool::new(false),
            farewells: Mutex::default(),
            unwanted: Mutex::default(),
            children: Mutex::new(Vec::new()),
        }))
    }

    /// A communicator for one more context of these ranks. Collective.
    ///
    /// The first context has this one, each later one a copy: MPI tells collective operations on a communicator apart by
    /// their order alone, and threads that use a context each keep none between them.
    pub(crate) fn for_context(self: Arc<Self>) -> Result<Arc<Self>, Code> {
        if self.opened.load(Ordering::Relaxed) == 0 {
            return Ok(self);
        }
        let everybody: Vec<i32> = (0..self.size).collect();
        let copy = watchdog::bounded(|| Self::split(&self, &everybody))?;
        Ok(copy.expect("every rank is a member"))
    }

    /// The ranks other than this one, the next ones first, so that not everybody talks to the same rank at the same time.
    pub(crate) fn peers(&self) -> impl Iterator<Item = i32> + use<> {
        let (rank, size) = (self.rank, self.size);
        (1..size).map(move |distance| (rank + distance) % size)
    }

    /// Counts a new end; gives the tag of its messages. The next higher tags are those of its farewells, of its packets
    /// and of its announcements.
    pub(crate) fn open_end(&self) -> c_int {
        self.receive_farewells();
        let tag = (self.opened.fetch_add(1, Ordering::Relaxed) % TAGS * 4) as c_int;
        lock(&self.open).push(tag);
        tag
    }

    /// Counts an end out, after its farewells have been sent; this number of the others' has not been received yet.
    pub(crate) fn close_end(&self, tag: c_int, expected: i32) {
        lock(&self.farewells).push((tag + 1, expected));
        lock(&self.open).retain(|open| *open != tag);
    }

    /// Notes that messages may be under way that nobody will receive.
    pub(crate) fn spoil(&self) {
        self.spoilt.store(true, Ordering::Relaxed);
    }

    /// Whether anything went wrong on it.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt.load(Ordering::Relaxed)
    }

    /// Receives the farewells that have come for ends that are closed here, so that they do not pile up.
    pub(crate) fn receive_farewells(&self) {
        lock(&self.farewells).retain_mut(|(tag, expected)| {
            while *expected > 0 && self.drop_one(*tag) {
                *expected -= 1;
            }
            if *expected == 0 {
                self.drop_letters(*tag);
            }
            *expected > 0
        });
    }

    /// Waits for the farewells of all ends, which all ranks have closed.
    fn receive_last_farewells(&self) {
        let start = Instant::now();
        loop {
            self.receive_farewells();
            if lock(&self.farewells).is_empty() {
                return;
            }
            pause_after(start.elapsed());
        }
    }

    /// Receives the packets and announcements of an end that nobody will collect, once all farewells with this tag have come after
    /// them.
    fn drop_letters(&self, farewells: c_int) {
        while self.drop_one(farewells + 1) {}
        while self.drop_one(farewells + 2) {}
    }

    /// Receives and forgets a message with this tag, if there is one.
    fn drop_one(&self, tag: c_int) -> bool {
        let mut unwanted = lock(&self.unwanted);
        unwanted.retain_mut(|arriving| !arriving.is_complete().unwrap_or(true));
        let Ok(Some(mut arriving)) = Arriving::next(self.raw, tag) else { return false };
        if !arriving.is_complete().unwrap_or(true) {
            unwanted.push(arriving);
        }
        true
    }

    /// A new communicator of these ranks, in this order; nothing if there are none. Collective over all ranks, each with the
    /// members of the group that it is to be in. Frees those made earlier that are in use nowhere.
    pub(crate) fn split(parent: &Arc<Self>, members: &[i32]) -> Result<Option<Arc<Self>>, Code> {
        parent.free_children()?;
        let position = members.iter().position(|member| *member == parent.rank);
        // SAFETY: the communicator is usable; all ranks call this at the same point, and where the members are all ranks in
        // their order, all know that.
        let raw = unsafe {
            let mut raw = RSMPI_COMM_NULL;
            if (0..parent.size).eq(members.iter().copied()) {
                wait_for(|request| MPI_Comm_idup(parent.raw, &mut raw, request))?;
            } else {
                let color = if position.is_some() { members[0] } else { RSMPI_UNDEFINED };
                check(MPI_Comm_split(parent.raw, color, position.unwrap_or(0) as c_int, &mut raw))?;
            }
            raw
        };
        let child = position.map(|_| Self::own(raw)).transpose()?;
        lock(&parent.children).push(child.clone());
        Ok(child)
    }

    /// Frees the children that are in use nowhere, as all ranks agree. Collective.
    fn free_children(&self) -> Result<(), Code> {
        // Others may ask for the children while this one waits.
        let mut children = lock(&self.children).clone();
        let is_disposable =
            |child: &Option<Arc<Communicator>>| child.as_ref().is_none_or(|child| child.is_disposable());
        let mut free: Vec<u8> = children.iter().map(|child| u8::from(is_disposable(child))).collect();
        if free.is_empty() {
            return Ok(());
        }
        let (bits, count) = (free.as_mut_ptr().cast(), free.len() as c_int);
        // SAFETY: all ranks have as many children, because all have taken part in making each; the memory stays until the
        // request is complete.
        wait_for(|request| unsafe {
            MPI_Iallreduce(IN_PLACE, bits, count, RSMPI_UINT8_T, RSMPI_MIN, self.raw, request)
        })?;
        let mut agreed = free.into_iter();
        children.retain(|child| {
            let free = agreed.next() == Some(1);
            if let (true, Some(child)) = (free, child) {
                child.dispose();
            }
            !free
        });
        *lock(&self.children) = children;
        Ok(())
    }

    /// Whether this rank uses neither this communicator nor any made from it.
    fn is_disposable(&self) -> bool {
        lock(&self.open).is_empty()
            && !self.is_spoilt()
            && lock(&self.children).iter().flatten().all(|child| child.is_disposable())
    }

    /// Frees the communicator and all that were made from it. Collective.
    fn dispose(&self) {
        lock(&self.children).drain(..).flatten().for_each(|child| child.dispose());
        self.receive_last_farewells();
        let mut raw = self.raw;
        // SAFETY: it is in use nowhere, and no message is under way; the caller drops its last reference.
        unsafe { MPI_Comm_free(&mut raw) };
    }

    /// Receives and drops what has come here and on what was made from it.
    fn drop_messages(&self) {
        // SAFETY: a constant of the library.
        while !self.is_spoilt() && self.drop_one(unsafe { RSMPI_ANY_TAG }) {}
        lock(&self.children).iter().flatten().for_each(|child| child.drop_messages());
    }
}
