//! What is built, held against what is specified: `tests/artifacts` compares functions, types and numbers of the
//! specification, the header, the library and the Fortran modules; the snapshot of the ABI is compared here.

use super::python;
use super::report::Report;
use crate::library::{self, Profile};
use crate::setup::python::{Environment, Purpose};
use crate::test::binary;
use crate::{Result, abi};

/// Runs the comparisons.
pub fn run(report: &mut Report) -> Result<()> {
    let library = library::c(Profile::Debug)?;
    let environment = Environment::ready(Purpose::Test)?;
    report.step("tests/artifacts", || {
        python::pytest(environment.command("python"), &["tests/artifacts".to_owned()])
    });
    report.check("libdtl.so needs nothing but the C library", || {
        // Whichever MPI or GPU there is, is looked for when the program runs.
        let needed = binary::needed(&library.join("libdtl.so"))?;
        let foreign: Vec<String> =
            needed.into_iter().filter(|name| !binary::is_part_of_glibc(name)).collect();
        if foreign.is_empty() { Ok(()) } else { Err(format!("it needs {}", foreign.join(", "))) }
    });
    report.check("ABI snapshot", abi::check);
    Ok(())
}
