//! How jobs end when one of their ranks does: a table of ways, each run with different numbers of ranks under each MPI. A job
//! must be over within seconds, with an exit code that tells what happened, after the rank has said what it had to say. The table
//! in `lost_rank.rs` is about one rank that goes while two others stay.

use std::time::Instant;

use dtl_plugin_abi::Family;

use super::load;
use super::lost_rank;
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::library::{self, Profile};
use crate::program;
use crate::setup::python::Purpose;
use crate::{Result, parallel, repository};

/// How many seconds a rank waits for others, on an idle machine.
pub const PATIENCE: f64 = 3.0;
/// How many seconds a job may take on one.
const LIMIT: f64 = 15.0;

/// A way to end, and what must come of it.
struct Ending {
    way: &'static str,
    /// The exit code of the job.
    code: Code,
    /// What the ranks must have said between them.
    says: &'static str,
    ranks: &'static [u32],
}

/// What the exit code of a job must be.
#[derive(Clone, Copy)]
pub enum Code {
    /// This one.
    Is(i32),
    /// This one where dtl finalises MPI. Python tells nobody what `sys.exit` was given before others have finalised it, so
    /// that another rank's failure may come first.
    IsOrFails(i32),
    /// Any but that of success.
    Fails,
}

const ENDINGS: [Ending; 26] = [
    Ending::well("all_is_well", &[1, 2, 3, 4]),
    Ending::well("children_that_end", &[1, 2, 4]),
    Ending::well("children_that_use_contexts", &[1, 2, 4]),
    Ending::well("workers_of_multiprocessing", &[1, 2]),
    Ending::well("a_helper_program", &[1, 2]),
    Ending::well("a_script_that_starts_the_rank", &[1, 2]),
    Ending::well("mpi_is_finalised", &[1, 2, 4]),
    Ending::well("exceptions_that_were_handled", &[2]),
    Ending::well("an_exception_that_the_program_handled_itself", &[2]),
    Ending::well("no_context_anywhere", &[1, 2, 4]),
    Ending { way: "no_context_on_the_last_rank", code: Code::Fails, says: "", ranks: &[2] },
    Ending {
        way: "an_exception_while_others_wait",
        code: Code::Is(1),
        says: "ValueError: on purpose",
        ranks: &[1, 2, 4],
    },
    Ending {
        way: "an_exception_while_others_end",
        code: Code::Is(1),
        says: "ValueError: on purpose",
        ranks: &[2, 4],
    },
    Ending {
        way: "an_exception_inside_a_with_block",
        code: Code::Is(1),
        says: "ValueError: on purpose",
        ranks: &[2, 4],
    },
    Ending { way: "an_exception_everywhere", code: Code::Is(1), says: "ValueError: on purpose", ranks: &[2] },
    Ending { way: "exit_3_while_others_wait", code: Code::IsOrFails(3), says: "", ranks: &[1, 2, 4] },
    Ending { way: "exit_3_while_others_end", code: Code::IsOrFails(3), says: "", ranks: &[2, 4] },
    Ending { way: "exit_3_inside_a_with_block", code: Code::IsOrFails(3), says: "", ranks: &[2, 4] },
    Ending {
        way: "the_error_policy",
        code: Code::Is(1),
        says: "global index 9 is out of bounds",
        ranks: &[1, 2, 4],
    },
    Ending { way: "a_skipped_call", code: Code::Fails, says: "left the context", ranks: &[2] },
    Ending {
        way: "a_message_that_is_never_sent",
        code: Code::Fails,
        says: "left the context and has not sent a message",
        ranks: &[2],
    },
    Ending::well("work_that_takes_longer_than_others_wait", &[2, 4]),
    Ending::well("work_under_an_mpi_for_one_thread", &[2]),
    Ending::well("a_timeout_that_is_handled", &[2, 4]),
    Ending::well("a_timeout_that_is_handled_over_mpi", &[2, 4]),
    Ending {
        way: "a_variable_that_differs",
        code: Code::Fails,
        says: "the environment variable DTL_SHARED_MEMORY differs between ranks",
        ranks: &[2, 4],
    },
];

