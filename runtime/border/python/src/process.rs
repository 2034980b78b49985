//! What the Python process and the runtime tell each other: where the environment's libraries are, which MPI is in use, and
//! that an exception ends the process. Nothing is initialised by importing the module.

use std::path::{Path, PathBuf};

use dtl::comm::mpi;
use pyo3::prelude::*;

use crate::guard::guard;
use crate::{interrupt, ndarray};

/// Called once, when the module is imported.
pub fn introduce(py: Python<'_>) -> PyResult<()> {
    // PyPI's packages of MPI put their libraries here. A program that embeds Python may have no such folder.
    let prefix = py.import("sys")?.getattr("prefix")?;
    if let Ok(prefix) = prefix.extract::<PathBuf>() {
        mpi::set_environment_folder(prefix.join("lib"));
    }
    mpi::when_in_use(|library, family| {
        // While the interpreter ends, nobody imports mpi4py.
        Python::try_attach(|py| {
            tell_mpi4py(py, library, family).unwrap_or_else(|error| error.write_unraisable(py, None))
        });
    });
    ndarray::find_numpy(py)?;
    dtl::comm::ask_while_waiting(interrupt::is_interrupted);
    let end = pyo3::wrap_pyfunction!(end, py)?;
    py.import("atexit")?.call_method1("register", (end,))?;
    Ok(())
}

/// Has mpi4py use this library too, if it is imported later and the user has not said otherwise.
fn tell_mpi4py(py: Python<'_>, library: &Path, family: &str) -> PyResult<()> {
    let environment = py.import("os")?.getattr("environ")?;
    for (variable, value) in [("MPI4PY_MPIABI", family.as_ref()), ("MPI4PY_LIBMPI", library.as_os_str())] {
        environment.call_method1("setdefault", (variable, value))?;
    }
    Ok(())
}

/// Whether an exception that nobody has handled ends the program. What the interpreter keeps of the last one that was reported
/// does not say so: consoles and test runners keep those there that they have handled. It has ended the program if the frame
/// that everything else was called from stopped where the exception left it. Where `with` or `finally` were in its way out of that
/// frame it is not recognised, as frames that have handled it may look alike.
fn has_ended_by_exception(sys: &Bound<'_, PyModule>) -> PyResult<bool> {
    let Some(traceback) = sys.getattr_opt("last_traceback")?.filter(|traceback| !traceback.is_none()) else {
        return Ok(false);
    };
    let frame = traceback.getattr("tb_frame")?;
    Ok(frame.getattr("f_back")?.is_none() && frame.getattr("f_lasti")?.eq(traceback.getattr("tb_lasti")?)?)
}

/// Called when the interpreter ends, before others finalise the MPI that they have initialised: after an uncaught exception
/// this rank would wait in there for ranks that wait for it. What `sys.exit` was given nobody is told before that.
#[pyfunction]
fn end(py: Python<'_>) -> PyResult<()> {
    guard(|| end_of(py))
}

fn end_of(py: Python<'_>) -> PyResult<()> {
    let sys = py.import("sys")?;
    // The interpreter keeps the exception that it has reported; in a session at the prompt that is not the end.
    let interactive = sys.hasattr("ps1")? || sys.getattr("flags")?.getattr("interactive")?.is_truthy()?;
    if interactive || !has_ended_by_exception(&sys)? {
        py.detach(|| mpi::about_to_end(0));
        return Ok(());
    }
    for stream in ["stdout", "stderr"] {
        // Streams may be missing or closed, and this is no time to complain of it.
        let _ = sys.getattr(stream).and_then(|stream| stream.call_method0("flush"));
    }
    py.detach(|| mpi::about_to_end(1));
    Ok(())
}
