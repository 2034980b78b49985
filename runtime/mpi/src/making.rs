//! A communicator in the making. MPI makes one in a collective call that nothing can interrupt, so that a thread of its own waits in
//! there, and whoever wants the communicator can give it up like any other movement. Where MPI does not let several threads in, the
//! call comes at once, and a watchdog bounds it.

use crate::communicator::Communicator;
use crate::end::{End, POLLS};
use crate::library::{self, Code};
use crate::watchdog;
use dtl_plugin_abi::outcome;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::{Duration, Instant};

/// What MPI makes: nothing where this rank is no member.
type Made = Result<Option<Arc<Communicator>>, Code>;

/// A communicator in the making.
pub(crate) struct Making {
    made: Receiver<Made>,
    /// Where the number of the new end goes.
    target: *mut u64,
    /// Its number among the movements of the end.
    number: u64,
    polls: u32,
}

/// The threads that are in there.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// How long to wait for threads that are in there when MPI is to be finalised.
const FOR_THREADS: Duration = Duration::from_secs(1);

/// Whether all threads have left MPI, which cannot be finalised otherwise; waits for them a moment.
pub(crate) fn has_ended() -> bool {
    let start = Instant::now();
    while THREADS.load(Ordering::Acquire) > 0 {
        if start.elapsed() > FOR_THREADS {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    true
}

impl Making {
    /// Begins to make a communicator of these members of the end's.
    pub(crate) fn start(end: &End, number: u64, members: &[i32], target: *mut u64) -> Self {
        let (tell, made) = mpsc::channel();
        let parent = end.communicator().clone();
        if library::takes_turns() {
            // There is a receiver.
            let _ = tell.send(watchdog::bounded(|| Communicator::split(&parent, members)));
        } else {
            let members = members.to_vec();
            THREADS.fetch_add(1, Ordering::AcqRel);
            std::thread::spawn(move || {
                let made = Communicator::split(&parent, &members);
                THREADS.fetch_sub(1, Ordering::AcqRel);
                // Nobody may want it any more.
                let _ = tell.send(made);
            });
        }
        Making { made, target, number, polls: 0 }
    }

    /// Looks whether it is made; one of `outcome`.
    pub(crate) fn test(&mut self, end: &End) -> i32 {
        match self.made.try_recv() {
            Ok(Ok(made)) => {
                let new = made.map_or(0, |made| End::open(made).into_number());
                // SAFETY: the table's contract: the place is writable until the request is gone.
                unsafe { self.target.write(new) };
                return outcome::COMPLETE;
            }
            Ok(Err(code)) => return end.fail_with(code),
            Err(TryRecvError::Disconnected) => unreachable!("the thread tells what it has made"),
            Err(TryRecvError::Empty) => self.polls += 1,
        }
        if self.polls.is_multiple_of(POLLS) { end.look_for_farewells(self.number) } else { outcome::PENDING }
    }
}
