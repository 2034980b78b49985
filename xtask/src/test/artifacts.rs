//! What is built, held against what is specified: the same functions everywhere, nothing else exported, a stable ABI.

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
    report.check("ABI snapshot", abi::check);
    Ok(())
}

/// The functions of the operations that C has.
fn specified() -> Result<Names> {
    let model = generate::model()?;
    Ok(model
        .operations_in("c")
        .flat_map(|operation| &operation.c)
        .map(|function| function.name.clone())
        .collect())
}
