//! Starting the cases under every launcher, and judging how they end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How a case must end.
struct Expectation {
    case: &'static str,
    sizes: &'static [u32],
    /// The launcher's exit code.
    code: Code,
    /// What the ranks must have printed between them.
    says: &'static str,
    variables: &'static [(&'static str, &'static str)],
}

enum Code {
    Is(i32),
    /// Not that of success; which one depends on the rank that is first.
    NotZero,
}

const CASES: [Expectation; 13] = [
    works("cycles"),
    works("groups_that_outlive_others"),
    works("contexts_on_one_communicator"),
    works("no_context"),
    works("messages"),
    Expectation {
        says: "rank 1 left the context and has not sent a message with tag 1",
        ..works_on("messages_after_the_end", &[2, 4])
    },
    Expectation { says: "rank 1 left the context", ..works_on("closed_early", &[2, 4, 66]) },
    works_on("agreements", &[2, 4, 66]),
    Expectation { says: "rank 1 left a context in the middle", ..fails("leaves_unchecked", &[]) },
    // Who handles the error ends well.
    Expectation {
        says: "waited 2s for rank 1 and gave up",
        code: Code::Is(0),
        ..fails("never_comes", &[2, 4])
    },
    Expectation { says: "rank 1 left the context", ..fails("ends_early", &[2, 4]) },
    Expectation { code: Code::Is(3), ..fails("exit_3", &[1, 2, 4]) },
    Expectation { says: "a panic on purpose", ..fails("panic", &[2, 4]) },
];

const fn works(case: &'static str) -> Expectation {
    works_on(case, &[1, 2, 4])
}

const fn works_on(case: &'static str, sizes: &'static [u32]) -> Expectation {
    Expectation { case, sizes, code: Code::Is(0), says: "", variables: &[] }
}

const fn fails(case: &'static str, sizes: &'static [u32]) -> Expectation {
    Expectation { case, sizes, code: Code::NotZero, says: "", variables: &[("DTL_TIMEOUT", "10")] }
}

/// What Open MPI wants to hear in containers, where tests often run as root.
const AS_ROOT: [(&str, &str); 2] = [("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")];

/// How long a job may take, on a machine that does much else.
const LIMIT: Duration = Duration::from_secs(600);

/// A program that starts ranks.
#[derive(Debug)]
struct Launcher {
    program: PathBuf,
    is_openmpi: bool,
}

