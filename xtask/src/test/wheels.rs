//! Both wheels, as users get them: built, installed where nothing of the repository is, and used.

use super::report::Report;
use crate::wheel::{self, LimitedApi};
use crate::{Result, repository};

/// Runs an example with each wheel.
pub fn run(report: &mut Report) -> Result<()> {
    for api in LimitedApi::ALL {
        report.check(&format!("the {} wheel runs an example", api.tag()), || {
            let environment = wheel::install(api, "wheels")?;
            let example = repository::path("examples/python/quickstart.py");
            let output = environment
                .command("python")
                .arg(example)
                .dir(repository::made("wheels")?)
                .seconds(60)
                .output()?;
            let expected = "Rank 0 of 1\nGlobal sum: 499500.0\n";
            if output == expected {
                Ok(())
            } else {
                Err(format!("it prints {output:?} instead of {expected:?}"))
            }
        });
    }
    Ok(())
}
