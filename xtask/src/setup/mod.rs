//! `cargo xtask setup`: what the other commands need and cargo does not bring. They call it themselves.

pub mod python;
pub mod system;

use crate::Result;
use python::{Environment, Purpose};

/// Everything that `cargo xtask test` needs.
pub fn everything() -> Result<()> {
    system::install(system::TOOLS)?;
    let environment = Environment::ready(Purpose::Test)?;
    println!("Python: {}", crate::repository::short(&environment.python()));
    for tool in system::TOOLS {
        match tool.find() {
            Some(path) => println!("{}: {}", tool.programs[0], path.display()),
            None => println!("{}: missing; {}", tool.programs[0], tool.without),
        }
    }
    Ok(())
}
