//! `cargo xtask wheel`: both Python wheels, into `dist/`.

use std::path::PathBuf;

use crate::setup::python::{Environment, Purpose};
use crate::{Result, repository};

/// A limited API of Python that a wheel can be built for.
#[derive(Clone, Copy)]
pub enum LimitedApi {
    /// For every Python that dtl runs on.
    Py38,
    /// For newer ones, where calls with keywords cost half.
    Py310,
}

impl LimitedApi {
    fn tag(self) -> &'static str {
        match self {
            Self::Py38 => "cp38-abi3",
            Self::Py310 => "cp310-abi3",
        }
    }

    /// What cargo is told: the crate is made for the oldest Python unless it hears otherwise.
    fn features(self) -> &'static [&'static str] {
        match self {
            Self::Py38 => &[],
            Self::Py310 => &["--no-default-features"],
        }
    }
}

/// Builds both wheels.
pub fn all() -> Result<()> {
    for api in [LimitedApi::Py38, LimitedApi::Py310] {
        println!("{}", repository::short(&build(api)?));
    }
    Ok(())
}

/// Builds one wheel, optimised; gives its path.
pub fn build(api: LimitedApi) -> Result<PathBuf> {
    let dist = repository::path("dist");
    for old in wheels(api) {
        std::fs::remove_file(&old)
            .map_err(|error| format!("{} cannot be removed: {error}", old.display()))?;
    }
    Environment::ready(Purpose::Run)?
        .command("maturin")
        .args(["build", "--release"])
        .args(api.features())
        .arg("--out")
        .arg(&dist)
        .env("CARGO_TARGET_DIR", repository::made("python")?)
        .minutes(20)
        .telling(&format!("building the {} wheel", api.tag()))
        .run()?;
    wheels(api).pop().ok_or_else(|| format!("maturin made no {} wheel in dist/", api.tag()))
}

fn wheels(api: LimitedApi) -> Vec<PathBuf> {
    let mut wheels = repository::files(&repository::path("dist"), "whl");
    wheels.retain(|path| path.to_string_lossy().contains(api.tag()));
    wheels
}
