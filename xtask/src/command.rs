//! Running other programs: bounded in time, and echoed with their output when they fail.
//!
//! Every command of xtask starts its programs through here, so that nothing it starts can hang a terminal or a CI job.
//! Only the user's own program, in `cargo xtask run`, has no limit.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::Result;
use crate::repository;

/// How long a program may run when nothing else is said: longer than any of them takes on a machine that does much else, as
/// this limit is only for those that would never end.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// How long a program that is past its limit may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// A program to run, with a limit on its time.
pub struct Command {
    inner: process::Command,
    limit: Duration,
    /// What a person would type, for messages.
    words: Vec<OsString>,
    /// What to say once it takes longer than a moment.
    note: Option<String>,
}

impl Clone for Command {
    fn clone(&self) -> Self {
        let mut inner = process::Command::new(self.inner.get_program());
        inner.args(self.inner.get_args());
        for (name, value) in self.inner.get_envs() {
            match value {
                Some(value) => inner.env(name, value),
                None => inner.env_remove(name),
            };
        }
        if let Some(folder) = self.inner.get_current_dir() {
            inner.current_dir(folder);
        }
        Self { inner, limit: self.limit, words: self.words.clone(), note: self.note.clone() }
    }
}

/// What a program printed and how it ended.
pub struct Finished {
    /// What a person would type to run it again.
    pub line: String,
    /// How it ended; `None` when it ran past its limit and was killed.
    pub status: Option<ExitStatus>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    limit: Duration,
}

impl Command {
    /// A program that is run in the root of the repository.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut inner = process::Command::new(program.as_ref());
        inner.current_dir(repository::root());
        if let Some(folders) = library_path() {
            inner.env("LD_LIBRARY_PATH", folders);
        }
        Self { inner, limit: LIMIT, words: vec![program.as_ref().to_owned()], note: None }
    }

    /// Cargo, the one that runs us.
    pub fn cargo() -> Self {
        let mut command = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.words = vec!["cargo".into()];
        command
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.inner.arg(argument.as_ref());
        self.words.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(self, arguments: impl IntoIterator<Item = A>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value.as_ref());
        let mut word = OsString::from(format!("{name}="));
        word.push(value.as_ref());
        self.words.insert(0, word);
        self
    }

    /// As `env`, for a variable that messages need not show.
    pub fn hidden_env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(name, value.as_ref());
        self
    }

    /// This program with its limit, started by another one, at the end of whose arguments it and its own then stand.
    pub fn started_by(self, mut launcher: Self) -> Self {
        launcher.limit = self.limit;
        let mut launcher = launcher.arg(self.inner.get_program()).args(self.inner.get_args());
        for (name, value) in self.inner.get_envs() {
            if let Some(value) = value {
                launcher.inner.env(name, value);
            }
        }
        launcher
    }

    /// Says on standard error what is being done, if it takes longer than a moment.
    pub fn telling(mut self, note: &str) -> Self {
        self.note = Some(note.to_owned());
        self
    }

    /// Runs it in `folder`.
    pub fn dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.inner.current_dir(folder);
        self
    }

    /// Runs it where the user is.
    pub fn here(self) -> Self {
        self.dir(".")
    }

    /// Kills it after so many seconds.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.limit = Duration::from_secs_f64(seconds);
        self
    }

    /// Runs it and gives back what it printed, however it ended. Fails only when it cannot be started.
    pub fn finish(mut self) -> Result<Finished> {
        let line = self.line();
        // Files, not pipes: a pipe stays open as long as any descendant holds it, and reading it could then hang.
        let output = OutputFiles::create()?;
        self.inner.stdin(Stdio::null()).stdout(output.stdout()?).stderr(output.stderr()?);
        // A group of its own, so that the limit reaches what the program itself has started.
        self.inner.process_group(0);
        let child = self.inner.spawn().map_err(|error| format!("`{line}` cannot be started: {error}"))?;
        let status = wait(child, self.limit, self.note.as_deref())?;
        let (stdout, stderr) = output.read()?;
        Ok(Finished { line, status, stdout, stderr, limit: self.limit })
    }

    /// Runs it and gives back its standard output; when it does not succeed, the error shows the command and its output.
    pub fn output(self) -> Result<String> {
        let finished = self.finish()?;
        if finished.succeeded() { Ok(finished.stdout) } else { Err(finished.failure()) }
    }

    /// Runs it for its effect; when it does not succeed, the error shows the command and its output.
    pub fn run(self) -> Result<()> {
        self.output().map(drop)
    }

    /// Runs the user's program: its input and output are ours, and its time is its own.
    pub fn interactive(mut self) -> Result<ExitStatus> {
        let line = self.line();
        self.inner.status().map_err(|error| format!("`{line}` cannot be started: {error}"))
    }

    /// What a person would type.
    pub fn line(&self) -> String {
        self.words.iter().map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    }
}

