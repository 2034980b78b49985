//! What ranks write to each other about messages, and how it lies in the bytes of a packet.
//!
//! A message that is short enough travels whole. Of a larger one the receiver is told where it is: it reads the sender's
//! memory, or asks for the message in parts, and says when it has taken it.

use super::wanted::Label;
use crate::error::{Error, Result};
use dtl_types::constants::MAX_TENSOR_RANK;
use dtl_types::{Dtype, SpecEnum, Status};

const DIMENSIONS: usize = MAX_TENSOR_RANK as usize;

/// What is known of a message before its elements are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) label: Label,
    pub(super) dtype: Dtype,
    /// Whether the elements are the bytes of an object, which an array must not be made of.
    pub(super) is_object: bool,
    dimensions: u8,
    extents: [usize; DIMENSIONS],
}

impl Envelope {
    pub(super) fn new(label: Label, dtype: Dtype, shape: &[usize]) -> Result<Self> {
        let mut extents = [0; DIMENSIONS];
        let Some(own) = extents.get_mut(..shape.len()) else {
            return Err(Error::new(
                Status::NotSupported,
                format!(
                    "data has {} dimensions, but messages have {DIMENSIONS} at most; reshape it",
                    shape.len()
                ),
            ));
        };
        own.copy_from_slice(shape);
        Ok(Envelope { label, dtype, is_object: false, dimensions: shape.len() as u8, extents })
    }

    pub(super) fn shape(&self) -> &[usize] {
        &self.extents[..self.dimensions.into()]
    }

    /// The number of elements.
    pub(super) fn count(&self) -> usize {
        self.shape().iter().product()
    }

    pub(super) fn bytes(&self) -> usize {
        self.count() * self.dtype.size()
    }

    /// The bytes of the packet that carries the whole message.
    pub(super) fn packet_bytes(&self) -> usize {
        FIXED + 8 * self.shape().len() + self.bytes()
    }
}

