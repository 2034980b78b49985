//! How data type and shape of an array travel in the payload of the fixed round: the root's [`Description`] of what it sends
//! to each rank, and the other ranks' [`Expectation`] of it. Used by `from_root.rs`.

use crate::array::Output;
use crate::error::{Error, Result};
use dtl_types::constants::MAX_TENSOR_RANK;
use dtl_types::{Dtype, SpecEnum, Status};

/// The array that each rank gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Description {
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
}

/// The error when a shape has more dimensions than a description can hold.
pub(super) fn check_dimensions(shape: &[usize]) -> Result<()> {
    if shape.len() <= MAX_TENSOR_RANK as usize {
        return Ok(());
    }
    Err(Error::new(
        Status::NotSupported,
        format!(
            "the array has {} dimensions, but its shape can be sent with {MAX_TENSOR_RANK} at most; reshape it",
            shape.len()
        ),
    ))
}

impl Description {
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn nbytes(&self) -> usize {
        self.len() * self.dtype.size()
    }

    /// The payload with this description, followed by `data` if that fits the `room` in the round.
    pub(super) fn encode(&self, data: &[u8], room: usize) -> Vec<u8> {
        let mut payload = vec![self.dtype.code() as u8, self.shape.len() as u8];
        push_extents(&mut payload, &self.shape);
        if payload.len() + data.len() <= room {
            payload.extend_from_slice(data);
        }
        payload
    }

    /// The description in a payload, and what follows it.
    pub(super) fn decode(payload: &[u8]) -> (Self, &[u8]) {
        let dtype = Dtype::from_code(payload[0].into()).expect("all ranks run the same version of dtl");
        let (shape, data) = take_extents(&payload[2..], payload[1].into());
        (Description { dtype, shape }, data)
    }

    /// This array in a sentence.
    pub(super) fn text(&self) -> String {
        format!("{} elements of {} with shape {:?}", self.len(), self.dtype.name(), self.shape)
    }
}

/// What the output of a rank other than the root accepts; what is not said is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expectation {
    dtype: Option<Dtype>,
    extents: Extents,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Extents {
    Any,
    Elements(usize),
    Shape(Vec<usize>),
    /// The shape, or as many elements in one dimension.
    Room(Vec<usize>),
}

/// In a payload: no particular data type.
const ANY_DTYPE: u8 = u8::MAX;
/// In a payload, in place of the number of dimensions: any extents, or only a number of elements.
const ANY_EXTENTS: u8 = u8::MAX;
const ELEMENTS: u8 = u8::MAX - 1;
/// Added to the number of dimensions of a room.
const ROOM: u8 = 64;

impl Expectation {
    pub(super) fn of(output: &dyn Output) -> Self {
        let sendable = |shape: &&[usize]| shape.len() <= MAX_TENSOR_RANK as usize;
        let room = output.shape_of_room().filter(sendable);
        let extents = match (output.expected_shape().filter(sendable), room, output.expected()) {
            (Some(shape), ..) => Extents::Shape(shape.to_vec()),
            (_, Some(room), _) => Extents::Room(room.to_vec()),
            (.., Some((_, elements))) => Extents::Elements(elements),
            _ => Extents::Any,
        };
        Expectation { dtype: output.expected_dtype(), extents }
    }

    /// Whether there is memory already, so that providing it cannot fail any more.
    pub(super) fn has_memory(&self) -> bool {
        self.extents != Extents::Any
    }

    pub(super) fn accepts(&self, description: &Description) -> bool {
        let extents = match &self.extents {
            Extents::Any => true,
            Extents::Elements(elements) => *elements == description.len(),
            Extents::Shape(shape) => *shape == description.shape,
            Extents::Room(shape) if description.shape.len() == 1 => {
                shape.iter().product::<usize>() == description.len()
            }
            Extents::Room(shape) => *shape == description.shape,
        };
        extents && self.dtype.is_none_or(|dtype| dtype == description.dtype)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let dtype = self.dtype.map_or(ANY_DTYPE, |dtype| dtype.code() as u8);
        let (form, extents) = match &self.extents {
            Extents::Any => (ANY_EXTENTS, &[][..]),
            Extents::Elements(elements) => (ELEMENTS, std::slice::from_ref(elements)),
            Extents::Shape(shape) => (shape.len() as u8, shape.as_slice()),
            Extents::Room(shape) => (shape.len() as u8 + ROOM, shape.as_slice()),
        };
        let mut payload = vec![dtype, form];
        push_extents(&mut payload, extents);
        payload
    }

