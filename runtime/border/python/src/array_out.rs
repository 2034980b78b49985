//! Where results that are arrays go: a new array, the `out=` of the caller, or the array that the caller passed to be filled.
//! The runtime computes shape and data type and asks for memory through `dtl::Output`.

use dtl::{ArrayMut, Error, Output};
use dtl_types::{Dtype, Status};
use pyo3::prelude::*;

use crate::Refusal;
use crate::argument::{integer, shown};
use crate::array_in::{ArrayIn, Memory, Origin};
use crate::ndarray::{NdArray, Shape, new_array};
use crate::number::Element;
use crate::subclass;

/// Where the result of an operation goes.
#[derive(Debug)]
pub struct ArrayOut {
    /// What the caller calls it: `out`, or a part of that.
    name: &'static str,
    place: Place,
    /// What the caller passed as data: scalars come back as scalars.
    origin: Origin,
    /// The array was made for a result that is probably like the data. The operation may still give another one, or none.
    is_likely: bool,
    /// The operation asked for the memory. It does not on ranks that receive nothing.
    used: bool,
    announced: Announced,
}

/// What the caller has said of an array that is to come, for the operation to compare.
#[derive(Debug, Clone, Copy, Default)]
struct Announced {
    most: Option<usize>,
    dtype: Option<Dtype>,
}

#[derive(Debug)]
enum Place {
    /// Memory will be made to fit.
    New,
    /// An array, with what the operation needs to know of it.
    Array { array: Py<PyAny>, start: *mut u8, dtype: Dtype, shape: Shape },
    /// One element of a scalar result.
    Scalar(Element),
}

// SAFETY: `start` leads into `array`, which is kept alive; it is written to by one operation, which has `self` by `&mut`.
unsafe impl Send for Place {}

impl ArrayOut {
    /// The caller's `out`, or its part of this name, or a new array.
    #[inline]
    pub fn new(out: Option<&Bound<'_, PyAny>>, name: &'static str) -> Result<Self, Refusal> {
        let place = out.map_or(Ok(Place::New), |out| Place::of_out(out, name))?;
        Ok(ArrayOut { name, ..Self::at(place, Origin::Array) })
    }

    /// A new array.
    pub fn array() -> Self {
        Self::at(Place::New, Origin::Array)
    }

    /// A new scalar of NumPy.
    pub fn element() -> Self {
        Self::at(Place::New, Origin::NumpyScalar)
    }

    fn at(place: Place, origin: Origin) -> Self {
        ArrayOut {
            name: "out",
            place,
            origin,
            is_likely: false,
            used: false,
            announced: Announced::default(),
        }
    }

    /// The same, for a result of `data`, which was converted from `argument`: of a scalar the result is a scalar, and `out`
    /// may share memory with an array.
    #[inline]
    pub fn of(
        mut self,
        argument: Option<&Bound<'_, PyAny>>,
        data: Option<&mut ArrayIn<'_>>,
    ) -> Result<Self, Refusal> {
        let (Some(argument), Some(data)) = (argument, data) else { return Ok(self) };
        if let Place::Array { start, dtype, shape, .. } = &self.place {
            data.keep_away_from(argument, *start, shape.iter().product::<usize>() * dtype.size())?;
        } else {
            self.origin = data.origin;
        }
        Ok(self)
    }

    /// The caller's `out` or a new array, for a result that will be like `data`, which was converted from `argument`. A new one is made
    /// now, so that the operation, which works without the interpreter, need not wait for it.
    #[inline]
    pub fn like(
        out: Option<&Bound<'_, PyAny>>,
        name: &'static str,
        argument: &Bound<'_, PyAny>,
        data: &mut ArrayIn<'_>,
    ) -> Result<Self, Refusal> {
        if out.is_some() {
            return Self::new(out, name)?.of(Some(argument), Some(data));
        }
        let mut made = ArrayOut { name, ..Self::at(Place::New, data.origin) };
        if !data.shape.is_empty() || data.origin == Origin::Array {
            made.place.make(data.dtype, &data.shape, data.origin)?;
            made.is_likely = true;
        }
        Ok(made)
    }

