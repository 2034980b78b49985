//! The processes that started this one, as far as the system shows them, and whether one of them is the rank that a launcher's
//! variables speak of: what a rank starts inherits those, and would be taken for the rank itself.

use super::launcher::Launcher;
use super::library;
use std::fs;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};

/// Launchers start ranks through a proxy, and users through a shell or two.
const GENERATIONS: usize = 6;

/// How the names of launchers, of their proxies and daemons begin.
const LAUNCHERS: [&str; 9] =
    ["mpirun", "mpiexec", "orte", "prte", "hydra_", "pmi_proxy", "srun", "slurmstepd", "flux"];

/// A process from which this one descends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ancestor {
    pub(super) process: u32,
}

/// The processes from which this one descends, nearest first.
pub(super) fn of_this() -> impl Iterator<Item = Ancestor> {
    let first = Ancestor { process: parent_id() };
    std::iter::successors(Some(first), Ancestor::parent).take(GENERATIONS)
}

/// The process that is the rank of which the launcher's variables speak, if that is an ancestor of this one: it has been given
/// the same rank, and MPI is in it.
pub(super) fn rank_that_started_this(launcher: &Launcher) -> Option<u32> {
    let own = launcher.variables.map(|name| std::env::var(name).ok());
    let is_same = |ancestor: &Ancestor| {
        let environment = ancestor.read("environ");
        launcher.variables.iter().zip(&own).all(|(name, own)| {
            own.as_ref().is_some_and(|own| has_variable(&environment, name, own.as_bytes()))
        })
    };
    let mut as_this = of_this().take_while(|ancestor| !ancestor.is_launcher() && is_same(ancestor));
    as_this.find(Ancestor::uses_mpi).map(|ancestor| ancestor.process)
}

/// Whether a block of variables, as the system shows it, has this one with this value.
fn has_variable(environment: &[u8], name: &str, value: &[u8]) -> bool {
    let assigned = |entry: &[u8]| Some(entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")? == value);
    environment.split(|byte| *byte == 0).any(|entry| assigned(entry) == Some(true))
}

impl Ancestor {
    /// One of the files in which the system shows a process; empty where this process may not see it.
    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(format!("/proc/{}/{file}", self.process)).unwrap_or_default()
    }

    fn parent(&self) -> Option<Self> {
        // The parent's number is the second field after the name, which is in parentheses and may hold anything.
        let stat = String::from_utf8_lossy(&self.read("stat")).into_owned();
        let process = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
        (process > 1).then_some(Ancestor { process })
    }

    /// The file of its program.
    pub(super) fn program(&self) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{}/exe", self.process)).ok()
    }

    fn is_launcher(&self) -> bool {
        let program = self.program();
        let name = program.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        LAUNCHERS.iter().any(|launcher| name.starts_with(launcher))
    }

    /// Whether it has an MPI library among its code.
    fn uses_mpi(&self) -> bool {
        let is_mpi = |line: &str| {
            let (access, path) = (line.split_whitespace().nth(1)?, line.get(line.find('/')?..)?);
            let name = Path::new(path).file_name()?.to_str()?;
            Some(access.contains('x') && library::flavor(name.trim_end_matches(" (deleted)")).is_some())
        };
        String::from_utf8_lossy(&self.read("maps")).lines().any(|line| is_mpi(line) == Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_has_its_whole_name_and_value() {
        let environment = b"PMI_SIZE=2\0PMI_RANK=11\0XPMI_RANK=1\0";
        assert!(has_variable(environment, "PMI_RANK", b"11"));
        for (name, value) in [("PMI_RANK", "1"), ("RANK", "11"), ("PMI_RANK", "111"), ("PMI", "SIZE=2")] {
            assert!(!has_variable(environment, name, value.as_bytes()), "{name}={value}");
        }
    }

    #[test]
    fn whoever_runs_a_test_is_no_rank() {
        assert!(of_this().next().is_some_and(|parent| parent.program().is_some() && !parent.uses_mpi()));
        let launcher = super::super::launcher::all().next().expect("launchers are known");
        assert_eq!(rank_that_started_this(&launcher), None);
    }
}
