//! `dtl.h` under every compiler and language standard: no warning, whether included once, twice, or in two units, and what
//! the compiler is to refuse.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::report::Report;
use super::tally::Tally;
use crate::command::Command;
use crate::library;
use crate::setup::system::{self, Tool};
use crate::{Result, parallel, repository};

const C_STANDARDS: &[&str] = &["c99", "c11", "c17", "c2x"];
const CXX_STANDARDS: &[&str] = &["c++11", "c++14", "c++17", "c++20"];
const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-pedantic", "-Werror"];

/// A translation unit that includes the header twice. Two of these are linked with each other.
const UNIT: &str = "#include <dtl/dtl.h>\n#include <dtl/dtl.h>\n";

/// What makes a container of a handle, of which a program says the type.
const CONVERSION: &str = "#include <dtl/dtl.h>\ndtl_container_t any(HANDLE x);\ndtl_container_t any(HANDLE x) { return DTL_CONTAINER(x); }\n";

/// A compiler with a standard.
struct Case {
    compiler: PathBuf,
    standard: &'static str,
    /// The endings of C and of C++ decide how compilers take a file.
    ending: &'static str,
}

/// Tries every compiler that is here.
pub fn run(report: &mut Report) -> Result<()> {
    let mut cases = Vec::new();
    let families: [(&Tool, Option<PathBuf>); 2] =
        [(&system::GCC, system::GXX.find()), (&system::CLANG, system::CLANG.find())];
    for (tool, cxx) in families {
        let (Some(c), Some(cxx)) = (tool.find(), cxx) else {
            report.skip(tool.programs[0], tool.without);
            continue;
        };
        cases.extend(C_STANDARDS.iter().map(|standard| Case { compiler: c.clone(), standard, ending: "c" }));
        cases.extend(CXX_STANDARDS.iter().map(|standard| Case {
            compiler: cxx.clone(),
            standard,
            ending: "cpp",
        }));
    }
    let folder = repository::made_empty("header")?;
    let results = parallel::map(&cases, |case| {
        let start = Instant::now();
        let result = case.compile(&folder).and_then(|()| case.convert(&folder));
        (result.map(|()| Tally::one()), start.elapsed())
    });
    for (case, (result, time)) in cases.iter().zip(results) {
        report.ended(&case.name(), time, result);
    }
    Ok(())
}

impl Case {
    fn name(&self) -> String {
        let compiler = self.compiler.file_name().expect("compilers have a name").to_string_lossy();
        format!("{compiler} -std={}", self.standard)
    }

    fn compile(&self, folder: &Path) -> Result<()> {
        let main = format!("{UNIT}int other(void);\nint main(void) {{ return other(); }}\n");
        let other = format!("{UNIT}int other(void);\nint other(void) {{ return 0; }}\n");
        let (main, other) = (self.unit(folder, "main", main)?, self.unit(folder, "other", other)?);
        let executable = folder.join(self.stem());
        self.compiler().arg(main).arg(other).arg("-o").arg(&executable).run()?;
        Command::new(&executable).run()
    }

    /// A container becomes any container. Where C can tell types apart, nothing else does.
    fn convert(&self, folder: &Path) -> Result<()> {
        let unit = self.unit(folder, "conversion", CONVERSION.to_owned())?;
        let of =
            |handle: &str| self.compiler().arg(format!("-DHANDLE={handle}")).arg("-fsyntax-only").arg(&unit);
        for handle in ["dtl_vector_t", "dtl_array_t", "dtl_tensor_t", "dtl_container_t"] {
            of(handle).run()?;
        }
        let refuses = self.ending == "c" && self.standard != "c99";
        match of("dtl_context_t").finish()?.succeeded() == refuses {
            true => {
                Err(format!("DTL_CONTAINER of a context is {}", if refuses { "compiled" } else { "refused" }))
            }
            false => Ok(()),
        }
    }

    fn stem(&self) -> String {
        self.name().replace(' ', "")
    }

    fn unit(&self, folder: &Path, name: &str, text: String) -> Result<PathBuf> {
        let path = folder.join(format!("{}-{name}.{}", self.stem(), self.ending));
        repository::write(&path, text)?;
        Ok(path)
    }

    /// The compiler with its options.
    fn compiler(&self) -> Command {
        let command = Command::new(&self.compiler).arg(format!("-std={}", self.standard)).args(WARNINGS);
        // clang is a C compiler to its linker, and the program needs nothing of the C++ library.
        let command = if self.ending == "cpp" { command.args(["-x", "c++"]) } else { command };
        command.arg("-I").arg(library::include())
    }
}
