//! The shapes of arrays as ranks compare them: a number made of the shape has room in the header of a call; the extents are told when
//! these numbers differ.

use dtl_types::constants::MAX_TENSOR_RANK;

/// How many extents the ranks tell each other, for a message.
const TOLD: usize = MAX_TENSOR_RANK as usize;

/// Which part of an array's shape the ranks must pass alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// All dimensions.
    Whole,
    /// All but the first.
    Row,
}

/// The shape of an array that one rank passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape<'a> {
    pub(super) compared: Compared,
    /// What stands for it where ranks compare it.
    pub(super) number: u64,
    extents: &'a [usize],
}

/// What stands for the shape of an array of which only the number of elements is known. It agrees with every shape.
pub(super) const UNKNOWN: u64 = 0;

/// Odd, with as many bits set as not: a product with it spreads what is small over all bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What stands for a shape where ranks compare them.
#[inline]
fn number_of(extents: &[usize]) -> u64 {
    let start = extents.len() as u64 + 1;
    let number = extents.iter().fold(start.wrapping_mul(SPREAD), |number, extent| {
        (number ^ *extent as u64).rotate_left(29).wrapping_mul(SPREAD)
    });
    number.max(UNKNOWN + 1)
}

impl<'a> Shape<'a> {
    /// The part of a shape that is compared; none where it is not known.
    #[inline]
    pub(super) fn new(compared: Compared, extents: Option<&'a [usize]>) -> Self {
        let (number, extents) = extents.map_or((UNKNOWN, [].as_slice()), |known| (number_of(known), known));
        Shape { compared, number, extents }
    }

    /// The numbers by which other ranks learn of it: how many extents there are, and the first of them.
    pub(super) fn told(&self) -> [i64; 1 + TOLD] {
        let mut told = [0; 1 + TOLD];
        told[0] = self.extents.len() as i64;
        told[1..].iter_mut().zip(self.extents).for_each(|(place, extent)| *place = *extent as i64);
        told
    }

    /// What [`Shape::told`] says, as Python writes it.
    pub(super) fn in_words(told: &[i64]) -> String {
        let (dimensions, first) =
            told.split_first().map_or((0, told), |(count, first)| (*count as usize, first));
        let extents: Vec<String> = first.iter().take(dimensions).map(i64::to_string).collect();
        match (dimensions, dimensions > first.len()) {
            (1, _) => format!("({},)", extents[0]),
            (_, true) => format!("({}, ...)", extents.join(", ")),
            _ => format!("({})", extents.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn words(extents: &[usize]) -> String {
        Shape::in_words(&Shape::new(Compared::Whole, Some(extents)).told())
    }

    #[test]
    fn shapes_are_written_as_python_does() {
        let cases: [(&[usize], &str); 4] =
            [(&[], "()"), (&[3], "(3,)"), (&[2, 0], "(2, 0)"), (&[1; 8], "(1, 1, 1, 1, 1, 1, 1, 1)")];
        for (extents, text) in cases {
            assert_eq!(words(extents), text);
        }
        assert_eq!(words(&[2; 9]), "(2, 2, 2, 2, 2, 2, 2, 2, ...)");
    }

    #[test]
    fn different_shapes_have_different_numbers() {
        let mut numbers = HashSet::from([UNKNOWN, number_of(&[])]);
        let mut shapes = 2;
        for a in 0..64 {
            shapes += 1;
            numbers.insert(number_of(&[a]));
            for b in 0..64 {
                shapes += 1;
                numbers.insert(number_of(&[a, b]));
                for c in 0..32 {
                    shapes += 1;
                    numbers.insert(number_of(&[a, b, c]));
                }
            }
        }
        assert_eq!(numbers.len(), shapes);
    }
}
