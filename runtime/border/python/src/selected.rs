//! Which elements `get` and `set` mean by integers, slices and ellipses. dtl selects elements by rising indices, so what a slice
//! takes backwards is turned around here; `item` has `container[i]`, which takes no slices.

use dtl::Error;
use dtl_types::{Dtype, Status};
use pyo3::prelude::*;
use pyo3::types::{PyEllipsis, PySlice, PyTuple};
use smallvec::SmallVec;

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::array_in::ArrayIn;
use crate::ndarray::{Shape, copied};

/// Elements by their global indices, as dtl selects them along each dimension.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The lowest index.
    pub first: SmallVec<[i64; 6]>,
    /// Number of elements.
    pub count: SmallVec<[u64; 6]>,
    /// Distance between indices.
    pub step: SmallVec<[u64; 6]>,
    orders: SmallVec<[Order; 6]>,
    /// With an ellipsis one element is an array without dimensions, as it is to NumPy.
    has_ellipsis: bool,
}

/// What the caller wrote for a dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    /// An integer: the dimension is not in the result.
    One,
    /// A slice, or nothing.
    Rising,
    /// A slice with a negative step.
    Falling,
}

impl Selected {
    /// What `index` means in a container of this shape.
    pub fn of(index: &Bound<'_, PyAny>, name: &str, shape: &[u64]) -> Result<Self, Refusal> {
        let keys: SmallVec<[Bound<'_, PyAny>; 6]> = match index.cast::<PyTuple>() {
            Ok(keys) => keys.iter().collect(),
            Err(_) => SmallVec::from_iter([index.clone()]),
        };
        let is_ellipsis = |key: &Bound<'_, PyAny>| key.is_instance_of::<PyEllipsis>();
        let ellipses = keys.iter().filter(|key| is_ellipsis(key)).count();
        let whole = shape.len().checked_sub(keys.len() - ellipses).filter(|_| ellipses <= 1).ok_or_else(|| {
            let message = format!(
                "{name} is {}, but there {}. Pass an integer or a slice for each, and one ellipsis at most.",
                shown(index),
                if shape.len() == 1 { "is 1 dimension".into() } else { format!("are {} dimensions", shape.len()) },
            );
            Refusal::from(Error::new(Status::InvalidIndex, message))
        })?;
        let mut selected = Selected {
            first: SmallVec::new(),
            count: SmallVec::new(),
            step: SmallVec::new(),
            orders: SmallVec::new(),
            has_ellipsis: ellipses > 0,
        };
        for key in &keys {
            if is_ellipsis(key) {
                (0..whole).for_each(|_| selected.add_whole(shape));
            } else {
                selected.add(key, name, shape)?;
            }
        }
        while selected.first.len() < shape.len() {
            selected.add_whole(shape);
        }
        Ok(selected)
    }

    fn push(&mut self, first: i64, count: u64, step: u64, order: Order) {
        self.first.push(first);
        self.count.push(count);
        self.step.push(step);
        self.orders.push(order);
    }

    /// All elements of the next dimension.
    fn add_whole(&mut self, shape: &[u64]) {
        self.push(0, shape[self.first.len()], 1, Order::Rising);
    }

    /// What a key means in the next dimension.
    fn add(&mut self, key: &Bound<'_, PyAny>, name: &str, shape: &[u64]) -> Result<(), Refusal> {
        let dimension = self.first.len();
        let size = shape[dimension];
        if let Ok(slice) = key.cast::<PySlice>() {
            return self.add_slice(slice, size);
        }
        let (name, place) = match shape.len() {
            1 => (name.to_owned(), String::new()),
            _ => (format!("{name}[{dimension}]"), format!(" along dimension {dimension}")),
        };
        if !key.hasattr("__index__")? {
            let message = format!("{name} is {}, but must be an integer or a slice.", shown(key));
            return Err(Refusal::wrong_type(message));
        }
        let cure = "There are fewer elements than that.";
        let given = integer::<i64>(key, &name, Status::OutOfBounds, cure)?;
        // A container has fewer than 2^63 elements.
        let size = size as i64;
        if !(-size..size).contains(&given) {
            let message = match size {
                0 => format!("{name} is {given}, but there are no elements{place}."),
                _ => format!(
                    "{name} is {given}, but there are {size} elements{place}. Pass an integer from {} to {}.",
                    -size,
                    size - 1
                ),
            };
            return Err(Error::new(Status::OutOfBounds, message).into());
        }
        self.push(if given < 0 { given + size } else { given }, 1, 1, Order::One);
        Ok(())
    }