/// The launchers of the path and of the installations that the variable `DTL_TEST_MPI` names, separated by colons.
fn launchers() -> Vec<Launcher> {
    let installations = std::env::var_os("DTL_TEST_MPI").unwrap_or_default();
    let installed = std::env::split_paths(&installations).map(|prefix| prefix.join("bin/mpirun"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["mpirun.openmpi", "mpirun.mpich", "mpirun"];
    let found = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    let mut launchers: Vec<Launcher> = Vec::new();
    for program in installed.chain(found).filter(|program| program.is_file()) {
        let same = |launcher: &Launcher| launcher.program.canonicalize().ok() == program.canonicalize().ok();
        if let (false, Some(launcher)) = (launchers.iter().any(same), Launcher::of(&program)) {
            launchers.push(launcher);
        }
    }
    launchers
}

impl Launcher {
    fn of(program: &Path) -> Option<Self> {
        let output = Command::new(program).arg("--version").envs(AS_ROOT).output().ok()?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(Launcher { program: program.to_owned(), is_openmpi: version.contains("open-mpi.org") })
    }

    fn command(&self, ranks: u32) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-n").arg(ranks.to_string());
        if self.is_openmpi {
            command.arg("--oversubscribe").envs(AS_ROOT);
        }
        command.arg(std::env::current_exe().expect("the name of this program")).arg("rank");
        command
    }
}

/// Runs all cases, or those whose name contains the filter; what launchers start, side by side, as most jobs wait.
pub fn run_all(filter: Option<&String>) {
    let launchers = launchers();
    let all_of = |launcher: &Launcher| {
        let mut verdicts = Vec::new();
        for case in CASES.iter().filter(|it| filter.is_none_or(|filter| it.case.contains(filter.as_str()))) {
            verdicts.extend(case.sizes.iter().map(|ranks| judge(launcher, case, *ranks, "1")));
            verdicts.push(judge(launcher, case, 2, "0"));
        }
        if filter.is_none() {
            verdicts.extend(mismatch(launcher, &launchers));
        }
        verdicts
    };
    let verdicts: Vec<bool> = std::thread::scope(|scope| {
        let running: Vec<_> = launchers.iter().map(|launcher| scope.spawn(|| all_of(launcher))).collect();
        running.into_iter().flat_map(|all| all.join().expect("a judge does not panic")).collect()
    });
    let passed = verdicts.iter().filter(|right| **right).count();
    let failed = verdicts.len() - passed;
    // The words of cargo's own test programs.
    println!("test result: {passed} passed; {failed} failed");
    assert!(failed == 0 && passed > 0, "every job must end as it should, under one MPI at least");
}

/// Starts a case, with shared memory between the ranks or not, and says whether it ended as it should.
fn judge(launcher: &Launcher, case: &Expectation, ranks: u32, shared_memory: &str) -> bool {
    let mut command = launcher.command(ranks);
    command.arg(case.case).envs(case.variables.iter().copied()).env("DTL_SHARED_MEMORY", shared_memory);
    let (code, output, time) = finish(command);
    let right = match (&case.code, code) {
        (Code::Is(expected), Some(code)) => code == *expected,
        (Code::NotZero, Some(code)) => code != 0,
        _ => false,
    } && output.contains(case.says);
    let name = if shared_memory == "1" { case.case.to_owned() } else { format!("{} through MPI", case.case) };
    report(launcher, &name, ranks, right, code, &output, time)
}

/// A launcher with a library of the other family, if there is one: every rank must say what is wrong.
fn mismatch(launcher: &Launcher, launchers: &[Launcher]) -> Option<bool> {
    if launchers.iter().all(|other| other.is_openmpi == launcher.is_openmpi) {
        return None;
    }
    let mut command = launcher.command(2);
    command.arg("cycles").env("DTL_MPI", if launcher.is_openmpi { "mpich" } else { "openmpi" });
    let (code, output, time) = finish(command);
    let right = code.is_some_and(|code| code != 0) && output.contains("each process would be rank 0 of 1");
    Some(report(launcher, "mismatch", 2, right, code, &output, time))
}

fn report(
    launcher: &Launcher,
    case: &str,
    ranks: u32,
    right: bool,
    code: Option<i32>,
    output: &str,
    time: Duration,
) -> bool {
    let verdict = if right { "ok" } else { "FAILED" };
    let end = code.map_or_else(|| "killed at the limit".to_owned(), |code| format!("exit code {code}"));
    println!("{} -n {ranks} {case}: {verdict} ({end}, {time:.1?})", launcher.program.display());
    if !right {
        println!("{output}");
    }
    right
}

/// The exit code, the output of both streams, and the time taken; no code if it ran past the limit or was killed.
fn finish(mut command: Command) -> (Option<i32>, String, Duration) {
    let start = Instant::now();
    let folder = std::env::temp_dir();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let file = folder.join(format!("dtl-mpi-test-{}-{number}", std::process::id()));
    let output = std::fs::File::create(&file).expect("a file for the output");
    let errors = output.try_clone().expect("the same file");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .expect("the launcher can be started");
    let code = loop {
        match child.try_wait().expect("the launcher can be waited for") {
            Some(status) => break status.code(),
            None if start.elapsed() > LIMIT => {
                child.kill().and_then(|()| child.wait()).expect("the launcher can be killed");
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let text = std::fs::read(&file).expect("the output can be read");
    std::fs::remove_file(&file).expect("the file can be removed");
    (code, String::from_utf8_lossy(&text).into_owned(), start.elapsed())
}
