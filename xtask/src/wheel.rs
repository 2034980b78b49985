//! `cargo xtask wheel`: both Python wheels, into `dist/`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::setup::python::{Age, Environment, Purpose};
use crate::{Result, plugins, repository};

/// A limited API of Python that a wheel can be built for.
#[derive(Clone, Copy)]
pub enum LimitedApi {
    /// For every Python that dtl runs on.
    Py38,
    /// For newer ones, where calls with keywords cost half.
    Py310,
}

impl LimitedApi {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Py38, Self::Py310];

    /// How it is called in the names of wheels.
    pub fn tag(self) -> &'static str {
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

/// The C library that wheels ask of a system: that of 2012, the oldest that Rust links for.
pub const GLIBC: (u32, u32) = (2, 17);

/// Builds both wheels.
pub fn all() -> Result<()> {
    for api in LimitedApi::ALL {
        println!("{}", repository::short(&build(api)?));
    }
    Ok(())
}

/// Builds one wheel, optimised, with the plugins for every MPI and for systems as old as any; gives its path.
pub fn build(api: LimitedApi) -> Result<PathBuf> {
    let dist = repository::path("dist");
    for old in wheels(api) {
        std::fs::remove_file(&old)
            .map_err(|error| format!("{} cannot be removed: {error}", old.display()))?;
    }
    let environment = Environment::ready(Purpose::Wheel)?;
    let plugins = plugins::portable(&environment, &linker(&environment)?)?;
    let (major, minor) = GLIBC;
    environment
        .command("maturin")
        .args(["build", "--release", "--zig", "--compatibility"])
        .arg(format!("manylinux_{major}_{minor}"))
        .args(api.features())
        .arg("--out")
        .arg(&dist)
        .env("CARGO_TARGET_DIR", repository::made("wheel")?)
        .env("DTL_PLUGINS", plugins)
        .telling(&format!("building the {} wheel", api.tag()))
        .run()?;
    wheels(api).pop().ok_or_else(|| format!("maturin made no {} wheel in dist/", api.tag()))
}

/// A linker for the systems that wheels are for: zig, as maturin calls it.
fn linker(environment: &Environment) -> Result<PathBuf> {
    let script = repository::made("zig")?.join("cc");
    let bin = environment.python().with_file_name("");
    let (architecture, (major, minor)) = (std::env::consts::ARCH, GLIBC);
    let text = format!(
        "#!/bin/sh\nPATH='{0}':\"$PATH\" exec '{0}maturin' zig cc -- -target {architecture}-linux-gnu.{major}.{minor} \"$@\"\n",
        bin.display()
    );
    repository::write(&script, text)?;
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
        .map_err(|error| format!("{} cannot be made a program: {error}", script.display()))?;
    Ok(script)
}

/// Builds one wheel and installs it into a virtual environment of its own, called `name`.
pub fn install(api: LimitedApi, name: &str) -> Result<Environment> {
    install_file(&build(api)?, api, name, None)
}

/// Installs a wheel, perhaps with one of its extras, into the virtual environment called `name`: one of the oldest Python for the wheel
/// that reaches back furthest.
pub fn install_file(wheel: &Path, api: LimitedApi, name: &str, extra: Option<&str>) -> Result<Environment> {
    let age = match api {
        LimitedApi::Py38 => Age::Oldest,
        LimitedApi::Py310 => Age::Newest,
    };
    let environment = Environment::at(repository::made(name)?.join(api.tag()), age)?;
    let wheel = wheel.display();
    // First the wheel, because an earlier build of the same version is there; then what it needs.
    environment.install(&["--force-reinstall", "--no-deps", &wheel.to_string()])?;
    let extra = extra.map_or_else(String::new, |extra| format!("[{extra}]"));
    environment.pip_install_pinned(&format!("{wheel}{extra}")).run()?;
    Ok(environment)
}

fn wheels(api: LimitedApi) -> Vec<PathBuf> {
    let mut wheels = repository::files(&repository::path("dist"), "whl");
    wheels.retain(|path| path.to_string_lossy().contains(api.tag()));
    wheels
}
