//! The examples: each exists in four languages, and all print the same numbers, alone and in every world; the programs in the
//! README likewise.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::report::Report;
use super::worlds::World;
use crate::command::Command;
use crate::library::Profile;
use crate::program::{self, Language};
use crate::{Result, parallel, repository};

/// An example's source file in each language.
type Sources = BTreeMap<Language, PathBuf>;

/// An example, compiled in each language.
type Programs = BTreeMap<Language, Command>;

/// Runs every example in every language.
pub fn run(report: &mut Report) -> Result<()> {
    let mut examples: BTreeMap<String, Sources> = BTreeMap::new();
    for language in Language::ALL {
        let folder = repository::path("examples").join(language.name());
        for file in repository::files(&folder, language.ending()) {
            let name = file.file_stem().expect("sources have a name").to_string_lossy().into_owned();
            examples.entry(name).or_default().insert(language, file);
        }
    }
    if examples.is_empty() {
        return Err("examples/ holds no example".into());
    }
    examples.insert("README.md".into(), readme()?);
    let worlds = World::all()?;
    let compiled: Vec<(&String, &Sources)> = examples.iter().collect();
    let compiled = parallel::map(&compiled, |(name, sources)| compile(name, sources));
    for ((name, _), programs) in examples.iter().zip(compiled) {
        let programs = programs?;
        let mut expected = String::new();
        report.check(&format!("{name}: same numbers in all languages"), || {
            expected = alone(&programs)?;
            Ok(())
        });
        for world in &worlds {
            report.check(&format!("{name}: same numbers on {}", world.name()), || {
                // Most of the time of such short jobs goes into starting them.
                let programs: Vec<(&Language, &Command)> = programs.iter().collect();
                let ends = parallel::map(&programs, |(language, program)| {
                    in_world(world, **language, program, &expected)
                });
                ends.into_iter().collect()
            });
        }
        if name != "README.md" {
            report.check(&format!("{name}: same numbers in Rust on 4 threads"), || {
                let program = programs[&Language::Rust].clone().arg("4");
                let output = program.output()?;
                // Each rank says which one it is, in any order.
                let mut ranks: Vec<&str> = output.lines().filter(|line| is_of_rank(line)).collect();
                ranks.sort_unstable();
                judge("on 4 threads", &ranks, 4, &output, &expected)
            });
        }
    }
    Ok(())
}

fn compile(name: &str, sources: &Sources) -> Result<Programs> {
    let compile = |language: Language| {
        let file = sources.get(&language).ok_or(format!("{name} does not exist in {}", language.name()))?;
        Ok((language, program::prepare(file, Profile::Debug)?))
    };
    Language::ALL.into_iter().map(compile).collect()
}

/// Runs an example in all languages; gives what it prints.
fn alone(programs: &Programs) -> Result<String> {
    let mut expected: Option<(Language, String)> = None;
    for (language, program) in programs {
        let output = program.clone().output()?;
        match &expected {
            None if numbers(&output).is_empty() => {
                return Err(format!("in {} it prints no number", language.name()));
            }
            None => expected = Some((*language, output)),
            Some((first, wanted)) if !equal(&numbers(wanted), &numbers(&output)) => {
                let (first, language) = (first.name(), language.name());
                return Err(format!("{first} prints\n{wanted}and {language} prints\n{output}"));
            }
            Some(_) => {}
        }
    }
    expected.map(|(_, output)| output).ok_or_else(|| "it exists in no language".into())
}

/// Runs an example on all ranks of a world.
fn in_world(world: &World, language: Language, program: &Command, expected: &str) -> Result<()> {
    let job = world.run(program.clone())?;
    if !job.launcher.succeeded() {
        return Err(format!("in {}:\n{}", language.name(), job.failure()));
    }
    let output: String = job.ranks.iter().map(|printed| printed.out.as_str()).collect();
    let ranks: Vec<&str> = output.lines().filter(|line| is_of_rank(line)).collect();
    judge(&format!("in {}", language.name()), &ranks, world.ranks, &output, expected)
}

/// Where an example says alone that it is rank 0, each rank must say which one it is; what else it prints must be the same.
fn judge(how: &str, ranks: &[&str], size: u32, output: &str, expected: &str) -> Result<()> {
    let wanted: Vec<f64> = match expected.lines().any(is_of_rank) {
        true => (0..size).flat_map(|rank| [f64::from(rank), f64::from(size)]).collect(),
        false => Vec::new(),
    };
    let results =
        |text: &str| numbers(&text.lines().filter(|line| !is_of_rank(line)).collect::<Vec<_>>().join("\n"));
    if numbers(&ranks.join("\n")) == wanted && equal(&results(output), &results(expected)) {
        Ok(())
    } else {
        Err(format!("{how} it prints\n{output}and alone\n{expected}"))
    }
}

/// Whether the line tells which rank prints it.
fn is_of_rank(line: &str) -> bool {
    line.starts_with("Rank ")
}

/// The program in each language that the README shows.
fn readme() -> Result<Sources> {
    let text = repository::read(&repository::path("README.md"))?;
    let folder = repository::made_empty("readme")?;
    let mut sources = Sources::new();
    for language in Language::ALL {
        let Some(block) = block(&text, language.name()) else { continue };
        let file = folder.join("readme").with_extension(language.ending());
        repository::write(&file, block)?;
        sources.insert(language, file);
    }
    Ok(sources)
}

/// The first code block that is marked as being in `language`.
fn block<'a>(text: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("\n```{language}\n"))?;
    rest.split_once("\n```").map(|(block, _)| block)
}

/// The numbers in a text, in order.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

/// Whether the numbers agree to what the languages print of them.
fn equal(left: &[f64], right: &[f64]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_between_words() {
        assert_eq!(
            numbers("Rank 0 of 1\nGlobal sum: 499500.0\nmean -1.5E-03."),
            [0.0, 1.0, 499500.0, -1.5e-3]
        );
        assert!(numbers("no e1 x86_64").is_empty());
    }

    #[test]
    fn numbers_agree_to_nine_digits() {
        assert!(equal(&[499500.0, 0.1], &[499500.0, 0.1 + 1e-12]));
        assert!(!equal(&[1.0], &[1.001]));
        assert!(!equal(&[1.0], &[1.0, 2.0]));
    }

    #[test]
    fn blocks_are_found_by_their_language() {
        let text = "text\n```rust\nfn main() {}\n```\n\n```c\nint main(void);\n```\n";
        assert_eq!(block(text, "rust"), Some("fn main() {}"));
        assert_eq!(block(text, "c"), Some("int main(void);"));
        assert_eq!(block(text, "fortran"), None);
    }
}
