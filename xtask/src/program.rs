//! A program in one of the four languages: building what it needs, compiling it, and the command that runs it.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::command::Command;
use crate::library::{self, Modules, Profile};
use crate::repository;
use crate::setup::python::Purpose;
use crate::setup::system;

/// The languages of dtl, each known by the ending of its source files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Language {
    /// Python.
    Python,
    /// C.
    C,
    /// Fortran.
    Fortran,
    /// Rust.
    Rust,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Python, Self::C, Self::Fortran, Self::Rust];

    /// The ending of its source files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Python => "py",
            Self::C => "c",
            Self::Fortran => "f90",
            Self::Rust => "rs",
        }
    }

    /// Its name in paths and in the marks of code blocks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::C => "c",
            Self::Fortran => "fortran",
            Self::Rust => "rust",
        }
    }

    /// The language of a source file.
    pub fn of(file: &Path) -> Result<Self> {
        let ending = file.extension().unwrap_or_default().to_string_lossy();
        Self::ALL.into_iter().find(|language| language.ending() == ending).ok_or_else(|| {
            format!(
                "{} is no program that can be run: its name must end in .py, .c, .f90 or .rs",
                file.display()
            )
        })
    }
}

/// What makes Python run tests, and leave nothing behind.
pub const PYTEST: [&str; 6] = ["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"];

/// Whether a Python file holds tests of ours. Users may call their programs what they like.
fn is_pytest(file: &Path) -> bool {
    let named_so = file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("test_"));
    named_so && file.starts_with(repository::path("tests"))
}

/// Builds what `file` needs and compiles it; gives the command that runs it. Our tests are run by pytest.
pub fn prepare(file: &Path, profile: Profile) -> Result<Command> {
    let file = file.canonicalize().map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let executable = match Language::of(&file)? {
        Language::Python if is_pytest(&file) => {
            let environment = library::python(profile, Purpose::Test)?;
            return Ok(environment.command("python").args(PYTEST).arg(&file));
        }
        Language::Python => {
            return Ok(library::python(profile, Purpose::Run)?.command("python").arg(&file));
        }
        Language::C => {
            let compiler = Compiler::C { program: "cc".into(), library: library::c(profile)? };
            compiler.compile(&file, &["-std=c11", "-O2", "-g", "-Wall"])
        }
        Language::Fortran => {
            system::install(&[system::GFORTRAN, system::GCC])?;
            let options = ["-O2", "-g", "-Wall", "-fopenmp"];
            let modules = library::fortran("fortran", &options)?;
            Compiler::Fortran { modules, library: library::c(profile)? }.compile(&file, &options)
        }
        Language::Rust => {
            let options: &[&str] = if profile == Profile::Release { &["-O"] } else { &[] };
            Compiler::Rust { library: library::rust(profile)? }.compile(&file, options)
        }
    }?;
    Ok(Command::new(executable))
}

/// A compiler, with what it needs to know about the dtl that programs are linked with.
pub enum Compiler {
    /// A C compiler, and the folder of libdtl.
    C {
        /// Which one.
        program: PathBuf,
        /// The folder of libdtl.
        library: PathBuf,
    },
    /// gfortran, the compiled modules, and the folder of libdtl.
    Fortran {
        /// The modules.
        modules: Modules,
        /// The folder of libdtl.
        library: PathBuf,
    },
    /// rustc, and the folder of the crate.
    Rust {
        /// The folder of `libdtl.rlib`.
        library: PathBuf,
    },
}

impl Compiler {
    /// Compiles and links a program; gives the executable.
    pub fn compile(&self, file: &Path, options: &[&str]) -> Result<PathBuf> {
        let executable = executable(file, options)?;
        let command = match self {
            Self::C { program, library } => Command::new(program)
                .args(options)
                .arg("-I")
                .arg(library::include())
                .arg(file)
                .args(link(library)),
            Self::Fortran { modules, library } => Command::new("gfortran")
                .args(options)
                .arg("-I")
                .arg(&modules.folder)
                .arg("-J")
                .arg(repository::made("programs")?)
                .arg(file)
                .args(&modules.objects)
                .args(link(library)),
            Self::Rust { library } => Command::new("rustc")
                .args(["--edition", "2024"])
                .args(options)
                .arg("--extern")
                .arg(format!("dtl={}", library.join("libdtl.rlib").display()))
                .arg("-L")
                .arg(format!("dependency={}", library.join("deps").display()))
                .arg(file),
        };
        command
            .arg("-o")
            .arg(&executable)
            .telling(&format!("compiling {}", repository::short(file)))
            .run()?;
        Ok(executable)
    }
}

/// What links a program with libdtl in `folder`, and lets it find it there when it runs.
fn link(folder: &Path) -> [String; 4] {
    let folder = folder.display();
    [format!("-L{folder}"), format!("-Wl,-rpath,{folder}"), "-ldtl".into(), "-lm".into()]
}

/// Where the executable of a source file goes: a name of its own for each folder, language and set of options.
fn executable(file: &Path, options: &[&str]) -> Result<PathBuf> {
    let file = file.canonicalize().map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let sanitizer =
        if options.iter().any(|option| option.starts_with("-fsanitize")) { "-sanitized" } else { "" };
    let name: String = repository::short(&file)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .chain(sanitizer.chars())
        .collect();
    Ok(repository::made("programs")?.join(name.trim_start_matches('-')))
}