    /// The same, for an array of which the caller may have said how many elements it has at most, and of which type: in arguments of
    /// these names.
    pub fn announced(
        mut self,
        (count_name, count): (&str, Option<&Bound<'_, PyAny>>),
        (dtype_name, dtype): (&str, Option<&Bound<'_, PyAny>>),
    ) -> Result<Self, Refusal> {
        let most = |count| {
            let cure = "Pass a number of elements that is 0 or more, or leave it away.";
            integer::<u64>(count, count_name, Status::InvalidArgument, cure)
        };
        self.announced = Announced {
            most: count.map(most).transpose()?.map(|most| most as usize),
            dtype: dtype.map(|dtype| crate::dtype(dtype, dtype_name)).transpose()?,
        };
        match (self.announced.dtype, &self.place) {
            (Some(wanted), Place::Array { dtype, .. }) if wanted != *dtype => Err(Refusal::value(format!(
                "{dtype_name} is {wanted}, but out has elements of type {dtype}. Pass one of them, or both alike."
            ))),
            _ => Ok(self),
        }
    }

    /// For an operation that fills `argument` on the ranks other than the root, and gives it back itself there and at the
    /// root. `source` is the converted argument at the root. Elsewhere, what cannot be filled makes way for a new array.
    pub fn in_place(
        out: Option<&Bound<'_, PyAny>>,
        argument: Option<&Bound<'_, PyAny>>,
        source: Option<&mut ArrayIn<'_>>,
    ) -> Result<Self, Refusal> {
        if out.is_some() {
            return Self::new(out, "out")?.of(argument, source);
        }
        let Some(argument) = argument else {
            return Ok(Self::at(Place::New, Origin::Nothing));
        };
        subclass::check(argument, "data")?;
        let (place, origin) = match (source, NdArray::of(argument)) {
            (Some(source), _) => (Place::of_source(argument, source), source.origin),
            (None, Some(array)) if array.is_contiguous() && array.is_writable() && array.dtype().is_ok() => {
                (Place::of_array(argument, array).map_err(Refusal::value)?, Origin::Array)
            }
            (None, Some(_)) => (Place::New, Origin::Array),
            // A number stands for a number, a list or the like for an array.
            (None, None) => {
                (Place::New, ArrayIn::new(argument, "data").map_or(Origin::Array, |data| data.origin))
            }
        };
        Ok(Self::at(place, origin))
    }

    /// The result for the caller: `None` on a rank that receives nothing.
    #[inline]
    pub fn into_result(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if !self.used {
            return Ok(py.None());
        }
        match self.place {
            Place::Array { array, shape, .. } => match self.origin {
                // A scalar that NumPy converted is kept as an array of no dimensions, which `item` and `[()]` undo.
                Origin::PythonScalar if shape.is_empty() => array.call_method0(py, "item"),
                Origin::NumpyScalar if shape.is_empty() => Ok(array.bind(py).get_item(())?.unbind()),
                _ => Ok(array),
            },
            Place::Scalar(element) if self.origin == Origin::PythonScalar => {
                Ok(element.to_python(py)?.unbind())
            }
            Place::Scalar(element) => Ok(element.to_numpy(py)?.unbind()),
            Place::New => Ok(py.None()),
        }
    }

    /// The same result once more, for a request that may be asked several times.
    pub(crate) fn share(&self, py: Python<'_>) -> Self {
        let place = match &self.place {
            Place::New => Place::New,
            Place::Scalar(element) => Place::Scalar(*element),
            Place::Array { array, start, dtype, shape } => Place::Array {
                array: array.clone_ref(py),
                start: *start,
                dtype: *dtype,
                shape: shape.clone(),
            },
        };
        ArrayOut { place, ..*self }
    }

    /// Whether there is no memory yet for such a result.
    fn must_be_made(&self, dtype: Dtype, shape: &[usize]) -> bool {
        match &self.place {
            Place::New => true,
            Place::Array { dtype: made, shape: extents, .. } => {
                self.is_likely && (*made != dtype || **extents != *shape)
            }
            Place::Scalar(_) => false,
        }
    }
}

impl Place {
    fn of_out(out: &Bound<'_, PyAny>, name: &str) -> Result<Self, Refusal> {
        let Some(array) = NdArray::of(out) else {
            return Err(Refusal::wrong_type(format!("{name} is {}, but must be a NumPy array.", shown(out))));
        };
        subclass::check(out, name)?;
        if !array.is_writable() {
            let cure = "Pass an array that can be written to.";
            return Err(Refusal::value(format!("{name} is read-only. {cure}")));
        }
        if !array.is_contiguous() {
            let cure = "Pass a whole array, or call without `out` and copy the result.";
            return Err(Refusal::value(format!("{name} is not contiguous in C order. {cure}")));
        }
        Self::of_array(out, array)
            .map_err(|reason| Refusal::value(format!("{name} cannot take a result: it {reason}.")))
    }

    /// The source is the result: everything is where it has to be, and nothing will be written.
    fn of_source(argument: &Bound<'_, PyAny>, source: &ArrayIn<'_>) -> Self {
        let array = match &source.memory {
            Memory::Own(element) => return Place::Scalar(*element),
            Memory::Made { array, .. } if NdArray::of(argument).is_none() => array.clone_ref(argument.py()),
            Memory::Made { .. } | Memory::Passed { .. } => argument.clone().unbind(),
        };
        let (dtype, shape) = (source.dtype, source.shape.clone());
        Place::Array { array, start: source.start().cast_mut(), dtype, shape }
    }

    fn of_array(object: &Bound<'_, PyAny>, array: NdArray<'_, '_>) -> Result<Self, String> {
        Ok(Place::Array {
            dtype: array.dtype()?,
            start: array.start(),
            shape: array.shape(),
            array: object.clone().unbind(),
        })
    }

    fn make(&mut self, dtype: Dtype, shape: &[usize], origin: Origin) -> Result<(), Refusal> {
        *self = if shape.is_empty() && origin != Origin::Array {
            Place::Scalar(Element::zero(dtype))
        } else {
            let made = |py: Python<'_>| {
                let array = new_array(py, dtype, shape)?;
                let start = NdArray::of(&array).map_or(std::ptr::null_mut(), NdArray::start);
                Ok::<_, Refusal>(Place::Array { array: array.unbind(), start, dtype, shape: shape.into() })
            };
            // While the interpreter ends, who has let go of it does not get it back.
            let ended =
                || Err(Error::new(Status::InvalidState, "the interpreter of Python is ending").into());
            Python::try_attach(made).unwrap_or_else(ended)?
        };
        Ok(())
    }
}

impl Output for ArrayOut {
    fn expected(&self) -> Option<(Dtype, usize)> {
        match &self.place {
            Place::Array { dtype, shape, .. } if !self.is_likely => Some((*dtype, shape.iter().product())),
            _ => None,
        }
    }

