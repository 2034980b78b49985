//! Protocols of Python and NumPy that are the same for every class: subscripting a class, refusing iteration and truth,
//! becoming an array, taking part in ufuncs and other functions. The last three are written in Python, in
//! `runtime/python/dtl/_numpy.py` and `_numpy_functions.py`.

use dtl::containers::Ranged;
use dtl::containers::alike::Places;
use dtl::containers::kept_loan::KeptLoan;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::Refusal;
use crate::argument::shown;
use crate::guard::guard;

/// `Class[item]`, for annotations: a `types.GenericAlias`, or the class itself where Python has none (3.8).
pub fn class_getitem<'py>(
    class: &Bound<'py, PyType>,
    item: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let types = class.py().import("types")?;
    match types.getattr("GenericAlias") {
        Ok(alias) => alias.call1((class, item)),
        Err(_) => Ok(class.clone().into_any()),
    }
}

/// The exception for `for x in container`: elements are on many ranks, and a loop over the local ones is slow.
pub fn no_iteration(of: &Bound<'_, PyAny>) -> PyErr {
    let class = class_of(of);
    PyTypeError::new_err(format!(
        "a {class} cannot be iterated over: its elements are on several ranks. Use local_view() for the elements of this rank."
    ))
}

/// Name of the class of an object.
pub(crate) fn class_of(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "container".to_owned(), |name| name.to_string())
}

/// The exception for `bool(container)`.
pub fn no_truth(of: &Bound<'_, PyAny>) -> PyErr {
    let class = class_of(of);
    PyValueError::new_err(format!(
        "a {class} is neither true nor false: it has many elements. Use its any() or all(), which every rank must call."
    ))
}

/// The exception for `numpy.asarray(container)`, also on one rank: a program that works there shall work on several.
pub fn no_array(of: &Bound<'_, PyAny>) -> PyErr {
    let class = class_of(of);
    PyTypeError::new_err(format!(
        "a {class} is no array of one process: its elements are divided over ranks. Use local_view() for those of this rank, \
         to_numpy() for a copy of them, gather_to(root) of a container to bring all of them to one rank, or global_view() of a map."
    ))
}

/// Where the elements of a container or span are. Two have equal layouts when each rank has elements with the same
/// indices of both, in the same order.
#[pyclass(frozen, module = "dtl._dtl", name = "_Layout")]
pub struct Layout {
    places: Places,
}

impl Layout {
    /// The layout of a container or span.
    pub fn of<R: Ranged>(elements: &R) -> Self {
        Layout { places: Places::of(elements) }
    }
}

#[pymethods]
impl Layout {
    fn __eq__(&self, other: &Self) -> PyResult<bool> {
        guard(|| Ok(self.places.are_those_of(&other.places)))
    }

    /// Lends elements to NumPy, which reads the first ones and writes to the others.
    #[staticmethod]
    fn lend(py: Python<'_>, read: Vec<PyRef<'_, Layout>>, written: Vec<PyRef<'_, Layout>>) -> PyResult<Loan> {
        let read = read.iter().map(|layout| (&layout.places, false));
        let uses: Vec<_> = read.chain(written.iter().map(|layout| (&layout.places, true))).collect();
        guard(|| {
            let lent = KeptLoan::new(&uses).map_err(|error| Refusal::from(error).raised(py))?;
            Ok(Loan { lent: Some(lent) })
        })
    }
}

/// What is lent to NumPy, until it ends.
#[pyclass(module = "dtl._dtl", name = "_Loan")]
pub struct Loan {
    lent: Option<KeptLoan>,
}

#[pymethods]
impl Loan {
    /// Gives back what was lent.
    fn end(&mut self) -> PyResult<()> {
        guard(|| {
            self.lent = None;
            Ok(())
        })
    }
}

/// Refuses what NumPy's reductions can do and those of containers cannot.
pub fn whole(
    axis: Option<&Bound<'_, PyAny>>,
    dtype: Option<&Bound<'_, PyAny>>,
    out: Option<&Bound<'_, PyAny>>,
) -> Result<(), Refusal> {
    let given = [("axis", axis), ("dtype", dtype), ("out", out)];
    match given.into_iter().find_map(|(name, given)| Some((name, given?))) {
        None => Ok(()),
        Some((name, given)) => Err(Refusal::wrong_type(format!(
            "{name} is {}, but must be None: all elements of a container are reduced to one value. Use local_view() for other \
             reductions of the elements of this rank.",
            shown(given)
        ))),
    }
}

/// What NumPy calls for a ufunc with a container among its operands.
pub fn array_ufunc<'py>(
    ufunc: &Bound<'py, PyAny>,
    method: &Bound<'py, PyAny>,
    inputs: &Bound<'py, PyTuple>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = ufunc.py();
    let options = options.map_or_else(|| PyDict::new(py), Bound::clone);
    py.import("dtl._numpy")?.getattr("array_ufunc")?.call1((ufunc, method, inputs, options))
}

/// What NumPy calls for its other functions with a container among their operands.
pub fn array_function<'py>(
    function: &Bound<'py, PyAny>,
    types: &Bound<'py, PyAny>,
    args: &Bound<'py, PyAny>,
    kwargs: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let module = function.py().import("dtl._numpy_functions")?;
    module.getattr("array_function")?.call1((function, types, args, kwargs))
}

/// What NumPy calls to make an array of what is memory of this rank alone, of which this is a view.
pub fn as_array<'py>(
    view: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    copy: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    view.py().import("dtl._numpy")?.getattr("as_array")?.call1((view, dtype, copy))
}
