//! What a person wants to know who asks which MPI is used here, or why none is: every place that is looked at, what is found
//! there, and what that comes to under each launcher. Nothing is opened or initialised to answer.

use super::choose::{self, Use};
use super::launcher::{self, Launcher};
use super::library::{self, Library};
use super::plugin;
use dtl_plugin_abi::FLAVORS;
use dtl_types::{constants::VERSION_STRING, variables};
use std::fmt::{Display, Write};
use std::path::Path;

/// The report, in lines.
pub(crate) fn describe() -> String {
    let mut report = Report(format!("dtl {VERSION_STRING}\n"));
    report.variables();
    report.process();
    report.libraries();
    report.plugins();
    report.outcomes();
    report.0
}

struct Report(String);

impl Report {
    fn heading(&mut self, text: &str) {
        write!(self.0, "\n{text}\n").expect("a text takes everything");
    }

    fn line(&mut self, what: impl Display, value: impl Display) {
        writeln!(self.0, "  {what}: {value}").expect("a text takes everything");
    }

    fn variables(&mut self) {
        self.heading("Environment variables");
        for variable in variables::ALL {
            match choose::variable(variable.name) {
                Some(value) => self.line(variable.name, value),
                None => self.line(variable.name, format_args!("not set ({})", variable.holds)),
            }
        }
    }

    fn process(&mut self) {
        self.heading("This process");
        match launcher::detect(choose::variable) {
            Some(Launcher { name, size, .. }) => {
                self.line("started by", format_args!("{name}, as one of {size}"));
            }
            None => self.line("started by", "no launcher (none of their variables is set)"),
        }
        let loaded = library::in_process();
        if loaded.is_empty() {
            self.line("MPI in the process", "none");
        }
        for library in loaded {
            self.line("MPI in the process", shown(&library));
        }
    }

    fn libraries(&mut self) {
        self.heading("MPI libraries, in the order in which folders are looked into");
        for folder in library::folders() {
            let found = FLAVORS.iter().filter_map(|flavor| Library::of(&folder.join(flavor.soname)));
            let found: Vec<String> = found.map(|library| shown(&library)).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            self.line(folder.display(), found);
        }
    }

    fn plugins(&mut self) {
        self.heading("Plugins of dtl");
        for flavor in FLAVORS {
            let file = plugin::find(flavor.plugin);
            let file = file.map_or_else(|| "not found".to_owned(), |file| file.display().to_string());
            self.line(format_args!("{} for {}", flavor.plugin, flavor.soname), file);
        }
        for folder in plugin::folders() {
            let state = if folder.is_dir() { "looked into" } else { "no such folder" };
            self.line(folder.display(), state);
        }
    }

    fn outcomes(&mut self) {
        self.heading("What a context of all processes uses");
        self.line("here", outcome(launcher::detect(choose::variable)));
        for launcher in launcher::all() {
            self.line(format_args!("under {}", launcher.name), outcome(Some(launcher)));
        }
    }
}

/// What happens under a launcher, or why nothing does.
fn outcome(launcher: Option<Launcher>) -> String {
    let library = match choose::world(launcher) {
        Err(error) => return format!("an error: {}", error.message()),
        Ok(Use::Nothing) => return "one process, without MPI".to_owned(),
        Ok(Use::NoRank(rank)) => return format!("one process, without MPI, as {rank} has started it"),
        Ok(Use::IfReady(library) | Use::Start(library)) => library,
    };
    match (choose::check_others(&library, choose::variable), plugin::find(library.flavor.plugin)) {
        (Err(error), _) => format!("an error: {}", error.message()),
        (_, None) => format!(
            "an error: {} has no plugin; reinstall dtl, or set {}",
            shown(&library),
            variables::PLUGIN_PATH.name
        ),
        (_, Some(_)) => shown(&library),
    }
}

fn shown(Library { path, flavor }: &Library) -> String {
    format!("{} ({})", Path::display(path), flavor.family.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_names_every_place() {
        let report = describe();
        for variable in variables::ALL {
            assert!(report.contains(variable.name), "{report}");
        }
        for flavor in FLAVORS {
            assert!(report.contains(flavor.plugin), "{report}");
        }
        for folder in library::folders() {
            assert!(report.contains(&folder.display().to_string()), "{report}");
        }
        for launcher in launcher::all() {
            assert!(report.contains(&format!("under {}: ", launcher.name)), "{report}");
        }
    }
}
