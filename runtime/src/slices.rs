//! How the typed Rust surface passes slices: as arrays going in, which have a number of elements and no shape, and as the memory
//! that a result goes into; and vectors, where an operation goes on after the call.

use crate::array::{Array, ArrayMut, Lent, Output};
use crate::element::Element;
use crate::error::{Error, Result};
use dtl_types::{Dtype, Status};
use std::marker::PhantomData;

/// A slice as an array; the product of `shape` must be the length of the slice.
pub(crate) fn array<'a, T: Element>(values: &'a [T], shape: &'a [usize]) -> Array<'a> {
    debug_assert_eq!(values.len(), shape.iter().product::<usize>());
    // SAFETY: the slice is readable for its length, which is that of the shape, and borrowed for 'a.
    unsafe { Array::from_raw(values.as_ptr().cast(), T::DTYPE, shape) }.of_unknown_shape()
}

/// The shape of `length` elements that hold one row for each of `size` ranks; one dimension, which the operation refuses,
/// when the ranks' rows would not be equally long.
pub(crate) fn rows(length: usize, size: i32) -> Vec<usize> {
    let size = size as usize;
    if length.is_multiple_of(size) { vec![size, length / size] } else { vec![length] }
}

/// One slice as both the input and the output of an operation.
pub(crate) fn in_place<'a, T: Element>(
    values: &'a mut [T],
    shape: &'a [usize],
) -> (Array<'a>, SliceOutput<'a, T>) {
    // SAFETY: the slice is readable for its length; the operation may be given the same memory as input and output.
    let input = unsafe { Array::from_raw(values.as_ptr().cast(), T::DTYPE, shape) }.of_unknown_shape();
    (input, SliceOutput::new(values))
}

/// A slice of the caller that a result goes into.
#[derive(Debug)]
pub struct SliceOutput<'a, T> {
    start: *mut T,
    length: usize,
    memory: PhantomData<&'a mut [T]>,
}

impl<'a, T: Element> SliceOutput<'a, T> {
    /// An output that fills `values`.
    pub fn new(values: &'a mut [T]) -> Self {
        Self { start: values.as_mut_ptr(), length: values.len(), memory: PhantomData }
    }
}

impl<T: Element> Output for SliceOutput<'_, T> {
    fn expected(&self) -> Option<(Dtype, usize)> {
        Some((T::DTYPE, self.length))
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        // SAFETY: the slice is borrowed mutably for longer than 'a.
        unsafe { provided::<T>(self.start, self.length, dtype, shape) }
    }
}

/// A vector that is both the input and the output of an operation that goes on after the call.
pub(crate) fn lent_in_place<T: Element>(values: Vec<T>) -> (Lent, VecBuffer<T>) {
    let (start, shape) = (values.as_ptr().cast(), Box::new([values.len()]));
    // SAFETY: the operation owns both, and drops none of them before it is over; moving a vector leaves its elements where they are.
    let input = unsafe { Lent::from_raw(start, T::DTYPE, shape, Box::new(())) }.of_unknown_shape();
    (input, VecBuffer { values })
}

/// A vector of the caller that a result goes into.
#[derive(Debug)]
pub struct VecBuffer<T> {
    values: Vec<T>,
}

impl<T: Element> VecBuffer<T> {
    /// The vector.
    pub(crate) fn into_vec(self) -> Vec<T> {
        self.values
    }
}

impl<T: Element> Output for VecBuffer<T> {
    fn expected(&self) -> Option<(Dtype, usize)> {
        Some((T::DTYPE, self.values.len()))
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        // SAFETY: the vector is borrowed mutably during 'a.
        unsafe { provided::<T>(self.values.as_mut_ptr(), self.values.len(), dtype, shape) }
    }
}

/// The caller's memory for a result that fits into it exactly.
///
/// # Safety
/// The memory must be writable for `length` elements during 'a, and nobody else may use it.
unsafe fn provided<'a, T: Element>(
    start: *mut T,
    length: usize,
    dtype: Dtype,
    shape: &'a [usize],
) -> Result<ArrayMut<'a>> {
    if dtype != T::DTYPE {
        let (status, wanted) = (Status::InvalidArgument, T::DTYPE);
        return Err(Error::new(
            status,
            format!("out has the element type {wanted}, but the result is {dtype}. Pass a slice of {dtype}."),
        ));
    }
    let count: usize = shape.iter().product();
    if count != length {
        return Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "out has {length} elements, but the result has {count}. Pass a slice of {count} elements."
            ),
        ));
    }
    // SAFETY: the caller guarantees that `start` is writable for `length` elements, which are `count`. Data received as
    // bool is 0 or 1, because every language's border stores only these.
    Ok(unsafe { ArrayMut::from_raw(start.cast(), dtype, shape) })
}
