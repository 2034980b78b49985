//! Arrays of any data type for tests, made from small integers, and a place for results that remembers what it was given.

use dtl::array::Array;
use dtl::{ArrayMut, Dtype, Error, Output, Result, Status, bf16, f16};

/// An array of any data type.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Values {
    /// The array of these numbers, as far as the data type can hold them.
    pub fn of(dtype: Dtype, shape: &[usize], numbers: &[i64]) -> Self {
        assert_eq!(numbers.len(), shape.iter().product::<usize>());
        let mut bytes = Vec::with_capacity(numbers.len() * dtype.size());
        numbers.iter().for_each(|number| encode(dtype, *number, &mut bytes));
        Values { dtype, shape: shape.to_vec(), bytes }
    }

    /// Infinity, or what is less than every number.
    pub fn infinite(dtype: Dtype, negative: bool) -> Self {
        let value = if negative { f64::NEG_INFINITY } else { f64::INFINITY };
        let bytes = match dtype {
            Dtype::Float16 => f16::from_f64(value).to_ne_bytes().to_vec(),
            Dtype::Bfloat16 => bf16::from_f64(value).to_ne_bytes().to_vec(),
            Dtype::Float32 => (value as f32).to_ne_bytes().to_vec(),
            Dtype::Float64 => value.to_ne_bytes().to_vec(),
            other => unreachable!("{other:?} has no infinity"),
        };
        Values { dtype, shape: vec![1], bytes }
    }

    /// The largest value of an integer type or of truth values, or the smallest.
    pub fn extreme(dtype: Dtype, smallest: bool) -> Self {
        let mut bytes = match (smallest, dtype) {
            (true, _) => vec![0; dtype.size()],
            (false, Dtype::Bool) => vec![1],
            (false, _) => vec![0xFF; dtype.size()],
        };
        if Dtype::SIGNED.contains(&dtype) {
            let highest = if cfg!(target_endian = "little") { dtype.size() - 1 } else { 0 };
            bytes[highest] ^= 0x80;
        }
        Values { dtype, shape: vec![1], bytes }
    }

    /// The array that has the one element of `value` everywhere.
    pub fn filled(shape: &[usize], value: &Values) -> Self {
        let bytes = value.bytes.repeat(shape.iter().product());
        Values { dtype: value.dtype, shape: shape.to_vec(), bytes }
    }

    /// The numbers as an input of an operation.
    pub fn input(&self) -> Array<'_> {
        // SAFETY: the bytes are those of all elements.
        unsafe { Array::from_raw(self.bytes.as_ptr(), self.dtype, &self.shape) }
    }
}

/// Appends a number in the representation of a data type; integers wrap.
fn encode(dtype: Dtype, number: i64, bytes: &mut Vec<u8>) {
    match dtype {
        Dtype::Bool => bytes.push(u8::from(number != 0)),
        Dtype::Float16 => bytes.extend(f16::from_f64(number as f64).to_ne_bytes()),
        Dtype::Bfloat16 => bytes.extend(bf16::from_f64(number as f64).to_ne_bytes()),
        Dtype::Float32 => bytes.extend((number as f32).to_ne_bytes()),
        Dtype::Float64 => bytes.extend((number as f64).to_ne_bytes()),
        Dtype::Complex64 => bytes.extend([number as f32, 0.0].map(f32::to_ne_bytes).concat()),
        Dtype::Complex128 => bytes.extend([number as f64, 0.0].map(f64::to_ne_bytes).concat()),
        // Integers, and what is only stored: the bits of an integer, of which small ones have the lowest.
        _ => {
            let wide = i128::from(number);
            let lowest = if cfg!(target_endian = "little") { 0 } else { size_of_val(&wide) - dtype.size() };
            bytes.extend(&wide.to_ne_bytes()[lowest..][..dtype.size()]);
        }
    }
}

/// A place for a result.
#[derive(Debug, Default)]
pub struct Place {
    pub result: Option<Values>,
    /// Memory that is there already, for this data type and number of elements.
    pub fixed: Option<(Dtype, usize)>,
    /// Refuses to make memory, as when there is none.
    pub without_memory: bool,
}

impl Output for Place {
    fn expected(&self) -> Option<(Dtype, usize)> {
        self.fixed
    }

    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> Result<ArrayMut<'a>> {
        let count: usize = shape.iter().product();
        if self.without_memory {
            return Err(Error::new(Status::OutOfMemory, format!("no memory for {count} elements")));
        }
        if self.fixed.is_some_and(|fixed| fixed != (dtype, count)) {
            return Err(Error::new(Status::ExtentMismatch, "the result does not fit"));
        }
        let bytes = vec![0xEE; count * dtype.size()];
        let values = self.result.insert(Values { dtype, shape: shape.to_vec(), bytes });
        // SAFETY: the bytes are those of all elements, borrowed for the output's life.
        Ok(unsafe { ArrayMut::from_raw(values.bytes.as_mut_ptr(), dtype, shape) })
    }
}
