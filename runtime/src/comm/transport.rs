//! The seam between dtl and whatever moves bytes between ranks. A transport knows bytes and ranks, and nothing of data
//! types, arrays or errors for users: checks, limits, waiting and arithmetic are above it and written once.
//!
//! Communicators and requests are numbers that the transport owns, so that an implementation in another library can stand
//! behind the same seam.

use super::hold::FreedTogether;
use crate::memory::Kind;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Where a block of its own size is, and how many bytes it has.
pub(crate) use dtl_plugin_abi::Place;

/// A communicator of a transport: a group of ranks whose messages do not mix with those of other groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Comm(pub(crate) u64);

/// A started movement that is not known to be complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Request(pub(crate) u64);

/// What a movement does with the blocks that ranks send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// The root's block goes to every other rank.
    Broadcast { root: i32 },
    /// Every rank's block goes to the root, which receives one from each.
    Gather { root: i32 },
    /// The root sends one block to each other rank; it passes its own as well, and keeps it.
    Scatter { root: i32 },
    /// Every rank's block goes to every rank.
    Allgather,
    /// The bits that are set in the small blocks of all ranks go to every rank.
    And,
    /// Every rank sends one block to each rank.
    Alltoall,
    /// Every rank sends one block to each rank, each of its own size.
    Exchange,
}

/// Where blocks are: that of rank `r`, or the only one, starts `r * stride` bytes after `start`; or, of blocks that differ in
/// size, where its place is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blocks {
    pub(crate) start: *mut u8,
    pub(crate) stride: usize,
    /// One for each rank; null for blocks of equal size.
    pub(crate) places: *const Place,
    /// Bytes at the beginning of each placed block that are not part of the movement.
    pub(crate) skipped: usize,
    /// The kind of memory that they are in, which the transport must reach.
    pub(crate) kind: Kind,
}

impl Blocks {
    /// No blocks: for the side of a movement in which this rank has no part.
    pub(crate) const NONE: Blocks = Blocks {
        start: std::ptr::null_mut(),
        stride: 0,
        places: std::ptr::null(),
        skipped: 0,
        kind: Kind::Host,
    };

    /// Blocks to be read in the host's memory.
    pub(crate) fn from(start: *const u8, stride: usize) -> Self {
        Blocks { start: start.cast_mut(), stride, ..Self::NONE }
    }

    /// Blocks to be written in the host's memory.
    pub(crate) fn to(start: *mut u8, stride: usize) -> Self {
        Blocks { start, stride, ..Self::NONE }
    }

    /// Blocks of different sizes in the host's memory, one for each rank; the places must stay as long as the movement.
    pub(crate) fn placed(places: &[Place]) -> Self {
        Blocks { places: places.as_ptr(), ..Self::NONE }
    }

    fn place(&self, rank: usize) -> Option<Place> {
        // SAFETY: where there are places, there is one for each rank, and they stay as long as the movement.
        (!self.places.is_null()).then(|| unsafe { *self.places.add(rank) })
    }

    /// The address of the block of `rank`.
    pub(crate) fn of(&self, rank: usize) -> *mut u8 {
        match self.place(rank) {
            Some(place) => place.start.wrapping_add(self.skipped),
            None => self.start.wrapping_add(rank * self.stride),
        }
    }

    /// The size of the block of `rank`, which is `bytes` unless it has its own; no more than that of it is moved.
    pub(crate) fn bytes(&self, rank: usize, bytes: usize) -> usize {
        self.place(rank).map_or(bytes, |place| bytes.min(place.bytes.saturating_sub(self.skipped)))
    }

    /// The same blocks without their first `bytes` bytes.
    pub(crate) fn skip(&self, bytes: usize) -> Self {
        if self.places.is_null() {
            Blocks { start: self.start.wrapping_add(bytes), ..*self }
        } else {
            Blocks { skipped: self.skipped + bytes, ..*self }
        }
    }
}

/// One movement of blocks between all ranks of a communicator, which all start it with the same pattern and size, in the same
/// order as their other movements on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub(crate) pattern: Pattern,
    /// Size of each block, or of the largest that any rank sends; below 2^31, as larger ones are moved piece by piece.
    pub(crate) bytes: usize,
    /// What this rank sends: one block for each rank (scatter at the root, all-to-all, exchange), otherwise one. It is not
    /// written to.
    pub(crate) send: Blocks,
    /// Where this rank receives: one block from each rank (gather at the root, allgather, all-to-all, exchange), otherwise
    /// one. May be the same memory as what is sent, but for an exchange and for bits that are joined.
    pub(crate) receive: Blocks,
}

