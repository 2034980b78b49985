//! Arrays, which C passes as an address, a number of elements and an element type: those that are read ([`Input`]) and
//! those that receive a result ([`CallerBuffer`]).

use std::ffi::c_void;

use dtl::array::{Array, Lent};
use dtl::{ArrayMut, Error, Output, Result};
use dtl_types::{Dtype, SpecEnum, Status};

use crate::dimensions::size;
use crate::results::null;
use crate::shapes::{self, Shape};

/// How many elements an array has: `n`, or `n` for each rank.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    name: &'static str,
    shape: [usize; 2],
    per_rank: bool,
}

impl Count {
    /// One element, of which C passes no count.
    pub const ONE: Self = Count { name: "result", shape: [1, 1], per_rank: false };

    /// `count` elements; `name` is the C parameter that says so.
    pub fn of(name: &'static str, count: u64) -> Result<Self> {
        Self::new(name, 1, count, false)
    }

    /// As many elements as a shape has; `name` is the C parameter that says so.
    pub fn of_extents(name: &'static str, extents: &[u64]) -> Result<Self> {
        Self::of(name, size(extents))
    }

    /// `count` elements for each of `ranks` ranks; `name` is the C parameter that says so.
    pub fn per_rank(name: &'static str, count: u64, ranks: i32) -> Result<Self> {
        Self::new(name, ranks as u64, count, true)
    }

    /// As many elements as reach to the end of every rank's block, unless the array does not count on this rank.
    pub fn of_blocks(
        (name, counts): (&'static str, Option<&[u64]>),
        (displs_name, displs): (&'static str, Option<&[u64]>),
        is_read: bool,
    ) -> Result<Self> {
        let counts = match counts {
            Some(counts) => counts,
            None if is_read => return Err(null(name, "a number for each rank")),
            None => return Self::of(name, 0),
        };
        let mut end = 0_u64;
        for (rank, count) in counts.iter().enumerate() {
            let first = match displs {
                Some(displs) => displs[rank],
                None => end,
            };
            let last = first.checked_add(*count).ok_or_else(|| too_many(displs_name, first))?;
            end = end.max(last);
        }
        Self::of(name, end)
    }

    fn new(name: &'static str, ranks: u64, count: u64, per_rank: bool) -> Result<Self> {
        // No element is larger than 16 bytes, so that the number of bytes cannot overflow either.
        let total = count.checked_mul(ranks).filter(|total| *total <= isize::MAX as u64 / 16);
        let shape = [ranks as usize, count as usize];
        total.map(|_| Self { name, shape, per_rank }).ok_or_else(|| too_many(name, count))
    }

    fn shape(&self) -> &[usize] {
        if self.per_rank { &self.shape } else { &self.shape[1..] }
    }

    fn total(&self) -> usize {
        self.shape[0] * self.shape[1]
    }
}

#[cold]
fn too_many(name: &str, count: u64) -> Error {
    let cure = "pass the number of elements of the array, 0 or more";
    Error::new(Status::InvalidArgument, format!("{name} is {count}, more than any memory holds; {cure}"))
}

/// An array of the caller that is read.
#[derive(Debug)]
pub struct Input {
    start: *const u8,
    dtype: Dtype,
    count: Count,
    shape: Option<Shape>,
}

impl Input {
    /// The array that starts at `start`, which may be null only if it has no elements.
    ///
    /// # Safety
    /// Unless it is null, `start` must be readable for all its elements until the call returns or, if it
    /// issues an operation, until that is over.
    pub unsafe fn at(name: &str, start: *const c_void, count: Count, dtype: Dtype) -> Result<Self> {
        if start.is_null() && count.total() > 0 {
            return Err(null(name, &elements(&count)));
        }
        Ok(Self { start: start.cast(), dtype, count, shape: None })
    }

    /// The array with its shape, if that was said. Where there is a part for each rank, a shape without a dimension for the ranks
    /// says nothing.
    #[inline]
    pub fn shaped(self) -> Self {
        let said = shapes::of(self.start, self.count.total());
        let fits = |shape: &Shape| !self.count.per_rank || shape.first() == Some(&self.count.shape[0]);
        Self { shape: said.filter(fits), ..self }
    }

    /// The same where it is read; elsewhere anything may be passed, and there is no array.
    ///
    /// # Safety
    /// Where it is read and not null, `start` must be readable for all its elements until the call returns or, if it
    /// issues an operation, until that is over.
    pub unsafe fn at_if(
        is_read: bool,
        name: &str,
        start: *const c_void,
        count: Count,
        dtype: Dtype,
    ) -> Result<Option<Self>> {
        // SAFETY: where the array is read, `start` is null or readable for all its elements for as long as `at` demands,
        // which the caller guarantees.
        is_read.then(|| unsafe { Self::at(name, start, count, dtype) }).transpose()
    }

    /// Its address and number of bytes.
    pub fn extent(&self) -> (usize, usize) {
        (self.start as usize, self.count.total() * self.dtype.size())
    }

    /// The array for an operation that goes on after the call. Nobody here keeps its memory: C programs promise to.
    pub fn lend(self) -> Lent {
        let (shape, is_known) = self.extents();
        // SAFETY: the constructors demand memory that is readable until the operation is over.
        let lent = unsafe { Lent::from_raw(self.start, self.dtype, shape.into(), Box::new(())) };
        if is_known { lent } else { lent.of_unknown_shape() }
    }

    /// The array for the runtime.
    #[inline]
    pub fn array(&self) -> Array<'_> {
        let (shape, is_known) = self.extents();
        // SAFETY: the constructors demand memory that is readable until the call returns, and it ends after this value.
        let array = unsafe { Array::from_raw(self.start, self.dtype, shape) };
        if is_known { array } else { array.of_unknown_shape() }
    }

    /// The extents with which the runtime sees it, and whether the caller knows of them.
    #[inline]
    fn extents(&self) -> (&[usize], bool) {
        self.shape.as_ref().map_or((self.count.shape(), false), |shape| (shape, true))
    }
}

/// An array of the caller that receives a result.
#[derive(Debug)]
pub struct CallerBuffer {
    name: &'static str,
    start: *mut u8,
    dtype: Dtype,
    count: Count,
    shape: Option<Shape>,
}

impl CallerBuffer {
    /// The array that starts at `start`. Only where the rank receives nothing may it be null.
    ///
    /// # Safety
    /// Unless it is null or the rank receives nothing, `start` must be readable and writable for all its elements until
    /// the call returns or, if it issues an operation, until that is over; nobody else may use that memory meanwhile.
    pub unsafe fn at(
        name: &'static str,
        start: *mut c_void,
        count: Count,
        dtype: Dtype,
        receives: bool,
    ) -> Result<Self> {
        if receives && start.is_null() && count.total() > 0 {
            return Err(null(name, &elements(&count)));
        }
        // A rank that receives nothing may pass anything; null makes sure that nothing is written there.
        let start = if receives { start.cast() } else { std::ptr::null_mut() };
        Ok(Self { name, start, dtype, count, shape: None })
    }

