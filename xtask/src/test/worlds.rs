//! Where test programs run beside the process that is alone: worlds of 1, 2 and 4 processes, under each MPI.
//!
//! A program is the same everywhere. What it runs on ranks, it runs on threads when it is alone, else on the processes of its
//! world; cases for more ranks than that it counts and leaves to a larger world. In the gate a world leaves out cases that a
//! smaller one of the same MPI has run.

use std::path::Path;

use dtl_plugin_abi::Family;

use super::depth::Depth;
use super::tally::Tally;
use crate::command::Command;
use crate::launcher::{Job, Launcher};
use crate::setup::system::{self, Tool};
use crate::{Result, parallel, repository};

/// What starts processes, and what the plugins for them are built with.
pub const TOOLS: &[Tool] = &[system::OPENMPI, system::MPICH, system::CLANG];

/// The numbers of processes.
const SIZES: [u32; 3] = [1, 2, 4];

/// How long a rank waits for another one before that is an error: longer than any rank of a test works alone, on a machine that
/// does much else, too.
const TIMEOUT: f64 = 300.0;

/// The library of Debian's MPICH.
const DEBIAN_MPICH: &str = "/usr/lib/x86_64-linux-gnu/libmpich.so.12";

/// A number of processes under an MPI.
pub struct World {
    launcher: Launcher,
    /// How many processes.
    pub ranks: u32,
}

impl World {
    /// All of them.
    pub fn all() -> Result<Vec<Self>> {
        Family::ALL.into_iter().flat_map(|family| SIZES.map(|ranks| Self::new(family, ranks))).collect()
    }

    /// One that need not be among those.
    pub fn new(family: Family, ranks: u32) -> Result<Self> {
        Launcher::find(Some(family)).map(|launcher| Self { launcher, ranks })
    }

    /// A test program, told to leave out what a smaller world has done, but where everything is tried.
    pub fn beyond_smaller(&self, depth: Depth, program: Command) -> Command {
        let smaller = SIZES.into_iter().filter(|size| *size < self.ranks).max().unwrap_or(0);
        program.env("DTL_FEWEST_RANKS", depth.choose(smaller + 1, 1).to_string())
    }

    /// The world in a few words.
    pub fn name(&self) -> String {
        let plural = if self.ranks == 1 { "" } else { "s" };
        format!("{} rank{plural} of {}", self.ranks, self.launcher.family.name())
    }

    /// Runs a program as every rank.
    pub fn run(&self, program: Command) -> Result<Job> {
        self.run_with_timeout(TIMEOUT, program)
    }

    /// Runs a program as every rank, whose patience with others ends after so many seconds.
    pub fn run_with_timeout(&self, seconds: f64, program: Command) -> Result<Job> {
        // With the family named, a rank that does not find its library fails, where it could also be alone.
        let program =
            program.env("DTL_MPI", self.launcher.family.name()).env("DTL_TIMEOUT", format!("{seconds:.1}"));
        self.launcher.run(self.ranks, program)
    }

    /// What `run` gives for each item: one after the other, or as many at once as there are cores where a job is one process, as
    /// it keeps one core busy.
    pub fn each<T: Sync, R: Send>(&self, items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
        if self.ranks == 1 { parallel::map(items, run) } else { items.iter().map(run).collect() }
    }

    /// A program that imports mpi4py from its wheel, told to use this world's MPI.
    pub fn with_mpi4py(&self, program: Command) -> Result<Command> {
        let family = self.launcher.family;
        let program = program.env("MPI4PY_MPIABI", family.name());
        if family != Family::Mpich || !Path::new(DEBIAN_MPICH).is_file() {
            return Ok(program);
        }
        // The wheel asks for the library by the name that it has everywhere else.
        let folder = repository::made("mpi4py")?;
        let link = folder.join("libmpi.so.12");
        // Jobs that run side by side all make it; one of them is the first.
        let made = std::os::unix::fs::symlink(DEBIAN_MPICH, &link);
        if !link.is_file() {
            made.map_err(|error| format!("{} cannot be made: {error}", link.display()))?;
        }
        Ok(program.env("LD_LIBRARY_PATH", folder))
    }

    /// What was counted, unless something was left that no world is large enough for.
    pub fn complete(&self, tally: Tally) -> Result<Tally> {
        let largest = SIZES.iter().all(|size| *size <= self.ranks);
        if largest && tally.left > 0 {
            return Err(format!(
                "{} cases need more than {} ranks, so that no world runs them",
                tally.left, self.ranks
            ));
        }
        Ok(tally)
    }
}
