//! Requests: what their operations have given, and waiting for them under asyncio.

use dtl::{Context, DynRequest};
use dtl_types::Operation;
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::types::{PyList, PyTuple};

use crate::argument::shown;
use crate::array_out::ArrayOut;
use crate::refusal::Refusal;

/// What the operation of a request that is over has given: an array, a scalar, or `None`, also where there is no request. It is the
/// same each time.
pub fn outcome(py: Python<'_>, request: Option<&DynRequest>) -> PyResult<Py<PyAny>> {
    // Looking does not run Python code, which could let another thread go on that waits for the request.
    match request.and_then(|request| request.with_outcome(|out: &ArrayOut| out.share(py))) {
        Some(out) => out.into_result(py),
        None => Ok(py.None()),
    }
}

/// The same for each of several.
pub fn outcomes(py: Python<'_>, requests: &[Option<DynRequest>]) -> PyResult<Vec<Py<PyAny>>> {
    requests.iter().map(|request| outcome(py, request.as_ref())).collect()
}

/// Several objects of dtl, of a class whose Python name is `class`, as `of` gives them; `None` stands for none.
pub fn objects<T: PyClass<Frozen = True> + Sync, R>(
    argument: &Bound<'_, PyAny>,
    name: &str,
    class: &str,
    of: impl Fn(&T) -> R,
) -> Result<Vec<Option<R>>, Refusal> {
    if !argument.is_instance_of::<PyList>() && !argument.is_instance_of::<PyTuple>() {
        return Err(Refusal::wrong_type(format!(
            "{name} is {}, but must be a list or tuple of dtl.{class}.",
            shown(argument)
        )));
    }
    let mut objects = Vec::new();
    for (place, item) in argument.try_iter()?.enumerate() {
        let item = item?;
        objects.push(match item.is_none() {
            true => None,
            false => Some(of(crate::object::<T>(&item, &format!("{name}[{place}]"), class)?)),
        });
    }
    Ok(objects)
}

/// What `await` iterates over, for a request.
pub fn awaiting<'py>(request: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let finished = request.py().import("dtl._requests")?.getattr("finished")?.call1((request,))?;
    finished.call_method0("__await__")
}

/// Issues an `operation` in which this rank cannot take part: the request gives the error, on every rank. What Python code
/// has raised while arguments were converted is raised here at once; the other ranks learn that it was.
#[cold]
pub fn issue_refusal(
    py: Python<'_>,
    context: &Context,
    operation: Operation,
    refusal: Refusal,
) -> PyResult<DynRequest> {
    let (error, own) = refusal.for_others(operation);
    let request = py.detach(|| dtl::ops::refuse_issued(context, operation, error));
    own.map_or(Ok(request), Err)
}