/// How far a movement is on this rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Complete,
    /// Not complete, but further than when it was looked at last.
    Moving,
    /// Where it was, as far as is known.
    Waiting,
}

impl Start {
    /// The block that a rank sends to itself, in patterns in which it receives it as well.
    pub(crate) fn own_block(&self, rank: usize) -> Option<*mut u8> {
        match self.pattern {
            Pattern::Alltoall | Pattern::Exchange => Some(self.send.of(rank)),
            Pattern::Allgather => Some(self.send.start),
            Pattern::Gather { root } if root as usize == rank => Some(self.send.start),
            _ => None,
        }
    }

    /// A copy of what is sent between `size` ranks, where an all-to-all also receives there: what comes would overwrite what other
    /// ranks have not read.
    ///
    /// # Safety
    /// The memory must be as the movement describes it.
    pub(super) unsafe fn set_aside(&self, size: usize) -> Option<Vec<u8>> {
        let in_place = self.pattern == Pattern::Alltoall && self.send.start == self.receive.start;
        in_place.then(|| {
            let bytes = (size - 1) * self.send.stride + self.bytes;
            // SAFETY: an all-to-all sends a block to each rank, `stride` bytes apart.
            unsafe { std::slice::from_raw_parts(self.send.start, bytes) }.to_vec()
        })
    }
}

/// A communicator made by splitting another, and the transport that serves it.
pub(crate) type Split = (Arc<dyn Transport>, Comm);

/// Why a movement cannot complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// These ranks have closed their end and will never take part.
    Left(Vec<i32>),
    /// The communicator was given up by some rank, for this reason, and moves nothing any more.
    Broken(String),
    /// What moves the bytes has failed, in these words of its own.
    Failed(String),
}

/// How a transport carries packets, which is the same on all ranks of a communicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PacketLimits {
    /// The longest packet that goes on its way whatever the receiver does, as long as there is room.
    pub(crate) longest: usize,
    /// The longest packet for which the receiver has asked.
    pub(crate) longest_part: usize,
}

/// What a transport can do, on which behaviour may depend; its name says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// Its ranks are threads of one process.
    pub(crate) shares_address_space: bool,
    /// MPI connects its ranks, so that it ends when MPI does.
    pub(crate) is_of_mpi: bool,
    /// Tests say of a movement that it goes on as soon as a part of it has moved. Otherwise whoever waits hears of nothing
    /// before it is complete.
    pub(crate) tells_of_progress: bool,
}

/// One rank's end of communicators: who belongs to them, how new ones are made, and how they end. All functions but `split` and
/// `abort` return at once.
pub(crate) trait Membership: fmt::Debug + Send + Sync {
    /// This process's or thread's rank in `comm`.
    fn rank(&self, comm: Comm) -> i32;

    /// The number of ranks in `comm`.
    fn size(&self, comm: Comm) -> i32;

    /// A new communicator of the ranks `members` of `comm`, in this order, and the transport that serves it. Every rank of
    /// `comm` calls it with the members of the group that it is to be in itself; one that is to be in none passes no members
    /// and gets `None`. It may wait for all ranks, each time no longer than `timeout`, so it is called only when all are known to
    /// have entered the same call.
    fn split(self: Arc<Self>, comm: Comm, members: &[i32], timeout: Duration)
    -> Result<Option<Split>, Fault>;

    /// This rank will start nothing more on `comm`. Local: peers learn of it when they wait for this rank.
    fn leave(&self, comm: Comm);

    /// Gives this rank's end of `comm` back, having left it. Local.
    fn close(&self, comm: Comm);

    /// What of `comm` stays after all ranks have closed it, until they free it together.
    fn freed_together(self: Arc<Self>, _comm: Comm) -> Option<Box<dyn FreedTogether>> {
        None
    }

    /// Ends all ranks of the job with this exit code.
    fn abort(&self, code: i32) -> !;
}

/// What all ranks of a communicator take part in: blocks that move between them. All functions return at once.
pub(crate) trait Movements {
    /// Starts a movement.
    ///
    /// # Safety
    /// The memory of `start` must stay as the movement needs it until `test` says that the request is complete or failed,
    /// or `abandon` has returned.
    unsafe fn start(&self, comm: Comm, start: &Start) -> Request;

    /// Makes progress. A request that is complete or has failed is gone.
    fn test(&self, comm: Comm, request: Request) -> Result<Progress, Fault>;

    /// Tells the other ranks that this one waits in the movement of `request`, for transports that could not tell them which ranks
    /// are missing otherwise.
    fn announce(&self, _comm: Comm, _request: Request) {}

    /// The ranks that have not started the movement of `request`, or have not announced themselves in the middle of it.
    fn missing(&self, comm: Comm, request: Request) -> Vec<i32>;

