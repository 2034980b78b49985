//! Movements through shared memory between threads, each of which maps it for itself, against the copies that their
//! description asks for; and ranks that leave or never come.

use super::connection::{Offer, cookie, make};
use super::*;
use crate::comm::endpoint::wait_for;
use crate::comm::threads::Threads;
use crate::comm::transport::{Blocks, Pattern, deliver};
use std::os::fd::AsRawFd;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// What the threads' own transport is given; the file of the memory is found through the system, as between processes.
const COMM: Comm = Comm(0);

fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(30), ..Settings::default() }
}

/// Runs `rank` on every rank of a group that shares memory; gives what each returns. Unless `direct`, as if the system kept
/// the ranks from reading each other's memory.
fn on_ranks<T: Send>(size: usize, direct: bool, rank: impl Fn(Arc<dyn Transport>) -> T + Sync) -> Vec<T> {
    let group = Threads::group(size);
    let everybody: Vec<i32> = (0..size as i32).collect();
    std::thread::scope(|scope| {
        let start = |(inner, comm): (Arc<Threads>, Comm)| {
            let (rank, everybody) = (&rank, &everybody);
            scope.spawn(move || {
                let number = inner.rank(comm) as usize;
                let agreement =
                    Connection::agree(inner.as_ref(), comm, settings(), number, everybody).unwrap();
                let connection = agreement.connection.unwrap();
                assert!(connection.direct, "threads of one process can read each other's memory");
                rank(Shared::of(inner, Some(comm), settings(), Connection { direct, ..connection }))
            })
        };
        let threads: Vec<_> = group.into_iter().map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn wait(transport: &dyn Transport, request: Request) -> Result<(), Fault> {
    wait_for(transport, COMM, request, settings().timeout)
}

/// One rank's memory for a movement.
struct Memory {
    send: Vec<u8>,
    receive: Vec<u8>,
    stride: usize,
}

impl Memory {
    /// What it sends is cut from `noise`, elsewhere for each movement, rank and block.
    fn of(noise: &[u8], number: usize, rank: usize, size: usize, bytes: usize) -> Self {
        // Some movements have gaps between blocks.
        let stride = bytes + number % 3 * 5;
        let mut send = vec![0; size * stride];
        for target in 0..size {
            let from = (number * 89 + rank * 53 + target * 19) % NOISE;
            send[target * stride..][..bytes].copy_from_slice(&noise[from..][..bytes]);
        }
        Memory { send, receive: vec![0xEE; size * stride], stride }
    }

    fn start(&mut self, pattern: Pattern, bytes: usize, in_place: bool) -> Start {
        let receive = Blocks::to(self.receive.as_mut_ptr(), self.stride);
        let send = if in_place { receive } else { Blocks::from(self.send.as_ptr(), self.stride) };
        if in_place {
            self.receive.copy_from_slice(&self.send);
        }
        Start { pattern, bytes, send, receive }
    }
}

fn pattern(number: usize, size: usize) -> Pattern {
    let root = (number / 5 % size) as i32;
    match number % 5 {
        0 => Pattern::Broadcast { root },
        1 => Pattern::Gather { root },
        2 => Pattern::Scatter { root },
        3 => Pattern::Allgather,
        _ => Pattern::Alltoall,
    }
}

/// Different starting points of blocks.
const NOISE: usize = 1000;

/// Bytes without a pattern that blocks could share.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length + NOISE).map(|_| next()).collect()
}

#[test]
fn small_movements_copy_what_they_describe() {
    for size in 1..=5 {
        check_movements(size, true, &[1, 100, board::LETTER, board::LETTER + 1, 5_000]);
    }
}

#[test]
fn large_movements_copy_what_they_describe() {
    // Around the sizes from which blocks are read directly, of buffers, and of shares of a buffer.
    for (size, direct) in [(2, true), (2, false), (3, true), (3, false)] {
        let share = board::BUFFER / size;
        let lengths = [direct::FROM, share, board::BUFFER, board::BUFFER + 1, 3 * board::BUFFER + 17];
        check_movements(size, direct, &lengths);
    }
}

fn check_movements(size: usize, direct: bool, lengths: &[usize]) {
    let noise = noise(*lengths.last().unwrap());
    on_ranks(size, direct, |transport| {
        let rank = transport.rank(COMM) as usize;
        for number in 0..5 * size * lengths.len() {
            let (pattern, bytes) = (pattern(number, size), lengths[number / (5 * size)]);
            let in_place = number % 2 == 0 && pattern == Pattern::Alltoall;
            let memory = |rank| Memory::of(&noise, number, rank, size, bytes);
            let mut all: Vec<Memory> = (0..size).map(memory).collect();
            let posts: Vec<Start> = all.iter_mut().map(|it| it.start(pattern, bytes, false)).collect();
            // SAFETY: everybody's memory is there, in this thread alone.
            unsafe { deliver(&posts, rank) };
            let mut own = memory(rank);
            let start = own.start(pattern, bytes, in_place);
            // SAFETY: the memory stays until the movement is complete.
            let request = unsafe { transport.start(COMM, &start) };
            wait(transport.as_ref(), request).unwrap();
            for block in 0..size {
                // In place, gaps keep what was there.
                let end = if in_place { bytes } else { own.stride };
                let place = block * own.stride..block * own.stride + end;
                let (found, expected) = (&own.receive[place.clone()], &all[rank].receive[place]);
                assert!(
                    found == expected,
                    "{pattern:?}, {bytes} bytes on rank {rank} of {size}, block {block}"
                );
            }
        }
    });
}

/// Starts a barrier of sorts and gives how it ends.
fn meet(transport: &dyn Transport) -> Result<(), Fault> {
    gather_everywhere(transport, 8)
}

/// Moves a block of each rank to all others and gives how that ends.
fn gather_everywhere(transport: &dyn Transport, bytes: usize) -> Result<(), Fault> {
    let mut memory = Memory::of(&noise(bytes), 0, 0, transport.size(COMM) as usize, bytes);
    let start = memory.start(Pattern::Allgather, bytes, false);
    // SAFETY: the memory stays until the movement is over.
    let request = unsafe { transport.start(COMM, &start) };
    wait(transport, request)
}

#[test]
fn a_rank_that_has_left_is_known_at_once() {
    let begin = Instant::now();
    let ends = on_ranks(3, true, |transport| {
        meet(transport.as_ref()).unwrap();
        if transport.rank(COMM) == 1 {
            transport.leave(COMM);
            return Ok(());
        }
        meet(transport.as_ref())
    });
    assert_eq!(ends, [Err(Fault::Left(vec![1])), Ok(()), Err(Fault::Left(vec![1]))]);
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_slow_rank_gets_what_others_sent_before_they_failed() {
    let failed = Barrier::new(2);
    let ends = on_ranks(3, true, |transport| {
        let rank = transport.rank(COMM);
        let mut memory = Memory::of(&noise(8), 0, 0, 3, 8);
        let start = memory.start(Pattern::Allgather, 8, false);
        // SAFETY: the memory stays until the movement is over.
        let request = unsafe { transport.start(COMM, &start) };
        match rank {
            0 => {
                wait(transport.as_ref(), request).unwrap();
                let ends = [(); 3].map(|()| meet(transport.as_ref()));
                assert_eq!(ends, [(); 3].map(|()| Err(Fault::Left(vec![2]))));
                failed.wait();
            }
            1 => {
                failed.wait();
                wait(transport.as_ref(), request).unwrap();
            }
            _ => {
                wait(transport.as_ref(), request).unwrap();
                transport.leave(COMM);
                return Ok(());
            }
        }
        meet(transport.as_ref())
    });
    assert_eq!(ends, [Err(Fault::Left(vec![2])), Err(Fault::Left(vec![2])), Ok(())]);
}

#[test]
fn nobody_trusts_what_was_read_from_a_rank_that_gave_up() {
    let ends = on_ranks(3, true, |transport| {
        meet(transport.as_ref()).unwrap();
        if transport.rank(COMM) == 1 {
            transport.leave(COMM);
            return Ok(());
        }
        gather_everywhere(transport.as_ref(), direct::FROM)
    });
    assert!(ends[0].is_err() && ends[2].is_err(), "{ends:?}");
}

#[test]
fn giving_up_names_who_is_missing_and_reaches_everybody() {
    let ends = on_ranks(3, true, |transport| {
        let rank = transport.rank(COMM);
        if rank == 0 {
            let mut memory = Memory::of(&noise(8), 0, 0, 3, 8);
            let start = memory.start(Pattern::Allgather, 8, false);
            // SAFETY: the memory stays until the movement is given up.
            let request = unsafe { transport.start(COMM, &start) };
            let mut missing = transport.missing(COMM, request);
            missing.retain(|rank| *rank == 2);
            assert_eq!(missing, [2]);
            transport.abandon(COMM, request, "rank 0 gave up");
        }
        if rank == 2 {
            std::thread::sleep(Duration::from_millis(50));
        }
        meet(transport.as_ref())
    });
    assert!(ends.iter().all(|end| *end == Err(Fault::Broken("rank 0 gave up".to_owned()))), "{ends:?}");
}

#[test]
fn memory_that_is_not_the_one_on_offer_is_refused() {
    let cookie = cookie().expect("random bytes");
    let (_board, file) = make(0, 2, cookie).expect("shared memory");
    let file = file.expect("the file of two ranks");
    let (length, process) = (Board::length(2) as u64, std::process::id());
    let offer =
        Offer { length, witness: (&raw const cookie) as u64, process, descriptor: file.as_raw_fd(), cookie };
    assert!(offer.accept(1, 2).is_some() && offer.can_be_read());
    let other = Offer { cookie: [7; 16], ..offer };
    assert!(other.accept(1, 2).is_none() && !other.can_be_read(), "another cookie");
    let nobody = Offer { process: i32::MAX as u32, ..offer };
    assert!(nobody.accept(1, 2).is_none() && !nobody.can_be_read(), "no such process");
    assert!(offer.accept(1, 3).is_none(), "another size");
    assert!(Offer { length: 0, ..offer }.accept(1, 2).is_none(), "nothing on offer");
    assert!(!Offer { witness: 8, ..offer }.can_be_read(), "an address where nothing is");
}
