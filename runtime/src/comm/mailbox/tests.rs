//! Messages between threads, with and without shared memory, against an oracle that keeps a queue for each sender and tag; and
//! ranks that leave, never receive, or send to each other at the same time.

use super::packet::Packet;
use super::*;
use crate::array::{Array, ArrayMut, Output, VecOutput};
use crate::comm::endpoint::Endpoint;
use crate::comm::progress::{Wait, at_this_time, poll_once};
use crate::comm::settings::Settings;
use crate::comm::shared;
use crate::comm::threads::Threads;
use crate::error::{Error, Result};
use dtl_types::constants::{ANY_SOURCE, ANY_TAG};
use dtl_types::{Dtype, MessageInfo, Operation, Status};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What carries the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Threads,
    SharedMemory,
}

const WAYS: [Way; 2] = [Way::Threads, Way::SharedMemory];

fn settings() -> Settings {
    Settings { timeout: Duration::from_secs(30), ..Settings::default() }
}

/// Runs `rank` on every rank of a group; gives what each returns.
fn on_ranks<T: Send>(
    size: usize,
    way: Way,
    settings: Settings,
    rank: impl Fn(&Endpoint) -> T + Sync,
) -> Vec<T> {
    std::thread::scope(|scope| {
        let start = |(inner, comm): (Arc<Threads>, _)| {
            let rank = &rank;
            scope.spawn(move || {
                let transport = match way {
                    Way::Threads => inner as Arc<_>,
                    Way::SharedMemory => shared::over(inner, comm, settings).unwrap(),
                };
                rank(&Endpoint::new(transport, comm, settings))
            })
        };
        let threads: Vec<_> = Threads::group(size).into_iter().map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn send(endpoint: &Endpoint, data: &[u32], to: i32, tag: i32) -> Result<()> {
    let shape = [data.len()];
    let data = Array::from_slice(data, &shape)?;
    send::send(endpoint.mailbox(), Operation::Send, data, to, Label::plain(tag), false).wait()
}

fn receive(endpoint: &Endpoint, source: i32, tag: i32) -> Result<(MessageInfo, Vec<u32>)> {
    let mut output = VecOutput::new();
    let wanted = Wanted::of(source, tag);
    receive::receive(endpoint.mailbox(), Operation::Recv, wanted, &mut output).wait()?;
    Ok((receive::last_received(endpoint.mailbox())?, output.into_vec()))
}

#[test]
fn a_sender_that_gives_up_puts_no_deadline_off() {
    let mut ends =
        Threads::group(2).into_iter().map(|(transport, comm)| Endpoint::new(transport, comm, settings()));
    let (receiver, sender) = (ends.next().unwrap(), ends.next().unwrap());
    let receiver = receiver.mailbox();
    let has_moved = || receiver.advance(&mut receiver.lock()).unwrap();
    send(&sender, &[1], 0, 0).unwrap();
    assert!(has_moved() && !has_moved());
    sender.mailbox().post(0, Packet::Withdrawn { number: 7 }, true).unwrap();
    assert!(!has_moved());
}

#[test]
fn whoever_looks_after_the_mailbox_tells_all_that_wait_that_something_moves() {
    let mut ends =
        Threads::group(2).into_iter().map(|(transport, comm)| Endpoint::new(transport, comm, settings()));
    let (receiver, sender) = (ends.next().unwrap(), ends.next().unwrap());
    let receiver = receiver.mailbox();
    let mut output = VecOutput::<u32>::new();
    let wanted = Wanted::of(1, 2);
    let mut receiving = pin!(receive::receive(receiver, Operation::Recv, wanted, &mut output));
    let mut time = Instant::now();
    let mut is_over = || {
        // A deadline counts no more than an eighth of its limit between two looks.
        time += settings().timeout / 8;
        let mut is_over = false;
        at_this_time(time, || is_over = poll_once(receiving.as_mut()).is_ready());
        is_over
    };
    for _ in 0..20 {
        send(&sender, &[1], 0, 1).unwrap();
        // Unless another thread that waits has looked after all mailboxes just now.
        receiver.advance(&mut receiver.lock()).unwrap();
        assert!(!is_over(), "messages come all the time");
    }
    assert!((0..10).any(|_| is_over()), "nothing comes any more");
}

/// Numbers without a pattern, the same on every rank.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// A message of a drawn schedule.
#[derive(Debug, Clone)]
struct Drawn {
    from: usize,
    to: usize,
    tag: i32,
    data: Vec<u32>,
}

/// All messages in the order in which each rank sends them, of sizes around those at which other ways are taken.
fn schedule(seed: u64, size: usize, count: usize) -> Vec<Drawn> {
    let mut draw = Draw(seed);
    let lengths = [0, 1, 2, 50, 1_000, 2_030, 3_100, 3_200, 20_000, 300_000];
    (0..count)
        .map(|number| {
            let length = lengths[draw.below(if number % 8 == 0 { 10 } else { 6 })];
            let (from, to, tag) = (draw.below(size), draw.below(size), draw.below(3) as i32);
            let data = (0..length).map(|index| (number * 7919 + index) as u32).collect();
            Drawn { from, to, tag, data }
        })
        .collect()
}

#[test]
fn drawn_schedules_end_as_the_oracle_says() {
    for way in WAYS {
        for size in [1, 2, 3, 5, 8] {
            for seed in 0..4 {
                check_schedule(way, size, seed);
            }
        }
    }
}

/// Every rank sends its messages one after another while another thread of it receives what it is to get, in an order that is
/// drawn anew: from one sender with one tag, from any rank, with any tag.
fn check_schedule(way: Way, size: usize, seed: u64) {
    let drawn = schedule(seed * 31 + size as u64, size, 40 * size);
    let through = AtomicUsize::new(0);
    on_ranks(size, way, settings(), |endpoint| {
        let rank = endpoint.rank() as usize;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for message in drawn.iter().filter(|message| message.from == rank) {
                    send(endpoint, &message.data, message.to as i32, message.tag).unwrap();
                }
            });
            // The oracle: for each sender the messages in their order.
            let mut expected: Vec<VecDeque<&Drawn>> = vec![VecDeque::new(); size];
            drawn.iter().filter(|it| it.to == rank).for_each(|it| expected[it.from].push_back(it));
            let mut draw = Draw(seed + rank as u64);
            while expected.iter().any(|queue| !queue.is_empty()) {
                let source = loop {
                    let source = draw.below(size);
                    if !expected[source].is_empty() {
                        break source;
                    }
                };
                let any = (draw.below(3) == 0, draw.below(3) == 0);
                let pick = draw.below(expected[source].len());
                let wanted = (
                    if any.0 { ANY_SOURCE } else { source as i32 },
                    if any.1 { ANY_TAG } else { expected[source][pick].tag },
                );
                let (info, data) = receive(endpoint, wanted.0, wanted.1).unwrap();
                let queue = &mut expected[info.source as usize];
                let first = queue.iter().position(|it| wanted.1 == ANY_TAG || it.tag == wanted.1).unwrap();
                let message = queue.remove(first).unwrap();
                assert!(any.0 || info.source == source as i32);
                assert_eq!((info.tag, info.count), (message.tag, message.data.len() as u64));
                assert!(data == message.data, "{way:?}: a message of {} numbers", data.len());
            }
        });
        // When all others have left, a message from any rank cannot come but from another thread of the same rank, of which dtl knows
        // nothing: so none of them leaves before all are through.
        through.fetch_add(1, Ordering::Relaxed);
        let start = Instant::now();
        while through.load(Ordering::Relaxed) < size && start.elapsed() < settings().timeout {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn two_large_sends_before_the_receives_end() {
    for way in WAYS {
        on_ranks(2, way, settings(), |endpoint| {
            let other = 1 - endpoint.rank();
            let data = vec![endpoint.rank() as u32; 2_000_000];
            for tag in 0..3 {
                send(endpoint, &data, other, tag).unwrap();
            }
            for tag in (0..3).rev() {
                let (_, received) = receive(endpoint, other, tag).unwrap();
                assert!(received == vec![other as u32; 2_000_000]);
            }
        });
    }
}

#[test]
fn many_small_messages_wait_for_a_rank_that_waits_elsewhere() {
    for way in WAYS {
        on_ranks(3, way, settings(), |endpoint| {
            const COUNT: u32 = 20_000;
            match endpoint.rank() {
                0 => {
                    (0..COUNT).for_each(|number| send(endpoint, &[number], 1, 5).unwrap());
                    send(endpoint, &[1], 2, 0).unwrap();
                }
                1 => {
                    // Only when all messages of rank 0 have found room does this one come.
                    receive(endpoint, 2, 9).unwrap();
                    (0..COUNT).for_each(|number| assert_eq!(receive(endpoint, 0, 5).unwrap().1, [number]));
                }
                _ => {
                    receive(endpoint, 0, 0).unwrap();
                    send(endpoint, &[1], 1, 9).unwrap();
                }
            }
        });
    }
}

#[test]
fn what_a_rank_sent_before_it_left_arrives() {
    for way in WAYS {
        on_ranks(3, way, settings(), |endpoint| {
            if endpoint.rank() != 0 {
                (0..10).for_each(|number| send(endpoint, &[number], 0, 1).unwrap());
                return endpoint.leave();
            }
            let begin = Instant::now();
            for number in 0..10 {
                assert_eq!(receive(endpoint, 1, 1).unwrap().1, [number]);
            }
            let error = receive(endpoint, 1, 1).unwrap_err();
            assert_eq!((error.status(), error.rank()), (Status::RankFailure, Some(1)));
            assert_eq!(error.message(), "rank 1 left the context and has not sent a message with tag 1");
            for _ in 0..10 {
                receive(endpoint, ANY_SOURCE, ANY_TAG).unwrap();
            }
            let error = receive(endpoint, ANY_SOURCE, ANY_TAG).unwrap_err();
            assert_eq!(
                error.message(),
                "ranks 1-2 left the context, so that nobody can send a message any more"
            );
            let error = send(endpoint, &vec![0; 1_000_000], 1, 3).unwrap_err();
            assert_eq!((error.status(), error.rank()), (Status::RankFailure, Some(1)));
            assert!(begin.elapsed() < Duration::from_secs(10));
        });
    }
}

#[test]
fn waiting_ends_at_the_deadline_and_says_for_what() {
    let brief = Settings { timeout: Duration::from_millis(300), ..settings() };
    for way in WAYS {
        on_ranks(2, way, brief, |endpoint| {
            if endpoint.rank() == 1 {
                send(endpoint, &[1], 0, 7).unwrap();
                // Rank 0 waits twice. What it has taken back is not there, and the context is as before.
                std::thread::sleep(3 * brief.timeout);
                assert_eq!(receive(endpoint, 0, ANY_TAG).unwrap().1, [5]);
                return;
            }
            assert!(super::receive::iprobe(endpoint.mailbox(), Wanted::of(1, 3)).unwrap().is_none());
            let error = receive(endpoint, 1, 3).unwrap_err();
            assert_eq!(error.status(), Status::Timeout);
            let start = "rank 0 waited 300ms for a message with tag 3 from rank 1 and gave up. What has come and was not asked for: \
                         a message with tag 7 from rank 1. The time";
            assert!(error.message().starts_with(start), "{error}");
            let data = [1_u32];
            let data = Array::from_slice(&data, &[1]).unwrap();
            let error = send::send(endpoint.mailbox(), Operation::Ssend, data, 0, Label::plain(4), true)
                .wait()
                .unwrap_err();
            assert!(
                error
                    .message()
                    .contains("for rank 0 to receive the message with tag 4 (1 element of uint32)")
            );
            assert_eq!(super::receive::iprobe(endpoint.mailbox(), Wanted::of(0, 4)).unwrap(), None);
            send(endpoint, &[5], 1, 8).unwrap();
        });
    }
}

/// Memory of a fixed size, as C passes it.
struct Buffer(Vec<u32>);

impl Output for Buffer {
    fn expected(&self) -> Option<(Dtype, usize)> {
        Some((Dtype::Uint32, self.0.len()))
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        assert_eq!((dtype, shape), (Dtype::Uint32, &[self.0.len()][..]));
        // SAFETY: the vector has as many elements, and is borrowed.
        Ok(unsafe { ArrayMut::from_raw(self.0.as_mut_ptr().cast(), dtype, shape) })
    }
}

#[test]
fn a_message_that_does_not_fit_stays() {
    for way in WAYS {
        for length in [3, 100_000] {
            on_ranks(2, way, settings(), |endpoint| {
                if endpoint.rank() == 1 {
                    send(endpoint, &vec![6; length], 0, 2).unwrap();
                    return send(endpoint, &[9], 0, 2).unwrap();
                }
                let receive = |room| {
                    let mut buffer = Buffer(vec![0; room]);
                    let wanted = Wanted::of(ANY_SOURCE, ANY_TAG);
                    receive::receive(endpoint.mailbox(), Operation::Recv, wanted, &mut buffer).wait()?;
                    Ok::<_, Error>((receive::last_received(endpoint.mailbox())?.count as usize, buffer.0))
                };
                let error = receive(length - 1).unwrap_err();
                let text = format!(
                    "rank 1 sent {length} elements of uint32 with tag 2, but there is room for {} elements. The message has not been \
                     received: receive {length} elements, or ask for the size with probe first.",
                    length - 1
                );
                assert_eq!((error.status(), error.message()), (Status::BufferTooSmall, text.as_str()));
                let wanted = Wanted::of(ANY_SOURCE, ANY_TAG);
                let mut floats = VecOutput::<f64>::new();
                let error = receive::receive(endpoint.mailbox(), Operation::Recv, wanted, &mut floats)
                    .wait()
                    .unwrap_err();
                assert!(error.message().contains("float64 is wanted"), "{error}");
                // Memory may be larger than the message, and a later message does not overtake it.
                let (count, data) = receive(length + 1).unwrap();
                assert_eq!(count, length);
                assert!(data[..length].iter().all(|it| *it == 6) && data[length] == 0);
                assert_eq!(receive(1).unwrap(), (1, vec![9]));
            });
        }
    }
}

#[test]
fn probing_says_what_will_be_received_and_leaves_it() {
    for way in WAYS {
        on_ranks(2, way, settings(), |endpoint| {
            let (mailbox, other) = (endpoint.mailbox(), 1 - endpoint.rank());
            send(endpoint, &[1, 2, 3], other, 4).unwrap();
            let info = super::receive::probe(mailbox, Wanted::of(ANY_SOURCE, ANY_TAG)).wait().unwrap();
            assert_eq!(info, MessageInfo { source: other, tag: 4, count: 3 });
            assert_eq!(super::receive::iprobe(mailbox, Wanted::of(other, 4)).unwrap(), Some(info));
            assert_eq!(super::receive::iprobe(mailbox, Wanted::of(other, 5)).unwrap(), None);
            assert_eq!(receive(endpoint, info.source, info.tag).unwrap(), (info, vec![1, 2, 3]));
            assert_eq!(super::receive::iprobe(mailbox, Wanted::of(other, 4)).unwrap(), None);
        });
    }
}

#[test]
fn a_synchronous_send_ends_when_the_message_is_received() {
    for way in WAYS {
        for length in [1, 100_000] {
            on_ranks(2, way, settings(), |endpoint| {
                if endpoint.rank() == 0 {
                    let (begin, data, shape) = (Instant::now(), vec![1_u32; length], [length]);
                    let data = Array::from_slice(&data, &shape).unwrap();
                    send::send(endpoint.mailbox(), Operation::Ssend, data, 1, Label::plain(0), true)
                        .wait()
                        .unwrap();
                    assert!(begin.elapsed() >= Duration::from_millis(100));
                } else {
                    let wanted = Wanted::of(0, 0);
                    super::receive::probe(endpoint.mailbox(), wanted).wait().unwrap();
                    std::thread::sleep(Duration::from_millis(150));
                    receive(endpoint, 0, 0).unwrap();
                }
            });
        }
    }
}
