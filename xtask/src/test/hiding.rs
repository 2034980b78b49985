//! Running programs as if no MPI were installed on the system: in a view of the files of their own, in which the libraries and
//! headers of MPI are missing. Nothing outside these programs sees it.

use std::path::PathBuf;

use crate::command::Command;
use crate::{Result, repository};

/// Makes the view, and becomes the program that is to see it. The folder of libraries is one of links to all that it holds but
/// MPI.
const SCRIPT: &str = r#"
set -e
libraries=/usr/lib/$(uname -m)-linux-gnu
mount --bind "$libraries" "$1/all"
mount -t tmpfs tmpfs "$1/others"
ln -s "$1/all/"* "$1/others"
rm -f "$1/others/"libmpi* "$1/others/openmpi" "$1/others/mpich"
mount --bind "$1/others" "$libraries"
for headers in /usr/include/*-linux-gnu/mpich /usr/include/*-linux-gnu/openmpi; do
    if [ -d "$headers" ]; then mount -t tmpfs tmpfs "$headers"; fi
done
shift
exec "$@"
"#;

/// How to hide the MPI libraries of the system.
pub struct Hiding {
    folder: PathBuf,
    /// What gives a program a view of its own; none where the system does not let us.
    unshare: Option<&'static [&'static str]>,
}

impl Hiding {
    /// Finds out what this user may do.
    pub fn prepare() -> Result<Self> {
        let folder = repository::made("hiding")?;
        repository::made("hiding/all")?;
        repository::made("hiding/others")?;
        const WAYS: [&[&str]; 2] = [&["--mount"], &["--mount", "--map-root-user"]];
        let works = |way: &&[&str]| {
            let hiding = Self { folder: folder.clone(), unshare: None };
            hiding.command(way).arg("true").seconds(120.0).run().is_ok()
        };
        let unshare = WAYS.into_iter().find(works);
        Ok(Self { folder, unshare })
    }

    /// Why nothing is hidden, if so.
    pub fn lacking(&self) -> Option<&'static str> {
        self.unshare.is_none().then_some(
            "this user may not give programs a view of the files of their own (`unshare --mount --map-root-user`), so the MPI \
             libraries of the system cannot be hidden",
        )
    }

    /// The program with the libraries hidden, where that is possible.
    pub fn hide(&self, program: Command) -> Command {
        match self.unshare {
            Some(way) => program.started_by(self.command(way)),
            None => program,
        }
    }

    fn command(&self, way: &[&str]) -> Command {
        Command::new("unshare").args(way).args(["sh", "-c", SCRIPT, "sh"]).arg(&self.folder)
    }
}
