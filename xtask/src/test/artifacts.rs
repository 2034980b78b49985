//! What is built, held against what is specified: the same functions everywhere, nothing else exported, a stable ABI.

use dtl_codegen::lang::ffi;

use super::report::Report;
use super::symbols::{self, Names};
use crate::library::{self, Profile};
use crate::{Result, abi, generate};

/// Compares the sets of functions, and the header with the snapshot of the ABI.
pub fn run(report: &mut Report) -> Result<()> {
    let library = library::c(Profile::Debug)?;
    let header = symbols::of_header()?;
    report.check("header = specification", || {
        symbols::equal(("the header", &header), ("the specification", &specified()?))
    });
    report.check("libdtl.so exports what the header declares, and nothing else", || {
        let exported = symbols::of_shared_library(&library.join("libdtl.so"))?;
        symbols::equal(("the header", &header), ("libdtl.so", &exported))
    });
    report.check("Fortran binds to what the header declares", || {
        symbols::equal(("the header", &header), ("the Fortran modules", &symbols::of_fortran()?))
    });
    report.check("libdtl.so needs nothing but the C library", || {
        // Whichever MPI or GPU there is, is looked for when the program runs.
        let needed = symbols::needed(&library.join("libdtl.so"))?;
        let system = ["libc.", "libm.", "libdl.", "libpthread.", "libgcc_s.", "ld-linux"];
        let foreign: Vec<String> =
            needed.into_iter().filter(|name| !system.iter().any(|known| name.starts_with(known))).collect();
        if foreign.is_empty() { Ok(()) } else { Err(format!("it needs {}", foreign.join(", "))) }
    });
    report.check("ABI snapshot", abi::check);
    Ok(())
}

/// The functions that the generator makes of the specification.
fn specified() -> Result<Names> {
    let sections = ffi::sections(&generate::model()?);
    Ok(sections
        .iter()
        .flat_map(|section| &section.functions)
        .map(|function| function.signature.name.clone())
        .collect())
}