/// Programs in other languages, whose last rank prints a line and ends with this code, while the others wait if it is that of an
/// error.
const PROGRAMS: [(&str, i32); 9] = [
    ("tests/endings/fork.c", 0),
    ("tests/endings/fork.f90", 0),
    ("tests/endings/fork.rs", 0),
    ("tests/endings/exit_3.c", 3),
    ("tests/endings/error_stop_3.f90", 3),
    ("tests/endings/end_of_file.f90", 2),
    ("tests/endings/error_policy.c", 1),
    ("tests/endings/error_policy.f90", 1),
    ("tests/endings/error_policy.rs", 1),
];

/// Runs the table.
pub fn run(report: &mut Report) -> Result<()> {
    let python = library::python(Profile::Debug, Purpose::Test)?;
    for family in Family::ALL {
        for with_mpi4py in [false, true] {
            let beside = if with_mpi4py { " beside mpi4py" } else { "" };
            let name =
                |ending: &Ending| format!("{}{beside}, {}", ending.way.replace('_', " "), family.name());
            at_once(report, &ENDINGS, name, |ending| {
                let command = python.command("python").args(["tests/endings/ways.py", ending.way]);
                let command = command.args(with_mpi4py.then_some("mpi4py"));
                ending.check(family, with_mpi4py, &command)
            });
        }
        // Each is built once, for both.
        let programs: Vec<_> = PROGRAMS
            .iter()
            .map(|(file, code)| (*file, *code, program::prepare(&repository::path(file), Profile::Debug)))
            .collect();
        at_once(
            report,
            &programs,
            |(file, ..)| format!("{file}, {}", family.name()),
            |(file, code, command)| {
                let ending = Ending {
                    way: file,
                    code: Code::Is(*code),
                    says: "said before the end",
                    ranks: &[1, 2, 4],
                };
                ending.check(family, false, command.as_ref().map_err(Clone::clone)?)
            },
        );
    }
    lost_rank::run(report, &python)
}

/// Runs several rows at once: their jobs mostly wait.
fn at_once<T: Sync>(
    report: &mut Report,
    rows: &[T],
    name: impl Fn(&T) -> String,
    check: impl Fn(&T) -> Result<Tally> + Sync,
) {
    let results = parallel::map_waiting(rows, |row| {
        let start = Instant::now();
        (check(row), start.elapsed())
    });
    for (row, (result, time)) in rows.iter().zip(results) {
        report.ended(&name(row), time, result);
    }
}

impl Ending {
    /// A job in which all is well.
    const fn well(way: &'static str, ranks: &'static [u32]) -> Self {
        Self { way, code: Code::Is(0), says: "", ranks }
    }

    /// Runs the job with each number of ranks.
    fn check(&self, family: Family, with_mpi4py: bool, command: &Command) -> Result<Tally> {
        let mut tally = Tally::default();
        for ranks in self.ranks {
            let world = World::new(family, *ranks)?;
            let command = if with_mpi4py { world.with_mpi4py(command.clone())? } else { command.clone() };
            let slowdown = load::slowdown();
            let (patience, limit) = (PATIENCE * slowdown, LIMIT * slowdown);
            let start = Instant::now();
            let job = world.run_with_timeout(patience, command.seconds(limit))?;
            let code = job.launcher.status.and_then(|status| status.code());
            let says = job.ranks.iter().any(|rank| format!("{}{}", rank.out, rank.err).contains(self.says));
            if !says || !code.is_some_and(|code| self.code.allows(code, with_mpi4py)) {
                let seconds = start.elapsed().as_secs_f64();
                return Err(format!("{}\nThat is not as it should be, after {seconds:.1} s.", job.failure()));
            }
            tally.add(Tally::one());
        }
        Ok(tally)
    }
}

impl Code {
    /// Whether it may be this.
    pub fn allows(self, code: i32, with_mpi4py: bool) -> bool {
        match self {
            Self::Is(expected) => code == expected,
            Self::IsOrFails(expected) => code == expected || with_mpi4py && code != 0,
            Self::Fails => code != 0,
        }
    }
}
