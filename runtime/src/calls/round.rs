//! The fixed round that every collective starts with, whatever each rank believes it is calling: all ranks exchange a header
//! that says what they call and a small payload. As its size never differs, it cannot go wrong where the calls differ, and
//! everybody can see how. Small collectives finish in the payload.

use crate::digest::digest;
use crate::observe::ROUND_BYTES;
use dtl_types::{Operation, SpecEnum};
use std::ops::Range;

/// Size of the payload: the header fills up two cache lines together with it.
pub(crate) const PAYLOAD: usize = 96;

/// What one rank says it is calling. Fields that an operation does not have keep the values of [`Header::new`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub(super) struct Header {
    pub(super) operation: u16,
    pub(super) dtype: u8,
    pub(super) op: u8,
    pub(super) root: i32,
    pub(super) count: u64,
    /// What it is about: the identity of the container whose method it is, or what stands for the shape of an array.
    pub(super) subject: u64,
    pub(super) sequence: u32,
    /// 1 when this rank found an error and the payload describes it.
    pub(super) refused: u16,
    pub(super) payload: u16,
}

/// For `dtype` and `op`: the operation has none.
pub(super) const NOTHING: u8 = u8::MAX;

impl Header {
    pub(super) fn new(operation: Operation) -> Self {
        Header {
            operation: operation.code() as u16,
            dtype: NOTHING,
            op: NOTHING,
            root: dtl_types::constants::NO_RANK,
            count: 0,
            subject: 0,
            sequence: 0,
            refused: 0,
            payload: 0,
        }
    }
}

/// What one rank sends in the round. Any bytes are a valid message.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub(super) struct Message {
    pub(super) header: Header,
    content: [u8; PAYLOAD],
}

const _: () = assert!(size_of::<Message>() as u64 == ROUND_BYTES);

impl Message {
    pub(super) fn new(header: Header) -> Self {
        Message { header, content: [0; PAYLOAD] }
    }

    /// Adds to the payload, in which there must be room.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let end = self.header.payload as usize;
        self.content[end..end + bytes.len()].copy_from_slice(bytes);
        self.header.payload += bytes.len() as u16;
    }

    /// Whether the header and this many bytes of the payload are those of the other message. The rest of the payloads is
    /// free to differ, and so are their lengths.
    pub(super) fn says_the_same(&self, other: &Message, arguments: usize) -> bool {
        Header { payload: other.header.payload, ..self.header } == other.header
            && self.content[..arguments] == other.content[..arguments]
    }

    /// A number made of the header and of this many bytes of the payload: two messages with the same number say the same, and
    /// have payloads of one length.
    pub(super) fn digest(&self, arguments: usize) -> u64 {
        let Header { operation, dtype, op, root, count, subject, sequence, refused, payload } = self.header;
        let small = [operation.into(), dtype.into(), op.into(), i64::from(root), sequence.into()];
        let large = [count as i64, subject as i64, refused.into(), payload.into()];
        let arguments = self.content[..arguments].chunks_exact(size_of::<i64>());
        let arguments =
            arguments.map(|bytes| i64::from_le_bytes(bytes.try_into().expect("it has the size of a number")));
        digest(&small.into_iter().chain(large).chain(arguments).collect::<Vec<_>>())
    }

    /// The part of it that other ranks do not know whose messages have the same `digest`.
    pub(super) fn unknown(&self, arguments: usize) -> Range<usize> {
        // A refusal has no arguments.
        let known = if self.header.refused == 0 { arguments } else { 0 };
        size_of::<Header>() + known..size_of::<Header>() + self.payload().len()
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.content[..PAYLOAD.min(self.header.payload as usize)]
    }
}

/// What all ranks sent, in the order of ranks, when all of them called the same thing.
#[derive(Debug)]
pub(crate) struct Round {
    pub(super) messages: Vec<Message>,
    /// Bytes of arguments in front of each payload, which have been compared and are of no further interest.
    pub(super) arguments: usize,
}

impl Round {
    /// The payload of one rank.
    pub(crate) fn payload(&self, rank: usize) -> &[u8] {
        &self.messages[rank].payload()[self.arguments..]
    }

    /// The payloads of all ranks, in their order.
    pub(crate) fn payloads(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.messages.iter().map(|message| &message.payload()[self.arguments..])
    }

    /// The first payload and the distance between payloads, for arithmetic over all of them.
    pub(crate) fn stack(&self) -> (*const u8, usize) {
        let first = self.messages.as_ptr().cast::<u8>().wrapping_add(size_of::<Header>() + self.arguments);
        (first, size_of::<Message>())
    }
}