    /// Gives a request up, and with it the communicator, for all its ranks. Its memory is no longer used afterwards.
    fn abandon(&self, comm: Comm, request: Request, reason: &str);
}

/// What goes from one rank to another, which sees the packets of each sender in their order. What they mean is up to `mailbox/`. All
/// functions return at once.
pub(crate) trait Packets {
    /// How packets are carried.
    fn packet_limits(&self, comm: Comm) -> PacketLimits;

    /// Sends a packet, whose bytes are those of `parts`, to another rank; false if there is no room for it now. There is always
    /// room for an urgent one, or the communicator is given up.
    fn post(&self, comm: Comm, to: i32, parts: [&[u8]; 2], urgent: bool) -> Result<bool, Fault>;

    /// Gives the packets that have come, with their senders, to `take`.
    fn collect(&self, comm: Comm, take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault>;

    /// The ranks that have left: when their packets are collected once more, these are all. A fault if the communicator was
    /// given up.
    fn departed(&self, comm: Comm) -> Result<Vec<i32>, Fault>;
}

/// Memory of other ranks that this one reaches without their help.
pub(crate) trait RemoteMemory {
    /// Reads the memory of another rank.
    ///
    /// # Safety
    /// `target` must be writable for `bytes` bytes.
    unsafe fn read(
        &self,
        comm: Comm,
        from: i32,
        address: u64,
        target: *mut u8,
        bytes: usize,
    ) -> Result<(), Fault>;
}

/// Moves bytes between the ranks of communicators, for one of these ranks.
pub(crate) trait Transport: Membership + Movements + Packets {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// Whether it moves blocks in memory of this kind, as every transport does in the host's; what else there is goes through that.
    fn reaches(&self, _kind: Kind) -> bool {
        false
    }

    /// The memory of other ranks, where all ranks of its communicators reach that of each other.
    fn remote_memory(&self) -> Option<&dyn RemoteMemory> {
        None
    }
}

/// Copies what `rank` receives in a movement from what all ranks posted; for transports whose ranks share an address space.
///
/// # Safety
/// Every post's memory must be as its rank's `Start` describes it, and not be written to by others meanwhile.
pub(crate) unsafe fn deliver(posts: &[Start], rank: usize) {
    let Start { pattern, bytes, receive, .. } = posts[rank];
    let copy = |from: *mut u8, to: *mut u8| {
        // What is where it has to be is not written: other ranks read it.
        if from != to {
            // SAFETY: both addresses are blocks of `bytes` bytes of posts, whose memory the caller guarantees; `copy` allows
            // memory that overlaps.
            unsafe { std::ptr::copy(from, to, bytes) }
        }
    };
    let everybody = || posts.iter().enumerate();
    match pattern {
        Pattern::Broadcast { root } | Pattern::Scatter { root } if root as usize == rank => {}
        Pattern::Broadcast { root } => copy(posts[root as usize].send.start, receive.start),
        Pattern::Scatter { root } => copy(posts[root as usize].send.of(rank), receive.start),
        Pattern::Gather { root } if root as usize != rank => {}
        Pattern::Gather { .. } | Pattern::Allgather => {
            everybody().for_each(|(source, post)| copy(post.send.start, receive.of(source)));
        }
        Pattern::And => {
            copy(posts[0].send.start, receive.start);
            for post in &posts[1..] {
                // SAFETY: both are blocks of `bytes` bytes of posts, whose memory the caller guarantees, and nothing is
                // sent from where bits are joined.
                unsafe { keep_common_bits(receive.start, post.send.start, bytes) }
            }
        }
        Pattern::Alltoall => {
            everybody().for_each(|(source, post)| copy(post.send.of(rank), receive.of(source)))
        }
        Pattern::Exchange => everybody().for_each(|(source, post)| {
            let bytes = receive.bytes(source, bytes);
            // SAFETY: the caller guarantees the memory of all posts, and the ranks agree on the size of the block between
            // each two of them; `copy` allows the same memory.
            unsafe { std::ptr::copy(post.send.of(rank), receive.of(source), bytes) }
        }),
    }
}

/// Clears the bits of `target` that are not set in `source`.
///
/// # Safety
/// Both must be `bytes` bytes that do not overlap, and the target writable.
pub(crate) unsafe fn keep_common_bits(target: *mut u8, source: *const u8, bytes: usize) {
    // SAFETY: the caller guarantees that both are `bytes` bytes that do not overlap, and that the target is writable.
    let (target, source) =
        unsafe { (std::slice::from_raw_parts_mut(target, bytes), std::slice::from_raw_parts(source, bytes)) };
    target.iter_mut().zip(source).for_each(|(bits, others)| *bits &= others);
}
