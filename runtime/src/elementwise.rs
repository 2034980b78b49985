//! Functions of the caller that are passed one element at a time. An algorithm hands such a function many elements at once, so that
//! what a call costs in each language (the interpreter's lock, a conversion) is paid once for all of them, and a closure of Rust
//! becomes a loop that the compiler sees whole. `generated/rust/callbacks.rs` makes what algorithms call from such closures.

use crate::array::{Array, ArrayMut};
use crate::element::Element;
use crate::error::Result;
use std::marker::PhantomData;

/// The global indices of elements that follow each other in memory: `first`, `first + step`, ...
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indices {
    /// That of the first element.
    pub first: u64,
    /// The distance from one to the next.
    pub step: u64,
}

impl Indices {
    /// The index of the element at this place.
    #[inline]
    pub fn at(self, place: usize) -> u64 {
        self.first + place as u64 * self.step
    }
}

/// What a function of the caller gives: a value, or a `Result` with one where the function can fail. Its error is one of the operation
/// that calls it, on every rank.
pub trait Outcome<T> {
    /// The value, or the failure.
    fn outcome(self) -> Result<T>;
}

impl<T> Outcome<T> for T {
    #[inline]
    fn outcome(self) -> Result<T> {
        Ok(self)
    }
}

impl<T> Outcome<T> for Result<T> {
    #[inline]
    fn outcome(self) -> Result<T> {
        self
    }
}

/// Elements that are read one by one. Others may be written meanwhile, or the same ones: a result may be where its input is.
pub(crate) struct Elements<'a, T> {
    start: *const T,
    count: usize,
    array: PhantomData<Array<'a>>,
}

impl<'a, T: Element> Elements<'a, T> {
    /// Panics unless they are of type `T`.
    pub(crate) fn of(array: Array<'a>) -> Self {
        assert_eq!(array.dtype(), T::DTYPE, "the elements have another type");
        Elements { start: array.as_ptr().cast(), count: array.len(), array: PhantomData }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(crate) fn get(&self, place: usize) -> T {
        assert!(place < self.count, "there are fewer elements");
        // SAFETY: the array is readable for `count` elements of type `T`, which borders and containers store with bytes that it may have.
        unsafe { self.start.add(place).read_unaligned() }
    }
}

/// Elements that are written one by one.
pub(crate) struct ElementsMut<'a, T> {
    start: *mut T,
    count: usize,
    array: PhantomData<ArrayMut<'a>>,
}

impl<'a, T: Element> ElementsMut<'a, T> {
    /// Panics unless they are of type `T`.
    pub(crate) fn of(mut array: ArrayMut<'a>) -> Self {
        assert_eq!(array.dtype(), T::DTYPE, "the elements have another type");
        ElementsMut { start: array.as_mut_ptr().cast(), count: array.len(), array: PhantomData }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    #[inline]
    pub(crate) fn set(&mut self, place: usize, value: T) {
        assert!(place < self.count, "there are fewer elements");
        // SAFETY: the array is writable for `count` elements of type `T`.
        unsafe { self.start.add(place).write_unaligned(value) }
    }

    /// Lets `change` change an element.
    #[inline]
    pub(crate) fn change<R>(&mut self, place: usize, change: impl FnOnce(&mut T) -> R) -> R {
        assert!(place < self.count, "there are fewer elements");
        // SAFETY: the array is readable and writable for `count` elements of type `T`, which need not be aligned.
        let mut element = unsafe { self.start.add(place).read_unaligned() };
        let result = change(&mut element);
        self.set(place, element);
        result
    }
}
