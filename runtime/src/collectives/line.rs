//! An array that goes from each rank to the next, and that a function of the caller combines with the array of each. Used by
//! `functions.rs`.

use super::functions::NOTHING;
use crate::array::{Array, ArrayMut};
use crate::callbacks::Combiner;
use crate::calls::Call;
use crate::comm::transport::Place;
use crate::computing::call_function;
use crate::context;
use crate::element::Element;
use crate::elements::dispatch;
use crate::error::{Error, Result};
use dtl_types::{Dtype, Status};

/// The line of ranks as one of them sees it.
pub(super) struct Line<'a> {
    input: Array<'a>,
    /// What the ranks below this one have given.
    below: Parcel,
    /// The same combined with the array of this rank.
    through: Parcel,
    rank: usize,
    size: usize,
}

impl<'a> Line<'a> {
    /// The line before anything has moved.
    pub(super) fn new(input: Array<'a>) -> Result<Self> {
        let (below, through) = (Parcel::new(input.nbytes())?, Parcel::new(input.nbytes())?);
        Ok(Line { input, below, through, rank: 0, size: 1 })
    }

    /// Goes along all ranks; an error on every rank if the function has failed on one. The last rank combines only if `to_the_end`.
    pub(super) async fn go(&mut self, call: &Call<'_>, func: &Combiner<'_>, to_the_end: bool) -> Result<()> {
        call.assert_agreed(self.input.dtype(), self.input.len());
        call.agree().await?;
        self.rank = context::rank(call.context()) as usize;
        self.size = context::size(call.context()) as usize;
        let mut outcome = Ok(());
        if self.rank == 0 {
            self.through.store(self.input.bytes());
        }
        for next in 1..self.size {
            self.pass(call, next).await?;
            if self.rank != next {
                continue;
            }
            if self.below.has_failed() {
                self.through.fail();
            } else if to_the_end || next < self.last() {
                let (dtype, shape) = (self.input.dtype(), self.input.shape());
                outcome = combine(func, self.below.array(0, dtype, shape), self.input, &mut self.through);
                if outcome.is_err() {
                    self.through.fail();
                }
            }
        }
        call.agree_to_go_on(outcome).await
    }

    /// Takes what the rank before `next` has to that one.
    async fn pass(&mut self, call: &Call<'_>, next: usize) -> Result<()> {
        let bytes = self.through.whole();
        let (mut send, mut receive) = (vec![NOTHING; self.size], vec![NOTHING; self.size]);
        if self.rank + 1 == next {
            send[next] = Place { start: self.through.as_mut_ptr(), bytes };
        }
        if self.rank == next {
            receive[next - 1] = Place { start: self.below.as_mut_ptr(), bytes };
        }
        // SAFETY: both parcels have as many bytes as each other, as all ranks agree on data type and count.
        unsafe { call.transfer_blocks(bytes, &send, &receive).await }
    }

    /// The number of this rank.
    pub(super) fn rank(&self) -> usize {
        self.rank
    }

    /// The number of the last rank.
    pub(super) fn last(&self) -> usize {
        self.size - 1
    }

    /// The elements of the ranks below this one, combined.
    pub(super) fn below(&self) -> &[u8] {
        self.below.bytes()
    }

    /// The elements of the ranks up to this one, combined.
    pub(super) fn through(&self) -> &[u8] {
        self.through.bytes()
    }
}

/// Room for the elements of an array, aligned for all types of elements, and behind them a byte that says whether the function has
/// failed on the way.
pub(super) struct Parcel {
    words: Vec<u128>,
    nbytes: usize,
}

impl Parcel {
    /// Room for `nbytes` bytes of elements.
    pub(super) fn new(nbytes: usize) -> Result<Self> {
        let count = nbytes / size_of::<u128>() + 1;
        let mut words = Vec::new();
        words.try_reserve_exact(count).map_err(|_| {
            Error::new(
                Status::OutOfMemory,
                format!("no memory for {nbytes} bytes that the function combines; pass a smaller array"),
            )
        })?;
        words.resize(count, 0);
        Ok(Parcel { words, nbytes })
    }

    /// How many bytes there are with the one behind the elements.
    fn whole(&self) -> usize {
        self.nbytes + 1
    }

    /// The first byte.
    pub(super) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.words.as_mut_ptr().cast()
    }

    fn all_bytes(&self) -> &[u8] {
        // SAFETY: the words have room for one byte more than the elements, and every pattern is a byte.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.whole()) }
    }

    fn all_bytes_mut(&mut self) -> &mut [u8] {
        let whole = self.whole();
        // SAFETY: the words have room for one byte more than the elements, are borrowed mutably, and may hold any pattern
        // of bytes.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), whole) }
    }

    /// The bytes of the elements.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.all_bytes()[..self.nbytes]
    }

    /// Fills it with elements.
    pub(super) fn store(&mut self, elements: &[u8]) {
        let nbytes = self.nbytes;
        self.all_bytes_mut()[..nbytes].copy_from_slice(elements);
    }

    fn has_failed(&self) -> bool {
        self.all_bytes()[self.nbytes] != 0
    }

    fn fail(&mut self) {
        let nbytes = self.nbytes;
        self.all_bytes_mut()[nbytes] = 1;
    }

    /// The array that begins at byte `offset`.
    pub(super) fn array<'s>(&'s self, offset: usize, dtype: Dtype, shape: &'s [usize]) -> Array<'s> {
        let nbytes = shape.iter().product::<usize>() * dtype.size();
        let elements = &self.bytes()[offset..][..nbytes];
        // SAFETY: as many bytes as the elements take, borrowed as long as the array.
        unsafe { Array::from_raw(elements.as_ptr(), dtype, shape) }
    }
}

/// Has the function combine `a` and `b`, which have one data type and shape. Nothing is called for arrays without elements.
pub(super) fn combine(func: &Combiner<'_>, a: Array<'_>, b: Array<'_>, into: &mut Parcel) -> Result<()> {
    if a.is_empty() {
        return Ok(());
    }
    // SAFETY: the parcel has room for an array like `a`, and is borrowed until the function returns.
    let combined = unsafe { ArrayMut::from_raw(into.as_mut_ptr(), a.dtype(), a.shape()) };
    let outcome = call_function(Status::ReduceFailed, "combines", || func(a, b, combined));
    // Other languages store any byte for true.
    let nbytes = into.nbytes;
    let elements = &mut into.all_bytes_mut()[..nbytes];
    dispatch!(reducible, a.dtype(), T => <T as Element>::sanitize(elements), otherwise => ());
    outcome
}
