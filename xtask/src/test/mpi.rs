//! dtl on processes, under every MPI of this machine: builds the plugins, starts the jobs of `runtime/tests/mpi`, and runs an
//! example in every language.

use dtl_plugin_abi::Family;

use super::report::Report;
use super::tally::Tally;
use crate::command::Command;
use crate::launcher::Launcher;
use crate::library::Profile;
use crate::program::{self, Language};
use crate::{Result, plugins, repository};

/// Builds the plugins and runs everything.
pub fn run(report: &mut Report) -> Result<()> {
    report.check("plugins", plugins::build);
    report.check("cargo clippy", || {
        Command::cargo().args(["clippy", "--package", "dtl", "--test", "mpi"]).run()
    });
    report.step("jobs", || {
        let jobs =
            Command::cargo().args(["test", "--package", "dtl", "--test", "mpi"]).minutes(20).finish()?;
        Ok(Tally::of_cargo(&jobs.stdout).checked(&jobs))
    });
    for family in Family::ALL {
        for language in Language::ALL {
            for ranks in [1, 2, 4] {
                let name =
                    format!("an example in {}, on {ranks} ranks of {}", language.name(), family.name());
                report.check(&name, || dot_product(family, language, ranks));
            }
        }
    }
    Ok(())
}

/// The dot product of the examples: one rank prints it, however many there are.
fn dot_product(family: Family, language: Language, ranks: u32) -> Result<()> {
    let file = repository::path(format!("examples/{}/dot_product.{}", language.name(), language.ending()));
    let program = program::prepare(&file, Profile::Debug)?;
    let output = Launcher::find(Some(family))?.start(ranks, program)?.seconds(120).output()?;
    let expected = "Dot product: 9999900000\nExpected: 9999900000";
    if output.trim() == expected { Ok(()) } else { Err(format!("it prints\n{output}instead of\n{expected}")) }
}
