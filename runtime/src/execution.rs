//! The threads that work on this rank's elements: one under `SEQ` and `ASYNC`, all that the rank may use under `PAR`. What is
//! done element by element in `containers/` is done through [`Workers`]; what moves data between ranks is not.
//!
//! Threads are started for each piece of work and end with it. That costs some 20 microseconds a thread, which work of
//! the sizes that are shared out takes many times over; and so there are none that a forked process lacks, that exit has to
//! wait for, or that take the processor from the program's own.

use dtl_types::ExecutionPolicy;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

/// Bytes of elements from which on a further thread is worth its start.
const BYTES_FOR_A_THREAD: usize = 1 << 20;

/// How many threads may work on a piece of work together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workers {
    threads: usize,
}

impl Workers {
    /// Those that a container with this policy has, of a rank that may use so many.
    pub(crate) fn of(execution: ExecutionPolicy, threads: impl FnOnce() -> usize) -> Self {
        let threads = match execution {
            ExecutionPolicy::Par => threads(),
            ExecutionPolicy::Seq | ExecutionPolicy::Async => 1,
        };
        Workers { threads }
    }

    /// One thread.
    pub(crate) const ONE: Workers = Workers { threads: 1 };

    /// Does two things to elements of so many bytes, each with its share of the threads; at the same time if there are enough.
    #[inline]
    pub(crate) fn both<A: Send, B>(
        self,
        bytes: usize,
        left: impl FnOnce(Workers) -> A + Send,
        right: impl FnOnce(Workers) -> B,
    ) -> (A, B) {
        if self.threads == 1 || bytes < 2 * BYTES_FOR_A_THREAD {
            return (left(Workers::ONE), right(Workers::ONE));
        }
        let others = self.threads / 2;
        thread::scope(|scope| {
            let left = scope.spawn(move || left(Workers { threads: others }));
            let right = right(Workers { threads: self.threads - others });
            (left.join().unwrap_or_else(|panic| resume_unwind(panic)), right)
        })
    }

    /// Calls `work` with parts of `elements` that make up the whole, each with the position of its first element; on several threads if
    /// there are enough elements.
    pub(crate) fn on_parts<T: Send>(&self, elements: &mut [T], work: impl Fn(usize, &mut [T]) + Sync) {
        let useful = size_of_val(elements) / BYTES_FOR_A_THREAD;
        let threads = self.threads.min(useful).max(1);
        if threads == 1 {
            return work(0, elements);
        }
        let length = elements.len().div_ceil(threads);
        let work = &work;
        thread::scope(|scope| {
            let mut parts = elements.chunks_mut(length).enumerate();
            let own = parts.next();
            for (number, part) in parts {
                scope.spawn(move || work(number * length, part));
            }
            if let Some((_, part)) = own {
                work(0, part);
            }
        });
    }
}

/// The threads of a rank that shares this machine with `ranks - 1` others: its share of the cores, or the cores that the
/// launcher has chosen for it.
pub(crate) fn threads_of_a_rank(ranks: usize) -> usize {
    let allowed = thread::available_parallelism().map_or(1, NonZero::get);
    // SAFETY: it only reads a number.
    let all = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    share(allowed, usize::try_from(all).unwrap_or_default(), ranks)
}

/// The same where the rank may use `allowed` cores of `all`.
fn share(allowed: usize, all: usize, ranks: usize) -> usize {
    if allowed < all { allowed } else { (allowed / ranks).max(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::sync::Mutex;
    use std::thread::ThreadId;

    /// What `work` did to elements 0, 1, 2, ..., and the threads that did it.
    fn shared_out(threads: usize, count: usize) -> (Vec<u64>, BTreeSet<usize>, Vec<ThreadId>) {
        let mut elements = vec![0_u64; count];
        let seen = Mutex::new((BTreeSet::new(), Vec::new()));
        Workers { threads }.on_parts(&mut elements, |first, part| {
            part.iter_mut().zip(first as u64..).for_each(|(element, index)| *element += index + 1);
            let mut seen = seen.lock().expect("no part panics");
            seen.0.insert(first);
            seen.1.push(thread::current().id());
        });
        let (firsts, ids) = seen.into_inner().expect("no part panics");
        (elements, firsts, ids)
    }

    #[test]
    fn every_element_is_worked_on_once_whatever_the_threads() {
        for threads in [1, 2, 3, 7] {
            for count in [0, 1, 1000, 131_072, 131_073, 1_000_003] {
                let (elements, ..) = shared_out(threads, count);
                assert!(
                    (1..).zip(&elements).all(|(wanted, found)| wanted == *found),
                    "{threads} threads, {count} elements"
                );
            }
        }
    }

    #[test]
    fn much_work_is_shared_out_and_little_is_not() {
        let (_, firsts, ids) = shared_out(4, 1 << 20);
        assert_eq!(firsts.len(), 4);
        assert!(ids.contains(&thread::current().id()) && ids.iter().any(|id| *id != thread::current().id()));
        let (_, firsts, ids) = shared_out(4, 1000);
        assert_eq!((firsts.len(), ids), (1, vec![thread::current().id()]));
    }

    #[test]
    fn ranks_share_the_cores_and_each_has_one() {
        let cases = [(8, 8, 1, 8), (8, 8, 3, 2), (8, 8, 64, 1), (2, 8, 4, 2), (8, 0, 4, 2)];
        for (allowed, all, ranks, threads) in cases {
            assert_eq!(share(allowed, all, ranks), threads, "{allowed} of {all} cores, {ranks} ranks");
        }
    }
}
