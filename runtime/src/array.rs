//! How arrays cross the border of the runtime: borrowed memory with a data type and a shape going in ([`Array`]; [`Lent`] where it
//! is read after the call), and a place that makes or finds memory for what comes out ([`Output`]). Nothing here allocates for an operation: each
//! language's glue brings its own arrays, and [`VecOutput`] is the one for Rust.

use crate::element::Element;
use crate::error::{Error, Result};
use crate::memory::Kind;
use dtl_types::{Dtype, SpecEnum, Status};
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

/// A borrowed input: contiguous elements in C order, of any alignment. It may be the very same memory as the output of
/// the operation it is passed to, but must not overlap it in part.
#[derive(Debug, Clone, Copy)]
pub struct Array<'a> {
    start: *const u8,
    dtype: Dtype,
    shape: &'a [usize],
    has_known_shape: bool,
    kind: Kind,
    memory: PhantomData<&'a [u8]>,
}

impl<'a> Array<'a> {
    /// The array of this shape that starts at `start`.
    ///
    /// # Safety
    /// `start` must be readable for the product of `shape` elements of `dtype` during `'a` (it may be anything when
    /// there are none), and nobody but the operation it is passed to may write there meanwhile.
    pub unsafe fn from_raw(start: *const u8, dtype: Dtype, shape: &'a [usize]) -> Self {
        Array { start, dtype, shape, has_known_shape: true, kind: Kind::Host, memory: PhantomData }
    }

    /// The same array, in memory of this kind: the address that it was made from is one there.
    pub fn in_memory(self, kind: Kind) -> Self {
        Array { kind, ..self }
    }

    /// The kind of memory that it is in. Operations ask for it first (`check::memory`), so that all behind them is in the host's.
    #[inline]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The same elements, of which the caller has said only how many there are: where ranks compare shapes, this one agrees with
    /// every shape of so many elements.
    pub fn of_unknown_shape(self) -> Self {
        Array { has_known_shape: false, ..self }
    }

    /// The shape, if the caller has said it.
    #[inline]
    pub fn known_shape(&self) -> Option<&'a [usize]> {
        self.has_known_shape.then_some(self.shape)
    }

    /// A slice as an array of the given shape; the shape's product must be the length of the slice.
    pub fn from_slice<T: Element>(values: &'a [T], shape: &'a [usize]) -> Result<Self> {
        if values.len() != shape.iter().product::<usize>() {
            return Err(Error::new(
                Status::ExtentMismatch,
                format!("a slice of {} elements cannot have the shape {shape:?}", values.len()),
            ));
        }
        // SAFETY: the slice is readable for its length, borrowed for 'a.
        Ok(unsafe { Array::from_raw(values.as_ptr().cast(), T::DTYPE, shape) })
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The extent of each dimension; empty for a single value.
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// Whether it has this shape, or may have: as many elements, where only their number is known.
    pub fn fits(&self, shape: &[usize]) -> bool {
        self.known_shape().map_or_else(|| self.len() == shape.iter().product(), |known| known == shape)
    }

    /// An error unless the elements have the data type `wanted`, which those of `holder` have: "the container holds".
    pub(crate) fn check_dtype(&self, argument: &str, wanted: Dtype, holder: &str) -> Result<()> {
        if self.dtype == wanted {
            return Ok(());
        }
        let (found, wanted) = (self.dtype.name(), wanted.name());
        Err(Error::new(
            Status::InvalidArgument,
            format!("{argument} has the data type {found}, but {holder} {wanted}; convert it first"),
        ))
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of all elements.
    pub fn nbytes(&self) -> usize {
        self.len() * self.dtype.size()
    }

    /// The elements as a slice.
    ///
    /// Panics unless they are of type `T` and lie where such elements may.
    pub(crate) fn elements<T: Element>(&self) -> &'a [T] {
        if self.is_empty() {
            return &[];
        }
        let start: *const T = self.as_ptr().cast();
        assert!(self.dtype == T::DTYPE && start.is_aligned(), "the array holds no {}", T::DTYPE.name());
        // SAFETY: `from_raw` demands readable memory for all elements during 'a; borders store only bytes that `T` may have.
        unsafe { std::slice::from_raw_parts(start, self.len()) }
    }

    /// Where the elements start in the host's memory.
    ///
    /// Panics if they are elsewhere.
    #[inline]
    pub fn as_ptr(&self) -> *const u8 {
        assert!(self.kind.is_host(), "the array is not in the host's memory");
        self.start
    }

    /// The bytes of all elements, which are in the host's memory.
    ///
    /// Panics if they are elsewhere.
    pub fn bytes(&self) -> &'a [u8] {
        let nbytes = self.nbytes();
        if nbytes == 0 {
            return &[];
        }
        // SAFETY: `from_raw` demands readable memory for all elements during 'a; every byte pattern is a u8.
        unsafe { std::slice::from_raw_parts(self.as_ptr(), nbytes) }
    }
}

