//! Collects the files of the Python package that lie elsewhere in the repository, the type stubs, in the output folder, from
//! where maturin puts them into the wheel.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let stubs = Path::new("../../stubs/dtl");
    println!("cargo::rerun-if-changed={}", stubs.display());
    let package = Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("dtl");
    fs::create_dir_all(&package)?;
    for file in fs::read_dir(stubs)? {
        let file = file?;
        fs::copy(file.path(), package.join(file.file_name()))?;
    }
    Ok(())
}