/// A message, or a word about one. A sender numbers its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// A whole message; of a synchronous one the sender wants to hear when it is received.
    Whole { number: u64, is_synchronous: bool, envelope: Envelope, body: &'a [u8] },
    /// A message in the sender's memory.
    Offer { number: u64, is_synchronous: bool, envelope: Envelope, address: u64 },
    /// The receiver wants the parts of an offered message.
    Ask { number: u64 },
    /// A part of the message that begins at this byte of it.
    Part { number: u64, offset: u64, body: &'a [u8] },
    /// The receiver has the message.
    Taken { number: u64 },
    /// The sender has taken the message back.
    Withdrawn { number: u64 },
}

/// The bytes of a packet before the extents of a shape: kind, data type, dimensions, what is true of it, the tag, the
/// number, and an address or offset.
const FIXED: usize = 24;

/// The beginning of a packet, which its body follows.
pub(super) struct Head {
    bytes: [u8; FIXED + 8 * DIMENSIONS],
    length: usize,
}

impl Head {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What may be true of a message, in one byte.
const SYNCHRONOUS: u8 = 1;
const BETWEEN_ROLES: u8 = 2;
const OBJECT: u8 = 4;

const WHOLE: u8 = 0;
const OFFER: u8 = 1;
const ASK: u8 = 2;
const PART: u8 = 3;
const TAKEN: u8 = 4;
const WITHDRAWN: u8 = 5;

impl<'a> Packet<'a> {
    pub(super) fn encode(&self) -> (Head, &'a [u8]) {
        let none = (None, false, 0, &[][..]);
        let (kind, number, (envelope, is_synchronous, place, body)) = match *self {
            Packet::Whole { number, is_synchronous, envelope, body } => {
                (WHOLE, number, (Some(envelope), is_synchronous, 0, body))
            }
            Packet::Offer { number, is_synchronous, envelope, address } => {
                (OFFER, number, (Some(envelope), is_synchronous, address, &[][..]))
            }
            Packet::Part { number, offset, body } => (PART, number, (None, false, offset, body)),
            Packet::Ask { number } => (ASK, number, none),
            Packet::Taken { number } => (TAKEN, number, none),
            Packet::Withdrawn { number } => (WITHDRAWN, number, none),
        };
        let mut bytes = [0; FIXED + 8 * DIMENSIONS];
        let mut length = FIXED;
        bytes[0] = kind;
        bytes[3] = if is_synchronous { SYNCHRONOUS } else { 0 };
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        bytes[16..24].copy_from_slice(&place.to_le_bytes());
        if let Some(envelope) = envelope {
            bytes[1] = envelope.dtype.code() as u8;
            bytes[2] = envelope.dimensions;
            bytes[3] |= if envelope.label.is_between_roles { BETWEEN_ROLES } else { 0 };
            bytes[3] |= if envelope.is_object { OBJECT } else { 0 };
            bytes[4..8].copy_from_slice(&envelope.label.tag.to_le_bytes());
            for extent in envelope.shape() {
                bytes[length..][..8].copy_from_slice(&(*extent as u64).to_le_bytes());
                length += 8;
            }
        }
        (Head { bytes, length }, body)
    }

    pub(super) fn decode(packet: &'a [u8]) -> Self {
        let (fixed, rest) = packet.split_at(FIXED);
        let word = |bytes: &[u8]| {
            let bytes: [u8; 8] = bytes.try_into().expect("a number has eight bytes");
            u64::from_le_bytes(bytes)
        };
        let (number, place) = (word(&fixed[8..16]), word(&fixed[16..24]));
        let is_synchronous = fixed[3] & SYNCHRONOUS != 0;
        let envelope = || {
            let (extents, body) = rest.split_at(8 * usize::from(fixed[2]));
            let mut envelope = Envelope {
                label: Label {
                    tag: i32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
                    is_between_roles: fixed[3] & BETWEEN_ROLES != 0,
                },
                dtype: Dtype::from_code(fixed[1].into()).expect("all ranks run the same version of dtl"),
                is_object: fixed[3] & OBJECT != 0,
                dimensions: fixed[2],
                extents: [0; DIMENSIONS],
            };
            for (extent, bytes) in envelope.extents.iter_mut().zip(extents.chunks(8)) {
                *extent = word(bytes) as usize;
            }
            (envelope, body)
        };
        match fixed[0] {
            WHOLE => {
                let (envelope, body) = envelope();
                Packet::Whole { number, is_synchronous, envelope, body }
            }
            OFFER => Packet::Offer { number, is_synchronous, envelope: envelope().0, address: place },
            ASK => Packet::Ask { number },
            PART => Packet::Part { number, offset: place, body: rest },
            TAKEN => Packet::Taken { number },
            WITHDRAWN => Packet::Withdrawn { number },
            other => {
                unreachable!("all ranks run the same version of dtl, which has no packets of kind {other}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read_as_they_were_written() {
        for shape in [&[][..], &[0], &[3], &[2, 3, 4], &[1; DIMENSIONS]] {
            let label = Label { tag: i32::MAX, is_between_roles: shape.len() > 1 };
            let mut envelope = Envelope::new(label, Dtype::Complex128, shape).unwrap();
            envelope.is_object = shape.len() % 2 == 1;
            assert_eq!((envelope.shape(), envelope.bytes()), (shape, 16 * shape.iter().product::<usize>()));
            let (number, body) = (u64::MAX - 1, &[1, 2, 3][..]);
            let packets = [
                Packet::Whole { number, is_synchronous: true, envelope, body },
                Packet::Offer { number, is_synchronous: false, envelope, address: u64::MAX },
                Packet::Ask { number },
                Packet::Part { number, offset: 1 << 40, body },
                Packet::Taken { number },
                Packet::Withdrawn { number },
            ];
            for packet in packets {
                let (head, body) = packet.encode();
                assert_eq!(Packet::decode(&[head.bytes(), body].concat()), packet);
            }
        }
        let label = Label { tag: 0, is_between_roles: false };
        let error = Envelope::new(label, Dtype::Int8, &[1; DIMENSIONS + 1]).unwrap_err();
        assert_eq!(error.status(), Status::NotSupported);
    }
}
