//! What the Python process and the runtime tell each other when the module is imported. Nothing is initialised by that.

use std::path::PathBuf;

use pyo3::prelude::*;

/// Called once, when the module is imported.
pub fn introduce(py: Python<'_>) -> PyResult<()> {
    // PyPI's packages of MPI put their libraries here. A program that embeds Python may have no such folder.
    let prefix = py.import("sys")?.getattr("prefix")?;
    if let Ok(prefix) = prefix.extract::<PathBuf>() {
        dtl::comm::mpi::set_environment_folder(prefix.join("lib"));
    }
    Ok(())
}