/// An input of an operation that goes on after the call: like an [`Array`], with what keeps its memory.
pub struct Lent {
    start: *const u8,
    dtype: Dtype,
    shape: Box<[usize]>,
    has_known_shape: bool,
    /// What the memory belongs to, or nothing where the caller keeps it.
    _keeper: Box<dyn Any + Send>,
}

// SAFETY: the memory is only read, and whoever keeps it can be sent.
unsafe impl Send for Lent {}

impl Lent {
    /// The array of this shape that starts at `start`.
    ///
    /// # Safety
    /// `start` must be readable for the product of `shape` elements of `dtype` as long as `keeper` is there (it may be anything
    /// when there are none), and nobody but the operation it is passed to may write there meanwhile.
    pub unsafe fn from_raw(
        start: *const u8,
        dtype: Dtype,
        shape: Box<[usize]>,
        keeper: Box<dyn Any + Send>,
    ) -> Self {
        Lent { start, dtype, shape, has_known_shape: true, _keeper: keeper }
    }

    /// The same elements, as [`Array::of_unknown_shape`] has them.
    pub fn of_unknown_shape(self) -> Self {
        Lent { has_known_shape: false, ..self }
    }

    /// A vector, which has so many elements and no shape, as an array that looks like this one to the operation; the product of
    /// `shape` must be the length of the vector.
    pub(crate) fn of<T: Element>(values: Vec<T>, shape: Vec<usize>) -> Self {
        assert_eq!(
            values.len(),
            shape.iter().product::<usize>(),
            "a vector cannot have another number of elements"
        );
        let start = values.as_ptr().cast();
        // SAFETY: the vector has as many elements, which stay where they are when it is moved.
        unsafe { Lent::from_raw(start, T::DTYPE, shape.into(), Box::new(values)) }.of_unknown_shape()
    }

    /// The array.
    pub fn array(&self) -> Array<'_> {
        // SAFETY: `from_raw` demands that the memory is there as long as `self`.
        let array = unsafe { Array::from_raw(self.start, self.dtype, &self.shape) };
        Array { has_known_shape: self.has_known_shape, ..array }
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lent").field(&self.array()).finish()
    }
}

/// Borrowed writable memory for a result: contiguous elements in C order, of any alignment.
#[derive(Debug)]
pub struct ArrayMut<'a> {
    start: *mut u8,
    dtype: Dtype,
    shape: &'a [usize],
    memory: PhantomData<&'a mut [u8]>,
}

impl<'a> ArrayMut<'a> {
    /// The writable array of this shape that starts at `start`.
    ///
    /// # Safety
    /// `start` must be readable and writable for the product of `shape` elements of `dtype` during `'a` (it may be
    /// anything when there are none); nobody else may use that memory meanwhile, except as an input of the same
    /// operation that is exactly the same memory.
    pub unsafe fn from_raw(start: *mut u8, dtype: Dtype, shape: &'a [usize]) -> Self {
        ArrayMut { start, dtype, shape, memory: PhantomData }
    }

