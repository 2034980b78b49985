//! Python's operators on containers. Each is a ufunc of NumPy, which comes back through `__array_ufunc__`: so `v + w` is
//! `numpy.add(v, w)` and there is one implementation, in `runtime/python/dtl/_elementwise.py`.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pyclass::CompareOp;
use pyo3::types::PyDict;

/// The ufunc called `name`.
fn ufunc<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    py.import("numpy")?.getattr(name)
}

/// Whether an operand says that operators shall leave it to its own methods, as NumPy's protocol has it.
fn declines(operand: &Bound<'_, PyAny>) -> bool {
    operand.getattr("__array_ufunc__").is_ok_and(|handler| handler.is_none())
}

/// `left OP right`.
pub fn binary<'py>(
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = left.py();
    if declines(left) || declines(right) {
        return Ok(py.NotImplemented().into_bound(py));
    }
    ufunc(py, name)?.call1((left, right))
}

/// `left OP= right`.
pub fn in_place(left: &Bound<'_, PyAny>, right: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let out = PyDict::new(left.py());
    out.set_item("out", (left,))?;
    ufunc(left.py(), name)?.call((left, right), Some(&out))?;
    Ok(())
}

/// `OP operand`.
pub fn unary<'py>(operand: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    ufunc(operand.py(), name)?.call1((operand,))
}

/// `left < right` and its like, element by element.
pub fn compare<'py>(
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
    comparison: CompareOp,
) -> PyResult<Bound<'py, PyAny>> {
    let name = match comparison {
        CompareOp::Lt => "less",
        CompareOp::Le => "less_equal",
        CompareOp::Eq => "equal",
        CompareOp::Ne => "not_equal",
        CompareOp::Gt => "greater",
        CompareOp::Ge => "greater_equal",
    };
    binary(left, right, name)
}

/// `pow(base, exponent, modulus)`: NumPy's power has no modulus.
pub fn no_modulus(modulus: &Bound<'_, PyAny>) -> PyResult<()> {
    if modulus.is_none() {
        return Ok(());
    }
    Err(PyTypeError::new_err("pow() of a container takes no modulus. Use numpy.remainder of the power."))
}
