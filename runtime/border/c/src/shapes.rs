//! Shapes of arrays, of which C passes the number of elements alone. Bindings of languages whose arrays have shapes say them
//! before they pass the arrays, or that they count dimensions the other way round; and what they say holds for one call.

use std::cell::RefCell;
use std::ops::Deref;

/// The most dimensions of an array in any language whose binding says shapes.
const MOST_DIMENSIONS: usize = 15;

/// The most arrays that one call passes.
const MOST_ARRAYS: usize = 4;

/// The extents of an array, the last dimension being that whose elements are adjacent.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    dimensions: usize,
    extents: [usize; MOST_DIMENSIONS],
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.extents[..self.dimensions]
    }
}

/// Where an array begins, and its shape.
type Said = (*const u8, Shape);

thread_local! {
    static SAID: RefCell<([Option<Said>; MOST_ARRAYS], usize)> = const { RefCell::new(([None; MOST_ARRAYS], 0)) };
}

/// Notes the shape of the array that begins at `start`. `extents` begin with the dimension whose elements are adjacent. More dimensions
/// than any array is known to have are no shape.
pub fn say(start: *const u8, extents: &[u64]) {
    if extents.len() > MOST_DIMENSIONS {
        return;
    }
    let mut shape = Shape { dimensions: extents.len(), extents: [0; MOST_DIMENSIONS] };
    for (extent, said) in shape.extents.iter_mut().zip(extents.iter().rev()) {
        *extent = *said as usize;
    }
    SAID.with_borrow_mut(|(said, next)| {
        said[*next % MOST_ARRAYS] = Some((start, shape));
        *next += 1;
    });
}

/// The shape that was said of the array that begins at `start` and has so many elements.
#[inline]
pub(crate) fn of(start: *const u8, count: usize) -> Option<Shape> {
    SAID.with_borrow(|(said, next)| {
        let mut said = said.iter().take(*next).flatten();
        said.find(|(of, shape)| *of == start && shape.iter().product::<usize>() == count)
            .map(|(_, shape)| *shape)
    })
}

/// The call for which something was said is over.
#[inline]
pub(crate) fn forget() {
    SAID.with_borrow_mut(|(_, next)| *next = 0);
    dtl::reverse_dimensions(false);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call;
    use dtl::Error;
    use dtl_types::Status;

    #[test]
    fn a_shape_is_that_of_an_array_and_holds_for_one_call() {
        let (array, other) = ([0.0_f64; 6], [0.0_f64; 6]);
        let (array, other) = (array.as_ptr().cast(), other.as_ptr().cast());
        for outcome in [Ok(()), Err(Error::new(Status::InvalidRank, "rank is 7"))] {
            say(array, &[2, 3]);
            say(other, &[]);
            assert_eq!(of(array, 6).as_deref(), Some([3, 2].as_slice()));
            assert_eq!(of(other, 1).as_deref(), Some([].as_slice()));
            assert!(of(array, 5).is_none() && of(other, 6).is_none());
            call::query(0, || Ok(1));
            assert!(of(array, 6).is_some());
            call::status(|| outcome);
            assert!(of(array, 6).is_none() && of(other, 1).is_none());
        }
    }

    #[test]
    fn any_number_of_arrays_and_dimensions_may_be_said() {
        let arrays = [0_u8; 9];
        for array in &arrays {
            say(array, &[1; MOST_DIMENSIONS + 1]);
            say(array, &[1, 1]);
        }
        assert_eq!(of(&arrays[8], 1).as_deref(), Some([1, 1].as_slice()));
        forget();
        say(&arrays[0], &[1; MOST_DIMENSIONS]);
        assert_eq!(of(&arrays[0], 1).as_deref(), Some([1; MOST_DIMENSIONS].as_slice()));
        forget();
    }
}