    fn expected_shape(&self) -> Option<&[usize]> {
        match &self.place {
            Place::Array { shape, .. } if !self.is_likely => Some(shape),
            _ => None,
        }
    }

    fn expected_dtype(&self) -> Option<Dtype> {
        self.announced.dtype.or(self.expected().map(|(dtype, _)| dtype))
    }

    /// Python's integers have any size.
    fn must_fit(&self) -> bool {
        self.origin == Origin::PythonScalar
    }

    fn most_expected(&self) -> Option<usize> {
        self.announced.most
    }

    #[inline]
    fn provide<'a>(&'a mut self, dtype: Dtype, shape: &'a [usize]) -> dtl::Result<ArrayMut<'a>> {
        if self.must_be_made(dtype, shape) {
            self.place.make(dtype, shape, self.origin).map_err(|refusal| match refusal {
                Refusal::Broken(error) => error,
                Refusal::Raised(exception) => Error::new(Status::AllocationFailed, exception.to_string()),
            })?;
        }
        self.used = true;
        let name = self.name;
        let start = match &mut self.place {
            Place::Array { start, dtype: own, shape: extents, .. } => {
                if *own != dtype {
                    return Err(Error::new(
                        Status::InvalidArgument,
                        format!(
                            "{name} has elements of type {own}, but the result has {dtype}. Pass an array of that type."
                        ),
                    ));
                }
                if **extents != *shape {
                    return Err(Error::new(
                        Status::ExtentMismatch,
                        format!(
                            "{name} has the shape {extents:?}, but the result has {shape:?}. Pass an array of that shape."
                        ),
                    ));
                }
                *start
            }
            Place::Scalar(element) => element.start_mut(),
            Place::New => std::ptr::null_mut(),
        };
        // SAFETY: the place holds as many elements of this type as the shape says, was checked to be writable or is new, and
        // `self` is borrowed during 'a. It is the input's memory or does not overlap it: `new` saw to that.
        Ok(unsafe { ArrayMut::from_raw(start, dtype, shape) })
    }
}
