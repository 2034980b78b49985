//! Sequences of operations drawn at random, on the processes of each MPI, each compared with what NumPy computes: one launch for
//! all sequences of a world. The suite `rust` draws others, on ranks that are threads.

use dtl_plugin_abi::Family;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::Result;
use crate::library::{self, Profile};
use crate::setup::python::Purpose;

/// The number of processes; a sequence takes as many of them as it draws.
const RANKS: u32 = 4;

/// How many sequences under each MPI, with shared memory and without; and in the gate. MPICH's processes wait for each other
/// without leaving the processor, of which there are often fewer than processes.
const SEQUENCES: [(Family, u64, u64); 2] = [(Family::OpenMpi, 10_000, 500), (Family::Mpich, 1_000, 200)];
const IN_THE_GATE: [(Family, u64, u64); 2] = [(Family::OpenMpi, 2_000, 200), (Family::Mpich, 300, 80)];

/// Runs the sequences.
pub fn run(report: &mut Report) -> Result<()> {
    let python = library::python(Profile::Debug, Purpose::Test)?;
    for (family, shared, alone) in report.depth.choose(IN_THE_GATE, SEQUENCES) {
        for (sequences, memory, said) in [(shared, "1", ""), (alone, "0", ", without shared memory")] {
            let world = World::new(family, RANKS)?;
            report.step(&format!("{sequences} sequences on {}{said}", world.name()), || {
                let program = python.command("python").arg("tests/oracle/sequences.py");
                let program = program.arg(sequences.to_string()).env("DTL_SHARED_MEMORY", memory);
                let job = world.run(program)?;
                match job.launcher.succeeded() && job.ranks[0].out.contains("give what NumPy computes") {
                    true => Ok(Tally { passed: sequences, ..Tally::default() }),
                    false => Err(job.failure()),
                }
            });
        }
    }
    Ok(())
}