impl Finished {
    /// Whether it ended by itself, with exit code 0.
    pub fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// The command, how it ended, and all that it printed.
    pub fn failure(&self) -> String {
        let end = match self.status {
            None => format!("ran for more than {} s and was killed", self.limit.as_secs()),
            Some(status) => format!("failed ({status})"),
        };
        let output = format!("{}{}", self.stdout, self.stderr);
        format!("{}\n`{}` {end}", output.trim_end(), self.line).trim_start().to_owned()
    }
}

/// Waits for the program; ends its whole group at the limit.
fn wait(mut child: Child, limit: Duration, mut note: Option<&str>) -> Result<Option<ExitStatus>> {
    const MOMENT: Duration = Duration::from_secs(1);
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            // Launchers take their ranks with them when they are asked to end, and leave them behind when they are killed.
            signal(&child, "TERM")?;
            let asked = Instant::now();
            while asked.elapsed() < GRACE && child.try_wait().map_err(|error| error.to_string())?.is_none() {
                std::thread::sleep(Duration::from_millis(5));
            }
            signal(&child, "KILL")?;
            child.wait().map_err(|error| error.to_string())?;
            return Ok(None);
        }
        if start.elapsed() > MOMENT
            && let Some(note) = note.take()
        {
            eprintln!("({note} ...)");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal to the program's whole group, of which nobody may be left.
fn signal(child: &Child, name: &str) -> Result<()> {
    // The shell's own `kill`: a program of that name is not part of every minimal system.
    let kill = format!("kill -{name} -{} 2>/dev/null", child.id());
    process::Command::new("sh").args(["-c", &kill]).status().map(drop).map_err(|error| error.to_string())
}

/// The library path without what `cargo run` puts there: with it, a program would find libdtl however it was linked.
fn library_path() -> Option<OsString> {
    let path = std::env::var_os("LD_LIBRARY_PATH")?;
    let target = repository::target();
    let folders = std::env::split_paths(&path).filter(|folder| {
        !folder.starts_with(&target) && !folder.components().any(|part| part.as_os_str() == "rustlib")
    });
    std::env::join_paths(folders).ok()
}

/// Two files that take what a program prints; removed when dropped.
struct OutputFiles {
    stem: std::path::PathBuf,
}

impl OutputFiles {
    fn create() -> Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = repository::made("output")?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Ok(Self { stem: folder.join(format!("{}-{number}", process::id())) })
    }

    fn stdout(&self) -> Result<File> {
        create(&self.stem.with_extension("out"))
    }

    fn stderr(&self) -> Result<File> {
        create(&self.stem.with_extension("err"))
    }

    fn read(&self) -> Result<(String, String)> {
        let text = |extension| {
            let bytes = fs::read(self.stem.with_extension(extension)).map_err(|error| error.to_string())?;
            Ok::<_, String>(String::from_utf8_lossy(&bytes).into_owned())
        };
        Ok((text("out")?, text("err")?))
    }
}

impl Drop for OutputFiles {
    fn drop(&mut self) {
        for extension in ["out", "err"] {
            // It is gone already, or stays below target/ until that is cleaned: neither matters.
            let _ = fs::remove_file(self.stem.with_extension(extension));
        }
    }
}

fn create(path: &Path) -> Result<File> {
    File::create(path).map_err(|error| format!("{} cannot be written: {error}", path.display()))
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+./:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_shows_the_command_and_what_it_printed() {
        let message = Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).run().unwrap_err();
        assert!(message.contains("out\nerr"), "{message}");
        assert!(
            message.contains("`sh -c 'echo out; echo err >&2; exit 3'` failed (exit status: 3)"),
            "{message}"
        );
    }

    #[test]
    fn the_limit_also_ends_what_the_program_started() {
        let start = Instant::now();
        let finished = Command::new("sh").args(["-c", "sleep 60 & sleep 60"]).seconds(1.0).finish().unwrap();
        assert!(finished.status.is_none());
        assert!(start.elapsed() < Duration::from_secs(20));
        assert!(finished.failure().contains("ran for more than 1 s"), "{}", finished.failure());
    }

    #[test]
    fn a_missing_program_is_named() {
        let message = Command::new("dtl-no-such-program").run().unwrap_err();
        assert!(message.starts_with("`dtl-no-such-program` cannot be started"), "{message}");
    }
}
