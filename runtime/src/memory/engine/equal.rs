//! Elements that equal a value: where the first of them is, and how many there are. Floating-point numbers are equal as IEEE 754 says: NaN
//! equals nothing, and -0.0 equals 0.0.

use crate::arithmetic::Arithmetic;
use crate::elements::dispatch;
use crate::execution::Workers;
use crate::scalar::Scalar;

/// How many elements are compared before it is asked whether any was equal, so that the compiler compares several at once.
const BLOCK: usize = 256;

/// How many elements one thread counts at least; no 32-bit number of them overflows.
const PART: usize = 1 << 16;

/// The place of the first element in the host's memory that equals `value`, whose type they have.
///
/// # Safety
/// There must be `count` aligned elements, to which nobody writes meanwhile.
pub(super) unsafe fn first(elements: *const u8, count: usize, value: Scalar) -> Option<usize> {
    dispatch!(reducible, value.dtype(),
    T => {
        let value = Scalar::read::<T>(value.bytes());
        // SAFETY: the caller guarantees the elements, in each of which any bytes are a stored value.
        let stored = unsafe { std::slice::from_raw_parts(elements.cast::<<T as Arithmetic>::Stored>(), count) };
        first_of(stored, |stored| T::load(stored) == value)
    },
    otherwise => {
        // SAFETY: the caller guarantees the elements, and what has no arithmetic is bytes.
        let bytes = unsafe { std::slice::from_raw_parts(elements, count) };
        first_of(bytes, |byte| byte == value.bytes()[0])
    })
}

/// The number of elements in the host's memory that equal `value`, whose type they have.
///
/// # Safety
/// As for [`first`].
pub(super) unsafe fn number(elements: *const u8, count: usize, value: Scalar, workers: Workers) -> usize {
    dispatch!(reducible, value.dtype(),
    T => {
        let value = Scalar::read::<T>(value.bytes());
        // SAFETY: the caller guarantees the elements, in each of which any bytes are a stored value.
        let stored = unsafe { std::slice::from_raw_parts(elements.cast::<<T as Arithmetic>::Stored>(), count) };
        number_of(workers, stored, |stored| T::load(stored) == value)
    },
    otherwise => {
        // SAFETY: the caller guarantees the elements, and what has no arithmetic is bytes.
        let bytes = unsafe { std::slice::from_raw_parts(elements, count) };
        number_of(workers, bytes, |byte| byte == value.bytes()[0])
    })
}

fn first_of<S: Copy>(elements: &[S], is_equal: impl Fn(S) -> bool) -> Option<usize> {
    let mut blocks = elements.chunks(BLOCK);
    let block = blocks.position(|block| block.iter().fold(false, |any, element| any | is_equal(*element)))?;
    let start = block * BLOCK;
    elements[start..].iter().position(|element| is_equal(*element)).map(|place| start + place)
}

fn number_of<S: Copy + Sync>(
    workers: Workers,
    elements: &[S],
    is_equal: impl Fn(S) -> bool + Copy + Sync + Send,
) -> usize {
    if elements.len() > PART {
        let (left, right) = elements.split_at(elements.len() / 2);
        let (left, right) = workers.both(
            size_of_val(elements),
            |workers| number_of(workers, left, is_equal),
            |workers| number_of(workers, right, is_equal),
        );
        return left + right;
    }
    elements.iter().map(|element| u32::from(is_equal(*element))).sum::<u32>() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_and_counted() {
        for count in [0, 1, 255, 256, 257, 1000] {
            let mut elements = vec![0_u32; count];
            let of = |elements: &[u32], value: u32| {
                let start = elements.as_ptr().cast();
                // SAFETY: these are the elements of a slice.
                unsafe {
                    let first = first(start, elements.len(), Scalar::of(value));
                    (first, number(start, elements.len(), Scalar::of(value), Workers::ONE))
                }
            };
            assert_eq!(of(&elements, 7), (None, 0));
            for place in (0..count).rev() {
                elements[place] = 7;
                assert_eq!(of(&elements, 7), (Some(place), count - place));
            }
        }
    }
}