    pub(super) fn decode(payload: &[u8]) -> Self {
        let extents = match payload[1] {
            ANY_EXTENTS => Extents::Any,
            ELEMENTS => Extents::Elements(take_extents(&payload[2..], 1).0[0]),
            dimensions @ ROOM.. => Extents::Room(take_extents(&payload[2..], (dimensions - ROOM).into()).0),
            dimensions => Extents::Shape(take_extents(&payload[2..], dimensions.into()).0),
        };
        Expectation { dtype: Dtype::from_code(payload[0].into()), extents }
    }

    /// What is accepted, in a sentence.
    pub(super) fn text(&self) -> String {
        let dtype = self.dtype.map_or(String::new(), |dtype| format!(" of {}", dtype.name()));
        match &self.extents {
            Extents::Any => format!("elements{dtype}"),
            Extents::Elements(elements) => format!("{elements} elements{dtype}"),
            Extents::Shape(shape) | Extents::Room(shape) => {
                format!("elements{dtype} with shape {shape:?}")
            }
        }
    }
}

fn push_extents(payload: &mut Vec<u8>, extents: &[usize]) {
    for extent in extents {
        payload.extend_from_slice(&(*extent as u64).to_le_bytes());
    }
}

fn take_extents(payload: &[u8], count: usize) -> (Vec<usize>, &[u8]) {
    let (extents, rest) = payload.split_at(count * 8);
    let number =
        |bytes: &[u8]| bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)) as usize;
    (extents.chunks(8).map(number).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::VecOutput;
    use crate::calls::round::PAYLOAD;

    #[test]
    fn descriptions_travel_with_data_that_fits() {
        for shape in [vec![], vec![3], vec![2, 0, 5], vec![1; 8]] {
            let description = Description { dtype: Dtype::Complex128, shape };
            for nbytes in [0, 16, 200] {
                let data = vec![7; nbytes];
                let payload = description.encode(&data, PAYLOAD);
                assert!(payload.len() <= PAYLOAD);
                let (decoded, rest) = Description::decode(&payload);
                assert_eq!(decoded, description);
                assert!(rest == data || (rest.is_empty() && nbytes == 200));
            }
        }
        assert_eq!(check_dimensions(&[1; 9]).unwrap_err().status(), Status::NotSupported);
    }

    #[test]
    fn expectations_accept_what_they_say() {
        let sent = Description { dtype: Dtype::Float32, shape: vec![2, 3] };
        let expectation = |dtype, extents| Expectation { dtype, extents };
        let accepted = [
            expectation(None, Extents::Any),
            expectation(Some(Dtype::Float32), Extents::Elements(6)),
            expectation(None, Extents::Shape(vec![2, 3])),
            expectation(None, Extents::Room(vec![2, 3])),
        ];
        let refused = [
            expectation(Some(Dtype::Float64), Extents::Any),
            expectation(Some(Dtype::Float32), Extents::Elements(5)),
            expectation(Some(Dtype::Float32), Extents::Shape(vec![3, 2])),
            expectation(Some(Dtype::Float32), Extents::Room(vec![3, 2])),
        ];
        for (expectations, accepts) in [(accepted, true), (refused, false)] {
            for expectation in expectations {
                let decoded = Expectation::decode(&expectation.encode());
                assert_eq!(decoded, expectation);
                assert_eq!(decoded.accepts(&sent), accepts, "{decoded:?}");
            }
        }
        let line = Description { dtype: Dtype::Float32, shape: vec![6] };
        assert!(expectation(None, Extents::Room(vec![3, 2])).accepts(&line));
        assert!(!expectation(None, Extents::Room(vec![3, 3])).accepts(&line));
        let vector = Expectation::of(&VecOutput::<i8>::new());
        assert_eq!(vector, expectation(Some(Dtype::Int8), Extents::Any));
    }
}