    fn add_slice(&mut self, slice: &Bound<'_, PySlice>, size: u64) -> Result<(), Refusal> {
        let indices = slice.indices(size as isize)?;
        let (start, step, count) = (indices.start as i64, indices.step as i64, indices.slicelength as i64);
        let order = if step < 0 { Order::Falling } else { Order::Rising };
        if count == 0 {
            self.push(0, 0, 1, order);
            return Ok(());
        }
        let first = if step < 0 { start + (count - 1) * step } else { start };
        self.push(first, count as u64, step.unsigned_abs(), order);
        Ok(())
    }

    /// The shape of what is selected, as the caller sees it.
    fn shape(&self) -> Shape {
        let seen = self.count.iter().zip(&self.orders).filter(|(_, order)| **order != Order::One);
        seen.map(|(count, _)| *count as usize).collect()
    }

    /// The values for the elements, by rising indices, broadcast to them as NumPy does it.
    pub fn values<'a>(
        &self,
        argument: &'a Bound<'_, PyAny>,
        name: &str,
        dtype: Dtype,
    ) -> Result<ArrayIn<'a>, Refusal> {
        let given = ArrayIn::of_dtype(argument, name, dtype)?;
        let (seen, all) = (self.shape(), self.count.iter().map(|count| *count as usize).collect::<Shape>());
        if given.shape == seen && !self.orders.contains(&Order::Falling) {
            return Ok(ArrayIn { shape: all, ..given });
        }
        let axes = self.axes(&given.shape, &seen, given.dtype.size()).ok_or_else(|| {
            let message = format!(
                "{name} has the shape {:?}, which does not fit the selection, of shape {seen:?}. Pass an array of that shape, \
                 or what can be broadcast to it, such as a number.",
                given.shape
            );
            Refusal::from(Error::new(Status::ExtentMismatch, message))
        })?;
        let size = given.dtype.size();
        let mut arranged = Vec::with_capacity(all.iter().product::<usize>() * size);
        arrange(given.array().bytes(), size, &axes, &mut arranged);
        ArrayIn::of_bytes(argument.py(), given.dtype, all, &arranged)
    }

    /// How values of the shape `given` are walked through for elements of the shape `seen`, if they can be.
    fn axes(&self, given: &[usize], seen: &[usize], element: usize) -> Option<SmallVec<[Axis; 6]>> {
        let missing = seen.len().checked_sub(given.len())?;
        let orders = self.orders.iter().filter(|order| **order != Order::One);
        let mut axes: SmallVec<[Axis; 6]> = seen
            .iter()
            .zip(orders)
            .map(|(count, order)| Axis { count: *count, stride: 0, falls: *order == Order::Falling })
            .collect();
        let mut stride = element;
        for (axis, extent) in axes[missing..].iter_mut().zip(given).rev() {
            match *extent {
                extent if extent == axis.count => axis.stride = stride,
                1 => {}
                _ => return None,
            }
            stride *= extent;
        }
        Some(axes)
    }

    /// The elements that dtl has given, in the caller's order; one element as a scalar of NumPy.
    pub fn result(&self, elements: Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        if self.orders.iter().all(|order| *order == Order::Rising) {
            return Ok(elements.unbind());
        }
        let py = elements.py();
        let key = |(order, count): (&Order, &u64)| match order {
            Order::One => Ok(0_i64.into_pyobject(py)?.into_any()),
            Order::Rising => Ok(PySlice::full(py).into_any()),
            Order::Falling => Ok(PySlice::new(py, *count as isize - 1, isize::MIN, -1).into_any()),
        };
        let mut keys = self.orders.iter().zip(&self.count).map(key).collect::<PyResult<Vec<_>>>()?;
        keys.extend(self.has_ellipsis.then(|| py.Ellipsis().into_bound(py)));
        let seen = elements.get_item(PyTuple::new(py, keys)?)?;
        match self.orders.contains(&Order::Falling) {
            true => Ok(copied(&seen)?.unbind()),
            false => Ok(seen.unbind()),
        }
    }
}

/// One dimension of values that are walked through.
struct Axis {
    count: usize,
    /// Bytes from one value to the next; 0 where one stands for all.
    stride: usize,
    falls: bool,
}

/// Appends the values in the order of the elements that they are for.
fn arrange(values: &[u8], element: usize, axes: &[Axis], arranged: &mut Vec<u8>) {
    let Some((axis, inner)) = axes.split_first() else {
        return arranged.extend_from_slice(&values[..element]);
    };
    for number in 0..axis.count {
        let place = if axis.falls { axis.count - 1 - number } else { number };
        arrange(&values[place * axis.stride..], element, inner, arranged);
    }
}
