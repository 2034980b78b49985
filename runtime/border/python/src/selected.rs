//! Which elements `get` and `set` mean by an integer or a slice. dtl selects elements by rising indices, so what a slice takes
//! backwards is turned around here; `item` has `container[i]`, which takes no slices.

use dtl::Error;
use dtl_types::{Dtype, Status};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::array_in::ArrayIn;
use crate::ndarray::copied;

/// Elements by their global indices, as dtl selects them.
#[derive(Debug, Clone, Copy)]
pub struct Selected {
    /// The lowest index.
    pub first: i64,
    /// Number of elements.
    pub count: u64,
    /// Distance between indices.
    pub step: u64,
    order: Order,
}

/// What the caller wrote.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    /// An integer.
    One,
    /// A slice.
    Rising,
    /// A slice with a negative step.
    Falling,
}

impl Selected {
    /// What `index` means in a container of `size` elements.
    pub fn of(index: &Bound<'_, PyAny>, name: &str, size: u64) -> Result<Self, Refusal> {
        match index.cast::<PySlice>() {
            Ok(slice) => Self::of_slice(slice, size),
            Err(_) => Self::of_integer(index, name, size),
        }
    }

    fn of_integer(index: &Bound<'_, PyAny>, name: &str, size: u64) -> Result<Self, Refusal> {
        if !index.hasattr("__index__")? {
            let message = format!("{name} is {}, but must be an integer or a slice.", shown(index));
            return Err(Refusal::wrong_type(message));
        }
        let cure = "There are fewer elements than that.";
        let given = integer::<i64>(index, name, Status::OutOfBounds, cure)?;
        // A container has fewer than 2^63 elements.
        let size = size as i64;
        if !(-size..size).contains(&given) {
            let message = match size {
                0 => format!("{name} is {given}, but there are no elements."),
                _ => format!(
                    "{name} is {given}, but there are {size} elements. Pass an integer from {} to {}.",
                    -size,
                    size - 1
                ),
            };
            return Err(Error::new(Status::OutOfBounds, message).into());
        }
        let first = if given < 0 { given + size } else { given };
        Ok(Selected { first, count: 1, step: 1, order: Order::One })
    }

    fn of_slice(slice: &Bound<'_, PySlice>, size: u64) -> Result<Self, Refusal> {
        let indices = slice.indices(size as isize)?;
        let (start, step, count) = (indices.start as i64, indices.step as i64, indices.slicelength as i64);
        let order = if step < 0 { Order::Falling } else { Order::Rising };
        if count == 0 {
            return Ok(Selected { first: 0, count: 0, step: 1, order });
        }
        let first = if step < 0 { start + (count - 1) * step } else { start };
        Ok(Selected { first, count: count as u64, step: step.unsigned_abs(), order })
    }

    /// The values for the elements, by rising indices: a number stands for all of them.
    pub fn values<'a>(
        &self,
        argument: &'a Bound<'_, PyAny>,
        name: &str,
        dtype: Dtype,
    ) -> Result<ArrayIn<'a>, Refusal> {
        let given = ArrayIn::of_dtype(argument, name, dtype)?;
        let (bytes, size) = (given.array().bytes(), given.dtype.size());
        let (shape, arranged) = if given.shape.is_empty() {
            ([self.count as usize].as_slice().into(), bytes.repeat(self.count as usize))
        } else if self.order == Order::Falling {
            (given.shape.clone(), bytes.chunks_exact(size).rev().flatten().copied().collect())
        } else {
            return Ok(given);
        };
        ArrayIn::of_bytes(argument.py(), given.dtype, shape, &arranged)
    }

    /// The elements that dtl has given, in the caller's order; one element as a scalar of NumPy.
    pub fn result(&self, elements: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let shown = match self.order {
            Order::One => elements.get_item(0)?,
            Order::Rising => elements,
            Order::Falling => {
                let backwards = PySlice::new(elements.py(), self.count as isize - 1, isize::MIN, -1);
                copied(&elements.get_item(backwards)?)?
            }
        };
        Ok(shown.unbind())
    }
}