    /// The array with its shape, if that was said and has several dimensions: an array of one takes elements in their order.
    #[inline]
    pub fn shaped(self) -> Self {
        let said = shapes::of(self.start, self.count.total());
        Self { shape: said.filter(|shape| shape.len() > 1), ..self }
    }

    /// Refuses memory that is also, in part, that of `input`: a result may replace its input, but not half of it.
    pub fn apart_from(self, input_name: &str, input: Option<&Input>) -> Result<Self> {
        let Some(input) = input else { return Ok(self) };
        let theirs = input.extent();
        if !self.overlaps(theirs) || self.extent() == theirs {
            return Ok(self);
        }
        let cure = "pass arrays that are the same or have no element in common";
        Err(Error::new(
            Status::InvalidArgument,
            format!("{} and {input_name} overlap in part; {cure}", self.name),
        ))
    }

    /// Refuses memory of which any is that of another array, which begins at an address and has so many bytes: for the second array of
    /// a result, which replaces nothing.
    pub fn nowhere_in(self, other_name: &str, other: (usize, usize)) -> Result<Self> {
        if !self.overlaps(other) {
            return Ok(self);
        }
        Err(Error::new(
            Status::InvalidArgument,
            format!("{} and {other_name} overlap; pass arrays that have no element in common", self.name),
        ))
    }

    /// Its address and number of bytes.
    pub fn extent(&self) -> (usize, usize) {
        (self.start as usize, self.count.total() * self.dtype.size())
    }

    fn overlaps(&self, theirs: (usize, usize)) -> bool {
        let ours = self.extent();
        let apart = ours.0 + ours.1 <= theirs.0 || theirs.0 + theirs.1 <= ours.0;
        !(apart || self.start.is_null() || ours.1 == 0 || theirs.1 == 0)
    }
}

// SAFETY: the memory is only used by the operation that has this value, in whichever thread it goes on; `at` demands that nobody
// else uses it.
unsafe impl Send for CallerBuffer {}

impl Output for CallerBuffer {
    fn expected(&self) -> Option<(Dtype, usize)> {
        Some((self.dtype, self.count.total()))
    }

