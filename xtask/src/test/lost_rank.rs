//! What becomes of a job when one of its three ranks goes, in any way that a rank can go: a table for each MPI, in shared
//! memory, without it, and where mpi4py has initialised MPI. The job must be over soon after the deadline for waiting, its exit
//! code must tell of it, and so must a sentence that names the rank. Where others keep the machine busy, both times are longer.
//! Part of the suite `endings`.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dtl_plugin_abi::Family;

use super::endings::{Code, PATIENCE};
use super::load;
use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::launcher::Job;
use crate::setup::python::Environment;
use crate::{Result, parallel};

/// The number of ranks, of which the last one goes.
const RANKS: u32 = 3;
/// How its name is written.
const LOST: &str = "rank 2";

/// After how many seconds from its going, beyond those that the others wait for it, the job must be over on an idle machine.
const TO_END: f64 = 3.0;
/// When a job that hangs is killed there.
const HANGS: f64 = 30.0;

/// A way to go: a function of `tests/endings/ways.py`.
struct Way {
    name: &'static str,
    code: Code,
    /// A launcher that kills the others at once, before they miss the one that went, and names no rank.
    unnamed_by: Option<Family>,
    /// A launcher that does so and then takes it for success, in about half of such jobs, whoever else uses MPI in them.
    unseen_by: Option<Family>,
}

const WAYS: [Way; 12] = [
    Way::new("an_exception_while_others_wait", Code::Is(1)),
    Way::new("exit_3_while_others_wait", Code::IsOrFails(3)),
    Way::new("an_exception_inside_a_with_block", Code::Is(1)),
    Way::new("a_skipped_call", Code::Fails),
    Way::new("a_message_that_is_never_sent", Code::Fails),
    Way {
        unnamed_by: Some(Family::Mpich),
        unseen_by: Some(Family::Mpich),
        ..Way::new("gone_without_a_word", Code::Fails)
    },
    Way { unnamed_by: Some(Family::Mpich), ..Way::new("killed", Code::Fails) },
    Way::new("stopped", Code::Fails),
    Way::new("stopped_while_others_end", Code::Fails),
    Way::new("stopped_while_data_moves", Code::Fails),
    Way::new("stopped_while_messages_move", Code::Fails),
    Way::new("stopped_while_contexts_are_made", Code::Fails),
];

/// How ranks are connected.
#[derive(Clone, Copy, PartialEq)]
enum Connection {
    SharedMemory,
    Mpi,
    BesideMpi4py,
}

const CONNECTIONS: [(Connection, &str); 3] = [
    (Connection::SharedMemory, "shared memory"),
    (Connection::Mpi, "MPI alone"),
    (Connection::BesideMpi4py, "beside mpi4py"),
];

/// Runs the table of each MPI and prints it.
pub fn run(report: &mut Report, python: &Environment) -> Result<()> {
    for family in Family::ALL {
        let world = World::new(family, RANKS)?;
        let mut table = format!("  {:<52}{:>5}{:>6}  what names the rank", family.name(), "code", "s");
        let start = Instant::now();
        let mut judge = || {
            // Several at once: jobs mostly wait.
            let rows: Vec<_> =
                WAYS.iter().flat_map(|way| CONNECTIONS.map(|connection| (way, connection))).collect();
            let ends = parallel::map_waiting(&rows, |(way, (connection, _))| {
                way.row(&world, family, *connection, python)
            });
            let mut tally = Tally::default();
            for ((way, (_, words)), end) in rows.iter().zip(ends) {
                table += &format!("\n  {:<36}{words:<16}{}", way.name.replace('_', " "), end?);
                tally.add(Tally::one());
            }
            Ok(tally)
        };
        let judged = judge();
        report.say(&table);
        report.ended(&format!("one of {RANKS} ranks goes, {}", family.name()), start.elapsed(), judged);
    }
    Ok(())
}

impl Way {
    const fn new(name: &'static str, code: Code) -> Self {
        Self { name, code, unnamed_by: None, unseen_by: None }
    }

    /// Runs the job, and gives what there is to say about its end.
    fn row(
        &self,
        world: &World,
        family: Family,
        connection: Connection,
        python: &Environment,
    ) -> Result<String> {
        let with_mpi4py = connection == Connection::BesideMpi4py;
        let command = python.command("python").args(["tests/endings/ways.py", self.name]);
        let command = match connection {
            Connection::SharedMemory => command,
            Connection::Mpi => command.env("DTL_SHARED_MEMORY", "0"),
            Connection::BesideMpi4py => world.with_mpi4py(command.arg("mpi4py"))?,
        };
        let slowdown = load::slowdown();
        let patience = PATIENCE * slowdown;
        let job = world.run_with_timeout(patience, command.seconds(HANGS * slowdown))?;
        let over = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
        let wrong = |what: &str| format!("{}\n{}: {what}", job.failure(), self.name);
        let went = when_it_went(&job).ok_or_else(|| wrong("the last rank has not said when it goes"))?;
        let seconds = over.as_secs_f64() - went;
        let code = job.launcher.status.and_then(|status| status.code());
        let is_seen = |code: i32| self.code.allows(code, with_mpi4py) && code != 0;
        let code = code.filter(|code| is_seen(*code) || self.unseen_by == Some(family));
        let code = code.ok_or_else(|| wrong("that is not the exit code that there should be"))?;
        // Others may have begun to work since.
        let limit = patience + TO_END * slowdown.max(load::slowdown());
        if seconds > limit {
            return Err(wrong(&format!(
                "the job was over after {seconds:.1} s, of which {limit:.1} are allowed"
            )));
        }
        let naming = match sentence_that_names_it(&job) {
            Some(sentence) => sentence,
            None if self.unnamed_by == Some(family) => "nothing: mpirun kills the others at once".into(),
            None => return Err(wrong(&format!("nothing names {LOST}"))),
        };
        Ok(format!("{code:>5}{seconds:>6.1}  {naming}"))
    }
}

/// When the last rank went, in seconds as clocks count them, as it has said itself.
fn when_it_went(job: &Job) -> Option<f64> {
    let said = job.ranks.last()?.out.lines().find_map(|line| line.strip_prefix("goes at "))?;
    said.parse().ok()
}

/// The beginning of what tells that it was this rank: an error of another rank, or what MPI and its launcher say.
fn sentence_that_names_it(job: &Job) -> Option<String> {
    const LONGEST: usize = 88;
    let printed = job.ranks.iter().flat_map(|rank| rank.err.lines());
    let mut lines = printed.chain(job.launcher.stderr.lines()).chain(job.launcher.stdout.lines());
    let line = lines.find(|line| line.contains(LOST))?.trim();
    Some(if line.len() > LONGEST { line.chars().take(LONGEST).collect() } else { line.to_owned() })
}
