//! The examples: each exists in four languages, and all print the same numbers; the programs in the README likewise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::report::Report;
use crate::library::Profile;
use crate::program::{self, Language};
use crate::{Result, repository};

/// An example's source file in each language.
type Sources = BTreeMap<Language, PathBuf>;

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
    for (name, sources) in &examples {
        report.check(&format!("{name}: same numbers in all languages"), || compare(sources));
        if name != "README.md" {
            report.check(&format!("{name}: same numbers in Rust on 4 ranks"), || on_four_ranks(sources));
        }
    }
    Ok(())
}

/// Runs an example in all languages.
fn compare(sources: &Sources) -> Result<()> {
    let missing: Vec<&str> = Language::ALL
        .iter()
        .filter(|language| !sources.contains_key(language))
        .map(|language| language.name())
        .collect();
    if !missing.is_empty() {
        return Err(format!("it does not exist in {}", missing.join(", ")));
    }
    let mut printed = Vec::new();
    for (language, file) in sources {
        let output = program::prepare(file, Profile::Debug)?.seconds(120).output()?;
        printed.push((language.name(), numbers(&output), output));
    }
    let (first, expected, _) = &printed[0];
    if expected.is_empty() {
        return Err(format!("in {first} it prints no number"));
    }
    for (language, found, output) in &printed[1..] {
        if !equal(expected, found) {
            let reference = &printed[0].2;
            return Err(format!("{first} prints\n{reference}and {language} prints\n{output}"));
        }
    }
    Ok(())
}

/// Runs an example in Rust on one rank and on four ranks that are threads; both must come to the same.
fn on_four_ranks(sources: &Sources) -> Result<()> {
    let file = sources.get(&Language::Rust).ok_or("it does not exist in Rust")?;
    let run = |ranks: &str| program::prepare(file, Profile::Debug)?.arg(ranks).seconds(120).output();
    let (one, four) = (run("1")?, run("4")?);
    // Each rank says which one it is.
    let results = |output: &str| -> String {
        output.lines().filter(|line| !line.starts_with("Rank ")).map(|line| format!("{line}\n")).collect()
    };
    let said: BTreeSet<&str> = four.lines().filter(|line| line.starts_with("Rank ")).collect();
    if !said.is_empty() && said.len() != 4 {
        return Err(format!("on 4 ranks it prints\n{four}where each rank should say which one it is"));
    }
    if equal(&numbers(&results(&one)), &numbers(&results(&four))) {
        Ok(())
    } else {
        Err(format!("on 1 rank it prints\n{one}and on 4 ranks\n{four}"))
    }
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