    fn shape_of_room(&self) -> Option<&[usize]> {
        self.shape.as_deref()
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        let count: usize = shape.iter().product();
        let Self { name, .. } = self;
        if dtype != self.dtype {
            let (result, passed) = (dtype.name(), self.dtype.name());
            let text = format!(
                "{name} is an array of {passed}, but the result is of {result}; pass an array of {result}"
            );
            return Err(Error::new(Status::InvalidArgument, text));
        }
        if count != self.count.total() {
            let passed = self.count.total();
            let text =
                format!("{name} has {passed} elements ({}), but the result has {count}", self.count.name);
            return Err(Error::new(
                Status::ExtentMismatch,
                format!("{text}; pass an array of {count} elements"),
            ));
        }
        if self.start.is_null() && count > 0 {
            return Err(null(name, &elements(&self.count)));
        }
        // SAFETY: `at` demands writable memory for these elements, or the pointer would be null.
        Ok(unsafe { ArrayMut::from_raw(self.start, dtype, shape) })
    }
}

fn elements(count: &Count) -> String {
    format!("an array of {} elements, as {} says", count.total(), count.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const F64: Dtype = Dtype::Float64;

    fn count(count: u64) -> Count {
        Count::of("count", count).expect("the count is small")
    }

    fn input(values: &[f64]) -> Input {
        // SAFETY: the tests keep the values while the input is used.
        unsafe { Input::at("sendbuf", values.as_ptr().cast(), count(values.len() as u64), F64) }
            .expect("not null")
    }

    fn buffer(values: &mut [f64]) -> CallerBuffer {
        // SAFETY: the tests keep the values while the buffer is used.
        unsafe {
            CallerBuffer::at("recvbuf", values.as_mut_ptr().cast(), count(values.len() as u64), F64, true)
        }
        .expect("not null")
    }

    #[test]
    fn a_negative_count_is_not_a_large_one() {
        let error = Count::of("count", -3_i64 as u64).expect_err("it was negative");
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(Count::per_rank("count", u64::MAX / 2, 4).is_err());
    }

    #[test]
    fn null_is_an_array_of_no_elements_only() {
        let at = |count| {
            // SAFETY: a null pointer is not read.
            unsafe { Input::at("sendbuf", std::ptr::null(), count, F64) }
        };
        assert_eq!(at(count(0)).expect("nothing is read").array().len(), 0);
        let error = at(count(3)).expect_err("three elements are missing");
        assert_eq!(
            error.message(),
            "sendbuf is null; pass the address of an array of 3 elements, as count says"
        );
    }

    #[test]
    fn counts_per_rank_give_one_row_for_each_rank() {
        let count = Count::per_rank("sendcount", 3, 2).expect("the count is small");
        let values = [0.0_f64; 6];
        // SAFETY: six values are there.
        let rows = unsafe { Input::at("sendbuf", values.as_ptr().cast(), count, F64) }.expect("not null");
        assert_eq!((rows.array().shape(), rows.array().known_shape()), ([2, 3].as_slice(), None));
    }

    #[test]
    fn a_result_must_fit_exactly() {
        let mut values = [0.0; 3];
        let mut buffer = buffer(&mut values);
        assert_eq!(buffer.provide(F64, &[3]).expect("it fits").len(), 3);
        assert_eq!(buffer.provide(F64, &[2]).expect_err("one too many").status(), Status::ExtentMismatch);
        assert_eq!(
            buffer.provide(Dtype::Int64, &[3]).expect_err("no float64").status(),
            Status::InvalidArgument
        );
    }

    #[test]
    fn a_result_may_replace_its_input_but_not_half_of_it() {
        let mut values = [0.0; 4];
        let (same, half) = (input(&values), input(&values[2..]));
        assert!(buffer(&mut values).apart_from("sendbuf", Some(&same)).is_ok());
        assert!(buffer(&mut values).apart_from("sendbuf", Some(&half)).is_err());
        assert!(buffer(&mut values[..2]).apart_from("sendbuf", Some(&half)).is_ok());
    }

    #[test]
    fn nothing_is_written_on_a_rank_that_receives_nothing() {
        let mut values = [0.0; 3];
        // SAFETY: the buffer says that this rank receives nothing.
        let ignored =
            unsafe { CallerBuffer::at("recvbuf", values.as_mut_ptr().cast(), count(3), F64, false) };
        let error =
            ignored.expect("anything may be passed").provide(F64, &[3]).map(|_| ()).expect_err("no memory");
        assert_eq!(error.status(), Status::NullPointer);
    }
}
