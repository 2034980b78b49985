//! Packets on their way from one rank to another, in a ring of bytes that both have mapped: the sender writes them one after
//! another, and the receiver reads them in this order. Nothing here waits: where there is no room, the sender tries again.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of a ring, large enough for a receiver to be busy for a while.
const LENGTH: usize = 64 << 10;
/// Kept free for urgent packets, which are short and rare.
const RESERVE: usize = 4 << 10;
/// The longest packet: four of them fit into a ring, so that sender and receiver work at the same time.
pub(super) const PACKET: usize = LENGTH / 4 - RESERVE;
/// Packets begin at multiples of this, with their length.
const STEP: usize = 16;

/// Packets from one rank to another. The two counters have a writer each, and lie apart.
#[repr(C)]
pub(super) struct Ring {
    written: Counter,
    read: Counter,
    bytes: UnsafeCell<[u8; LENGTH]>,
}

#[repr(C, align(128))]
struct Counter(AtomicU64);

/// The bytes that a packet takes, with its length before it.
fn room_for(length: usize) -> usize {
    (size_of::<u64>() + length).next_multiple_of(STEP)
}

impl Ring {
    /// Writes a packet; false if there is no room.
    ///
    /// # Safety
    /// Nobody else may be writing.
    pub(super) unsafe fn write(&self, parts: [&[u8]; 2], urgent: bool) -> bool {
        let length = parts[0].len() + parts[1].len();
        let limit = if urgent { LENGTH } else { LENGTH - RESERVE };
        let written = self.written.0.load(Ordering::Relaxed);
        let used = (written - self.read.0.load(Ordering::Acquire)) as usize;
        let at = written as usize % LENGTH;
        // A packet lies in one piece: where it does not fit before the end, the rest of the ring stays empty.
        let skipped = if at + room_for(length) > LENGTH { LENGTH - at } else { 0 };
        if used + skipped + room_for(length) > limit {
            return false;
        }
        let begin = (at + skipped) % LENGTH;
        // SAFETY: what is written lies between what has been read and the end of the ring's free part, where only this rank
        // writes and nobody reads; the length of what is skipped has a place, as packets begin at multiples of its size.
        unsafe {
            if skipped > 0 {
                self.at(at).cast::<u64>().write(SKIP);
            }
            self.at(begin).cast::<u64>().write(length as u64);
            let mut target = self.at(begin + size_of::<u64>());
            for part in parts {
                target.copy_from_nonoverlapping(part.as_ptr(), part.len());
                target = target.wrapping_add(part.len());
            }
        }
        self.written.0.store(written + (skipped + room_for(length)) as u64, Ordering::Release);
        true
    }

    /// Gives every packet that is there to `take`.
    ///
    /// # Safety
    /// Nobody else may be reading.
    pub(super) unsafe fn read(&self, mut take: impl FnMut(&[u8])) {
        let written = self.written.0.load(Ordering::Acquire);
        let mut read = self.read.0.load(Ordering::Relaxed);
        if read == written {
            return;
        }
        while read < written {
            let at = read as usize % LENGTH;
            // SAFETY: up to the counter, the sender has written whole packets, and leaves them alone until they are read.
            unsafe {
                let length = self.at(at).cast::<u64>().read();
                if length == SKIP {
                    read += (LENGTH - at) as u64;
                    continue;
                }
                assert!(length as usize <= LENGTH - at - size_of::<u64>(), "a packet ends in its ring");
                take(std::slice::from_raw_parts(self.at(at + size_of::<u64>()), length as usize));
                read += room_for(length as usize) as u64;
            }
        }
        self.read.0.store(read, Ordering::Release);
    }

    fn at(&self, byte: usize) -> *mut u8 {
        self.bytes.get().cast::<u8>().wrapping_add(byte)
    }
}

/// In the place of a length: there is nothing up to the end of the ring.
const SKIP: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Box<Ring> {
        // SAFETY: zeroes are a ring without packets.
        unsafe { Box::<Ring>::new_zeroed().assume_init() }
    }

    #[test]
    fn packets_come_in_order_and_whole() {
        let ring = empty();
        let packet = |number: usize| vec![number as u8; number * 37 % PACKET];
        let (mut sent, mut received) = (0, 0);
        while received < 5000 {
            for _ in 0..1 + sent % 7 {
                let (packet, empty) = (packet(sent), Vec::new());
                let parts = if sent % 2 == 0 {
                    [&packet[..], &empty[..]]
                } else {
                    packet.split_at(packet.len() / 3).into()
                };
                // SAFETY: there is one thread.
                sent += usize::from(unsafe { ring.write(parts, false) });
            }
            // SAFETY: there is one thread, which writes nothing while it reads.
            unsafe {
                ring.read(|found| {
                    assert_eq!(found, packet(received));
                    received += 1;
                });
            }
            assert_eq!(received, sent);
        }
    }

    #[test]
    fn a_full_ring_has_room_for_what_is_urgent() {
        let ring = empty();
        // SAFETY: there is one thread.
        unsafe {
            while ring.write([&[1; 1000], &[2; 500]], false) {}
            assert!(!ring.write([&[1; 1000], &[2; 500]], false));
            assert!(ring.write([&[3; 64], &[]], true));
            let mut lengths = Vec::new();
            ring.read(|packet| lengths.push(packet.len()));
            assert_eq!((lengths.first(), lengths.last()), (Some(&1500), Some(&64)));
            assert!(ring.write([&[4; PACKET], &[]], false));
        }
    }
}
