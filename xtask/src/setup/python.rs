//! The virtual environment of the repository, `.venv`, and the Python that it is made from.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::Result;
use crate::command::Command;
use crate::repository;

/// The oldest Python that dtl runs on, the newest whose name is looked for.
const MINORS: std::ops::RangeInclusive<u32> = 8..=14;

/// What the environment is for; each purpose has its file of pinned packages in `xtask/requirements/`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Building the Python package and running programs that use it.
    Run,
    /// Running the tests as well.
    Test,
    /// Running benchmarks beside what users have today.
    Bench,
    /// Building wheels for older systems than this.
    Wheel,
}

impl Purpose {
    fn requirements(self) -> &'static [&'static str] {
        match self {
            Self::Run => &["xtask/requirements/run.txt"],
            Self::Test => &[
                "xtask/requirements/run.txt",
                "xtask/requirements/mpi4py.txt",
                "xtask/requirements/test.txt",
            ],
            Self::Bench => &["xtask/requirements/run.txt", "xtask/requirements/mpi4py.txt"],
            Self::Wheel => &["xtask/requirements/run.txt", "xtask/requirements/wheel.txt"],
        }
    }
}

/// Which of the Pythons of this machine an environment is made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// The oldest that dtl runs on, on the path or among those that pyenv has installed.
    Oldest,
    /// The newest on the path: what whoever works here has chosen.
    OnPath,
    /// The newest, on the path or among those that pyenv has installed.
    Newest,
}

/// A virtual environment.
pub struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// `.venv`, with the packages for this purpose installed.
    pub fn ready(purpose: Purpose) -> Result<Self> {
        // Of two threads that want it, one makes it.
        static MAKING: Mutex<()> = Mutex::new(());
        let _making = MAKING.lock().map_err(|error| error.to_string())?;
        let environment = Self::at(Self::own().folder, Age::OnPath)?;
        environment.install_for(purpose)?;
        Ok(environment)
    }

    /// `.venv`, made or not.
    pub fn own() -> Self {
        Self { folder: repository::path(".venv") }
    }

    /// A virtual environment in this folder; made when there is none, or none that works.
    pub fn at(folder: PathBuf, age: Age) -> Result<Self> {
        let environment = Self { folder };
        // A Python that was upgraded or removed since leaves an environment that does not start.
        if Command::new(environment.python()).args(["-c", "import pip"]).run().is_err() {
            Command::new(find(age)?)
                .args(["-m", "venv", "--clear"])
                .arg(&environment.folder)
                .telling("making a virtual environment")
                .run()?;
        }
        Ok(environment)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// A command for one of its programs, which finds the environment as if it were activated.
    pub fn command(&self, program: &str) -> Command {
        self.activated(Command::new(self.folder.join("bin").join(program)))
    }

    /// The command, run as if the environment were activated.
    pub fn activated(&self, command: Command) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.folder.join("bin")).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("the parts of PATH hold no separator");
        command.hidden_env("VIRTUAL_ENV", &self.folder).hidden_env("PATH", path)
    }

    /// The file that says what of this name is installed; gone with the environment.
    pub fn stamp(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.installed"))
    }

    /// Installs the packages for this purpose.
    pub fn install_for(&self, purpose: Purpose) -> Result<()> {
        purpose
            .requirements()
            .iter()
            .try_for_each(|requirements| self.install_requirements(Path::new(requirements)))
    }

    /// Installs packages with pip.
    pub fn install(&self, arguments: &[&str]) -> Result<()> {
        self.pip_install(arguments).run()
    }

    /// The command that installs a package and what it needs, in the versions that the tests pin.
    pub fn pip_install_pinned(&self, package: &str) -> Command {
        let constraints = ["run", "mpi", "mpi4py", "wheel"]
            .map(|name| format!("--constraint=xtask/requirements/{name}.txt"));
        let arguments: Vec<&str> = constraints.iter().map(String::as_str).chain([package]).collect();
        self.pip_install(&arguments)
    }

    fn pip_install(&self, arguments: &[&str]) -> Command {
        self.command("python")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(arguments)
            .telling("installing Python packages")
    }

    /// Installs the packages of a requirements file, unless that very file has been installed before.
    fn install_requirements(&self, requirements: &Path) -> Result<()> {
        let text = repository::read(&repository::path(requirements))?;
        let name = requirements.file_stem().expect("requirements files have a name");
        // A copy of what was installed: exact, readable, and nothing to compute.
        let stamp = self.stamp(&name.to_string_lossy());
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == text) {
            return Ok(());
        }
        self.install(&["--requirement", &requirements.to_string_lossy()])?;
        repository::write(&stamp, text)
    }
}

/// A Python on the path, and what it lacks, if anything.
struct Candidate {
    path: PathBuf,
    minor: u32,
    lacks: Option<&'static str>,
}

