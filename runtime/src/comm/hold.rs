//! What all ranks of a communicator have made together and only all of them together can free, as it is with MPI's own objects and
//! with memory that others read. Each rank has a hold on it, and lets go when it likes, on any thread and without communication. The
//! ranks tell each other what they have let go at agreed points, where all are known to be in the same call: what all have let go is
//! freed there by all, in the same order. What is never agreed on is never freed; the job's end does that.

use super::wait;
use std::fmt;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// One rank's part of what all ranks have made together. Dropping it must not free what other ranks may still use.
pub trait FreedTogether: Send {
    /// Whether freeing it would come to an end on this rank. Asked once this rank has let go of it; when it is once false, that
    /// never changes.
    fn is_sound(&self) -> bool {
        true
    }

    /// Goes on freeing it, without waiting; whether that is over. All ranks do this at one agreed point.
    fn free(&mut self) -> bool;
}

/// A rank's hold on something that it has made together with others, and on what has been made within that. Dropping the last
/// reference lets go.
#[derive(Debug)]
pub struct Hold {
    within: Arc<List>,
    /// What it was made within, which this rank lets go no earlier.
    parent: Option<Arc<Hold>>,
}

/// What has been made within something, in an order that is the same on all ranks.
#[derive(Debug, Default)]
struct List(Mutex<Objects>);

#[derive(Debug, Default)]
struct Objects {
    objects: Vec<Object>,
    /// The place of the first one to be told of next.
    next: usize,
}

/// Something that is not freed.
struct Object {
    /// None where this rank failed to make it, so that the others keep their parts.
    hold: Option<Weak<Hold>>,
    /// None where there is nothing to free.
    part: Option<Box<dyn FreedTogether>>,
    within: Arc<List>,
}

impl Hold {
    /// A hold on something that is not freed at any agreed point, such as a communicator that was made from no other.
    pub(crate) fn outermost() -> Arc<Self> {
        Arc::new(Hold { within: Arc::default(), parent: None })
    }

    /// A hold on something new within this, which all ranks make in the same order; on a rank that has no part in it there is
    /// nothing to free.
    pub(crate) fn add(self: &Arc<Self>, part: Option<Box<dyn FreedTogether>>) -> Arc<Hold> {
        let within = Arc::<List>::default();
        let hold = Arc::new(Hold { within: within.clone(), parent: Some(self.clone()) });
        self.within.lock().objects.push(Object { hold: Some(Arc::downgrade(&hold)), part, within });
        hold
    }

    /// This rank failed to make its part of something new, which is therefore never freed.
    pub(crate) fn add_failed(&self) {
        self.within.lock().objects.push(Object { hold: None, part: None, within: Arc::default() });
    }

    /// What it was made within.
    pub(crate) fn parent(&self) -> Option<&Arc<Hold>> {
        self.parent.as_ref()
    }

    /// What this rank has let go of what was made within this: a bit for each object, of as many as there is room for. All ranks
    /// that have made the same objects tell of the same ones.
    pub(crate) fn released(&self, room: usize) -> Vec<u8> {
        let list = self.within.lock();
        let places = list.places(room);
        let mut bits = vec![0; places.len().div_ceil(8)];
        for (at, place) in places.enumerate() {
            bits[at / 8] |= u8::from(list.objects[place].is_released()) << (at % 8);
        }
        bits
    }

    /// Frees what all ranks have let go, given what each has told with [`Hold::released`] at this agreed point. An object that cannot
    /// be freed within `timeout` stays as it is, and nobody waits for it again.
    pub(crate) fn free<'a>(&self, told: impl Iterator<Item = &'a [u8]>, timeout: Duration) {
        let Some(common) = told.map(<[u8]>::to_vec).reduce(|mut common, bits| {
            common.iter_mut().zip(bits).for_each(|(common, bits)| *common &= bits);
            common
        }) else {
            return;
        };
        let freed = self.within.lock().take(&common);
        freed.into_iter().for_each(|object| object.free(timeout));
    }

    /// Whether this rank has let go of everything that was made within this.
    pub(crate) fn has_released_all(&self) -> bool {
        self.within.are_released()
    }

    /// Frees everything that was made within this, which all ranks have let go.
    pub(crate) fn free_all(&self, timeout: Duration) {
        self.within.free(timeout);
    }
}

impl List {
    /// The list is complete at every step, so a thread that panicked with the lock held does no harm.
    fn lock(&self) -> MutexGuard<'_, Objects> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn are_released(&self) -> bool {
        self.lock().objects.iter().all(Object::is_released)
    }

    fn free(&self, timeout: Duration) {
        let all = std::mem::take(&mut self.lock().objects);
        all.into_iter().for_each(|object| object.free(timeout));
    }
}

impl Objects {
    /// The places of the objects to be told of, where there is room for so many bytes: those after the ones of the last time, so
    /// that each object is told of at some agreed point, however many there are.
    fn places(&self, room: usize) -> impl ExactSizeIterator<Item = usize> + use<> {
        let (next, count) = (self.next, self.objects.len());
        (0..count.min(8 * room)).map(move |at| (next + at) % count)
    }

    /// Takes those objects out that all ranks have let go, in the order in which they were made.
    fn take(&mut self, common: &[u8]) -> Vec<Object> {
        let mut is_free = vec![false; self.objects.len()];
        let places = self.places(common.len());
        let told = places.len();
        for (at, place) in places.enumerate() {
            is_free[place] = common[at / 8] >> (at % 8) & 1 == 1;
        }
        let end = (self.next + told) % self.objects.len().max(1);
        self.next = is_free[..end].iter().filter(|is_free| !**is_free).count();
        let mut place = 0..;
        let taken = self.objects.extract_if(.., |_| is_free[place.next().expect("it has no end")]).collect();
        self.next %= self.objects.len().max(1);
        taken
    }
}

impl Object {
    /// Whether this rank has let go of it, and of everything made within it, and can free all that.
    fn is_released(&self) -> bool {
        let is_let_go = self.hold.as_ref().is_some_and(|hold| hold.strong_count() == 0);
        // What the thread that let go did with it comes before what is done here.
        fence(Ordering::Acquire);
        is_let_go && self.part.as_ref().is_none_or(|part| part.is_sound()) && self.within.are_released()
    }

    fn free(mut self, timeout: Duration) {
        self.within.free(timeout);
        if let Some(part) = &mut self.part {
            wait::poll(timeout, || part.free().then_some(()));
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object").field("is_released", &self.is_released()).finish_non_exhaustive()
    }
}