    /// The data type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The extent of each dimension; empty for a single value.
    pub fn shape(&self) -> &'a [usize] {
        self.shape
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of bytes of all elements.
    pub fn nbytes(&self) -> usize {
        self.len() * self.dtype.size()
    }

    /// The same elements, to be read.
    pub fn as_read(&self) -> Array<'_> {
        // SAFETY: `from_raw` demands readable memory for all elements, which nobody writes while the array is borrowed.
        unsafe { Array::from_raw(self.start, self.dtype, self.shape) }
    }

    /// Where the elements start.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start
    }

    /// The elements as a slice.
    ///
    /// Panics unless they are of type `T` and lie where such elements may.
    pub(crate) fn elements_mut<T: Element>(&mut self) -> &mut [T] {
        if self.is_empty() {
            return &mut [];
        }
        let start: *mut T = self.start.cast();
        assert!(self.dtype == T::DTYPE && start.is_aligned(), "the array holds no {}", T::DTYPE.name());
        // SAFETY: `from_raw` demands writable memory for all elements that nobody else uses.
        unsafe { std::slice::from_raw_parts_mut(start, self.len()) }
    }

    /// The elements, whose size is `SIZE`, as bytes.
    pub(crate) fn slots<const SIZE: usize>(&mut self) -> &mut [[u8; SIZE]] {
        assert_eq!(self.dtype.size(), SIZE, "the elements have another size");
        if self.is_empty() {
            return &mut [];
        }
        // SAFETY: `from_raw` demands writable memory for all elements that nobody else uses; bytes need no alignment.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast(), self.len()) }
    }

    /// Stores `bytes` from byte `offset` on.
    pub(crate) fn store(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= self.nbytes(), "a result is larger than the memory provided for it");
        // SAFETY: in range by the assertion; `from_raw` demands memory that nobody else uses.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.start.wrapping_add(offset), bytes.len());
        }
    }

    /// Fills the array with the bytes of `source` from byte `offset` on. Both may be the same memory, of which no Rust
    /// reference may then exist; so this is not `store`.
    pub(crate) fn copy_from(&mut self, source: &Array<'_>, offset: usize) {
        let nbytes = self.nbytes();
        assert!(offset + nbytes <= source.nbytes(), "a result is larger than what it is copied from");
        let start = source.as_ptr().wrapping_add(offset);
        // Writing a byte to itself would not be harmless: an input that is its own result may be read-only memory.
        if start != self.start.cast_const() {
            // SAFETY: in range by the assertion; `copy` allows memory that overlaps.
            unsafe { std::ptr::copy(start, self.start, nbytes) }
        }
    }
}

/// Where an operation puts an array that it gives back. The operation computes the shape, the output brings memory.
pub trait Output {
    /// The data type and number of elements of memory that is there already; `None` when memory will be made to fit.
    ///
    /// Ranks tell each other what their outputs expect, and rely on it in order to know that none of them fails once
    /// data moves: for a result that meets its expectations, [`Output::provide`] may fail only for want of memory,
    /// and not at all when memory is there already.
    fn expected(&self) -> Option<(Dtype, usize)>;

    /// The only data type that this output accepts, if it does not accept all.
    fn expected_dtype(&self) -> Option<Dtype> {
        self.expected().map(|(dtype, _)| dtype)
    }

    /// The only shape that this output accepts, when the number of elements is not enough for it.
    fn expected_shape(&self) -> Option<&[usize]> {
        None
    }

    /// The shape of memory that is there already, where a result of other extents would be scrambled in it. As many elements in one
    /// dimension fill it in their order.
    fn shape_of_room(&self) -> Option<&[usize]> {
        None
    }

    /// The most elements that are expected, where memory will be made to fit and the caller has said so.
    fn most_expected(&self) -> Option<usize> {
        None
    }

