//! Requests and futures: what they have given, lists of them, and waiting for them under asyncio.

use std::sync::Arc;

use dtl::future::{Outcome, Value};
use dtl::{Context, DynFuture, DynRequest, Pair};
use dtl_types::Operation;
use pyo3::PyClass;
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyList, PyTuple};

use crate::argument::shown;
use crate::array_out::ArrayOut;
use crate::pair::both;
use crate::refusal::Refusal;

/// What has something to give once it is over.
pub trait Gives {
    /// What it gives: the same each time.
    fn given(&self, py: Python<'_>) -> PyResult<Py<PyAny>>;
}

/// What a function of Python makes of what a request has given: once, when somebody asks for it.
struct Finished {
    request: DynRequest,
    finish: Py<PyAny>,
    made: PyOnceLock<Py<PyAny>>,
}

/// A request that is over when this one is, and gives what `finish` makes of what it has given.
pub fn then(request: &DynRequest, finish: &Bound<'_, PyAny>) -> DynRequest {
    let finish = finish.clone().unbind();
    request.then(Arc::new(Finished { request: request.clone(), finish, made: PyOnceLock::new() }))
}

impl Gives for Finished {
    fn given(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let make = || self.finish.call1(py, (self.request.given(py)?,));
        self.made.get_or_try_init(py, make).map(|made| made.clone_ref(py))
    }
}

impl Gives for DynRequest {
    /// An array, a scalar, two of these, what a function has made of it, or `None`.
    fn given(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(finished) = self.with_outcome(Arc::<Finished>::clone) {
            return finished.given(py);
        }
        // Looking does not run Python code, which could let another thread go on that waits for the request.
        if let Some(out) = self.with_outcome(|out: &ArrayOut| out.share(py)) {
            return out.into_result(py);
        }
        let both_shared = |out: &Pair<ArrayOut>| Pair(out.0.share(py), out.1.share(py));
        self.with_outcome(both_shared).map_or_else(|| Ok(py.None()), |out| both(py, out))
    }
}

impl Gives for DynFuture {
    /// The object that it was set to; what its request or its futures give.
    fn given(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.outcome() {
            Some(Outcome::Value(value)) => {
                Ok(value.downcast_ref::<Py<PyAny>>().map_or_else(|| py.None(), |object| object.clone_ref(py)))
            }
            Some(Outcome::OfRequest(request)) => request.given(py),
            Some(Outcome::All(futures)) => {
                let given: Vec<Py<PyAny>> =
                    futures.iter().map(|future| future.given(py)).collect::<PyResult<_>>()?;
                Ok(PyList::new(py, given)?.into_any().unbind())
            }
            Some(Outcome::First(place, future)) => {
                Ok((place, future.given(py)?).into_pyobject(py)?.into_any().unbind())
            }
            None => Ok(py.None()),
        }
    }
}

/// What something that is over has given; `None` also where there is nothing.
pub fn outcome(py: Python<'_>, of: Option<&impl Gives>) -> PyResult<Py<PyAny>> {
    of.map_or_else(|| Ok(py.None()), |of| of.given(py))
}

/// Any object, as a value that is kept; like other conversions of arguments, though it always succeeds.
pub fn anything(object: &Bound<'_, PyAny>) -> Result<Value, Refusal> {
    Ok(Value::new(object.clone().unbind()))
}

/// The same for each of several.
pub fn outcomes(py: Python<'_>, requests: &[Option<DynRequest>]) -> PyResult<Vec<Py<PyAny>>> {
    requests.iter().map(|request| outcome(py, request.as_ref())).collect()
}

/// Several objects of dtl, of a class whose Python name is `class`, as `of` gives them, or of another class from which `other` makes
/// one; `None` stands for none.
pub fn objects<T: PyClass<Frozen = True> + Sync, R>(
    argument: &Bound<'_, PyAny>,
    name: &str,
    class: &str,
    of: impl Fn(&T) -> R,
    other: impl Fn(&Bound<'_, PyAny>) -> Option<dtl::Result<R>>,
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
        objects.push(match other(&item) {
            Some(made) => Some(made?),
            None if item.is_none() => None,
            None => match item.cast::<T>() {
                Ok(object) => Some(of(object.get())),
                // The name is for the error.
                Err(_) => Some(of(crate::object::<T>(&item, &format!("{name}[{place}]"), class)?)),
            },
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
