//! Reductions with a function of the caller in place of an operator. They are written in Python, in
//! `runtime/python/dtl/_operators.py`, over operations that move arrays: nothing but Python calls the function.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::Argument;

/// What `reduction` gives with `op` where that is a function; nothing where it is an operator.
#[inline]
pub fn with_callable<'py>(
    py: Python<'py>,
    reduction: &str,
    op: &Argument<'_, 'py>,
    others: &[(&str, Option<&Bound<'py, PyAny>>)],
) -> Option<PyResult<Py<PyAny>>> {
    let op = op.given().filter(|op| op.is_callable())?;
    let call = || {
        let arguments = PyDict::new(py);
        arguments.set_item("op", op)?;
        for (name, value) in others {
            value.map_or(Ok(()), |value| arguments.set_item(name, value))?;
        }
        let result = py.import("dtl._operators")?.getattr(reduction)?.call((), Some(&arguments))?;
        Ok(result.unbind())
    };
    Some(call())
}