    /// Whether a sum or product of integers that does not fit its data type is an error, rather than what is left of it in so many
    /// bits: for callers that have integers of any size.
    fn must_fit(&self) -> bool {
        false
    }

    /// The kind of memory in which a result is.
    fn kind(&self) -> Kind {
        Kind::Host
    }

    /// Memory for a result of this data type and shape; an error when there is other memory already, or none at all.
    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>>;

    /// Memory for the two arrays of a result that has two, of one shape. Only [`Pair`] has it.
    fn provide_both<'a>(&'a mut self, dtypes: [Dtype; 2], _shape: &'a [usize]) -> Result<[ArrayMut<'a>; 2]> {
        let [first, second] = dtypes.map(|dtype| dtype.name());
        Err(Error::new(
            Status::Internal,
            format!(
                "the result is an array of {first} and one of {second}, and there is room for one; this is an error of dtl"
            ),
        ))
    }
}

/// Where the two arrays of a result go.
#[derive(Debug)]
pub struct Pair<A, B = A>(pub A, pub B);

impl<A: Output, B: Output> Output for Pair<A, B> {
    fn expected(&self) -> Option<(Dtype, usize)> {
        self.0.expected()
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        self.0.provide(dtype, shape)
    }

    fn provide_both<'a>(
        &'a mut self,
        [first, second]: [Dtype; 2],
        shape: &'a [usize],
    ) -> Result<[ArrayMut<'a>; 2]> {
        Ok([self.0.provide(first, shape)?, self.1.provide(second, shape)?])
    }
}

/// The output that Rust programs use: a new vector for the result, of an element type known in advance.
#[derive(Debug, Default)]
pub struct VecOutput<T> {
    values: Vec<T>,
    shape: Vec<usize>,
    is_provided: bool,
}

impl<T: Element> VecOutput<T> {
    /// An output without a result yet.
    pub fn new() -> Self {
        VecOutput { values: Vec::new(), shape: Vec::new(), is_provided: false }
    }

    /// The shape of the result.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether an operation has given a result.
    pub(crate) fn is_provided(&self) -> bool {
        self.is_provided
    }

    /// The one element of a result without dimensions.
    pub(crate) fn into_element(self) -> T {
        self.into_vec()[0]
    }

    /// The elements of the result; none if no operation gave one.
    pub fn into_vec(mut self) -> Vec<T> {
        let nbytes = std::mem::size_of_val(self.values.as_slice());
        // SAFETY: the vector owns these initialised bytes; `sanitize` leaves only patterns that T may have.
        T::sanitize(unsafe { std::slice::from_raw_parts_mut(self.values.as_mut_ptr().cast(), nbytes) });
        self.values
    }
}

impl<T: Element> Output for VecOutput<T> {
    fn expected(&self) -> Option<(Dtype, usize)> {
        None
    }

    fn expected_dtype(&self) -> Option<Dtype> {
        Some(T::DTYPE)
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        if dtype != T::DTYPE {
            return Err(Error::new(
                Status::InvalidArgument,
                format!(
                    "the result has the data type {}, but a vector of {} was asked for; use the type of the data",
                    dtype.name(),
                    T::DTYPE.name()
                ),
            ));
        }
        let count = shape.iter().product();
        self.values.clear();
        self.values.try_reserve_exact(count).map_err(|_| {
            Error::new(
                Status::OutOfMemory,
                format!("no memory for a result of {count} {} elements", dtype.name()),
            )
        })?;
        self.shape = shape.to_vec();
        self.is_provided = true;
        // SAFETY: `count` elements are reserved; all-zero bytes are a value of every element type.
        unsafe {
            self.values.as_mut_ptr().write_bytes(0, count);
            self.values.set_len(count);
        }
        // SAFETY: the vector owns `count` initialised elements and is borrowed for 'a.
        Ok(unsafe { ArrayMut::from_raw(self.values.as_mut_ptr().cast(), dtype, shape) })
    }
}