/// A Python that can make virtual environments.
fn find(age: Age) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if age != Age::OnPath {
        // pyenv puts only the version in use on the path.
        let versions = pyenv().and_then(|root| fs::read_dir(root.join("versions")).ok());
        folders.extend(versions.into_iter().flatten().flatten().map(|version| version.path().join("bin")));
    }
    let candidates: Vec<Candidate> = programs(&folders).iter().filter_map(|path| examine(path)).collect();
    choose(&candidates, age)
}

fn choose(candidates: &[Candidate], age: Age) -> Result<PathBuf> {
    let suitable = candidates.iter().filter(|candidate| candidate.lacks.is_none());
    // Of equals, the one that comes first on the path.
    let best = match age {
        Age::Oldest => suitable.min_by_key(|candidate| candidate.minor),
        Age::OnPath | Age::Newest => suitable.rev().max_by_key(|candidate| candidate.minor),
    };
    if let Some(best) = best {
        return Ok(best.path.clone());
    }
    let (first, last) = (MINORS.start(), MINORS.end());
    let mut message = format!("dtl needs Python 3.{first} or newer with its `venv` module, and found none.");
    for Candidate { path, minor, lacks } in candidates {
        let lacks = lacks.unwrap_or_default();
        message.push_str(&format!("\n  {} (3.{minor}): {lacks}", path.display()));
    }
    let minor = candidates.iter().map(|candidate| candidate.minor).max().unwrap_or(*last);
    let package =
        if candidates.is_empty() { "python3 python3-venv".into() } else { format!("python3.{minor}-venv") };
    message.push_str(&format!("\nOn Debian or Ubuntu: sudo apt-get install -y {package}"));
    Err(message)
}

/// Where pyenv is installed, if it is.
fn pyenv() -> Option<PathBuf> {
    let told = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    told.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")))
}

/// Every program in these folders with the name of a Python, once.
fn programs(folders: &[PathBuf]) -> Vec<PathBuf> {
    let names: Vec<String> =
        MINORS.rev().map(|minor| format!("python3.{minor}")).chain(["python3".into()]).collect();
    let mut programs = Vec::new();
    for folder in folders {
        for name in &names {
            let program = folder.join(name);
            if program.is_file() && !programs.contains(&program) {
                programs.push(program);
            }
        }
    }
    programs
}

/// Asks a Python what it is; `None` when it does not answer (a version manager's link to a version that is not chosen).
fn examine(path: &Path) -> Option<Candidate> {
    const QUESTION: &str = "
import importlib.util as u, sys, sysconfig
known = lambda name: u.find_spec(name) is not None
print(sys.version_info[0], sys.version_info[1], sys.implementation.name,
      known('venv') and known('ensurepip'), bool(sysconfig.get_config_var('Py_GIL_DISABLED')))
";
    let answer = Command::new(path).args(["-c", QUESTION]).seconds(120.0).output().ok()?;
    let words: Vec<&str> = answer.split_whitespace().collect();
    let [major, minor, implementation, venv, free_threaded] = words.as_slice() else { return None };
    let minor = minor.parse().ok()?;
    let lacks = if *major != "3" || minor < *MINORS.start() {
        Some("is too old")
    } else if *implementation != "cpython" {
        Some("is not CPython")
    } else if *free_threaded == "True" {
        Some("is a free-threaded build, which has no stable ABI")
    } else if *venv != "True" {
        Some("has no `venv` module")
    } else {
        None
    };
    Some(Candidate { path: path.to_owned(), minor, lacks })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(path: &str, minor: u32, lacks: Option<&'static str>) -> Candidate {
        Candidate { path: path.into(), minor, lacks }
    }

    #[test]
    fn the_newest_that_lacks_nothing_is_chosen() {
        let candidates = [
            candidate("a/python3.9", 9, None),
            candidate("b/python3.13", 13, Some("has no `venv` module")),
            candidate("b/python3.11", 11, None),
            candidate("c/python3.11", 11, None),
        ];
        assert_eq!(choose(&candidates, Age::Newest).unwrap(), Path::new("b/python3.11"));
        assert_eq!(choose(&candidates, Age::Oldest).unwrap(), Path::new("a/python3.9"));
    }

    #[test]
    fn without_any_the_error_says_what_each_lacks_and_what_to_type() {
        let error =
            choose(&[candidate("b/python3.11", 11, Some("has no `venv` module"))], Age::Newest).unwrap_err();
        assert!(error.contains("b/python3.11 (3.11): has no `venv` module"), "{error}");
        assert!(error.contains("sudo apt-get install -y python3.11-venv"), "{error}");
        assert!(choose(&[], Age::Newest).unwrap_err().contains("apt-get install -y python3 python3-venv"));
    }
}
