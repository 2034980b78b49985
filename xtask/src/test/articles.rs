//! The articles in `docs/`: every program that they show runs to its end, alone and as ranks of each MPI.

use std::path::{Path, PathBuf};

use dtl_plugin_abi::Family;

use super::report::Report;
use super::tally::Tally;
use super::worlds::World;
use crate::command::Command;
use crate::library::Profile;
use crate::program::{self, Language};
use crate::{Result, parallel, plugins, repository};

/// The list of the articles.
const LIST: &str = "README.md";

/// Runs the programs of each article.
pub fn run(report: &mut Report) -> Result<()> {
    let worlds = [World::new(Family::OpenMpi, 2)?, World::new(Family::Mpich, 4)?];
    let (lists, articles): (Vec<_>, Vec<_>) =
        repository::files(&repository::path("docs"), "md").into_iter().partition(|file| file.ends_with(LIST));
    report.check("docs/README.md lists every article", || match lists.as_slice() {
        [list] => are_listed(&repository::read(list)?, &articles),
        _ => Err("there is no list".into()),
    });
    for article in articles {
        let name = article.file_name().expect("files have names").to_string_lossy();
        report.step(&format!("docs/{name}"), || programs(&article, &worlds));
    }
    Ok(())
}

fn are_listed(list: &str, articles: &[PathBuf]) -> Result<()> {
    for article in articles {
        let name = article.file_name().expect("files have names").to_string_lossy();
        if !list.contains(&format!("]({name})")) {
            return Err(format!("{name} is not listed"));
        }
    }
    Ok(())
}

fn programs(article: &Path, worlds: &[World]) -> Result<Tally> {
    let files = files(article)?;
    let run = |(language, file): &(Language, PathBuf)| {
        let program = program::prepare(file, Profile::Debug)?;
        worlds.iter().try_for_each(|world| in_world(world, *language, program.clone()))?;
        // Alone, mpi4py brings an MPI along, for which the worlds have built a plugin.
        program.env("DTL_PLUGIN_PATH", plugins::folder()).output().map(drop)
    };
    let mut tally = Tally::default();
    for ended in parallel::map(&files, run) {
        ended?;
        tally.add(Tally::one());
    }
    Ok(tally)
}

fn in_world(world: &World, language: Language, program: Command) -> Result<()> {
    let program = match language {
        Language::Python => world.with_mpi4py(program)?,
        _ => program,
    };
    let job = world.run(program)?;
    if job.launcher.succeeded() { Ok(()) } else { Err(job.failure()) }
}

/// Each program of an article as a file.
fn files(article: &Path) -> Result<Vec<(Language, PathBuf)>> {
    let stem = article.file_stem().expect("files have names").to_string_lossy().replace('-', "_");
    let folder = repository::made("articles")?;
    let text = repository::read(article)?;
    let mut files = Vec::new();
    for (number, (language, block)) in blocks(&text).into_iter().enumerate() {
        let file = folder.join(format!("{stem}_{number}.{}", language.ending()));
        repository::write(&file, block)?;
        files.push((language, file));
    }
    Ok(files)
}

/// The code blocks that are marked as being in a language of dtl.
fn blocks(text: &str) -> Vec<(Language, &str)> {
    // What stands between fences is every second piece; it begins with the mark.
    let pieces = text.split("\n```").skip(1).step_by(2);
    pieces
        .filter_map(|piece| {
            let (mark, block) = piece.split_once('\n')?;
            let language = Language::ALL.into_iter().find(|language| language.name() == mark)?;
            Some((language, block))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_other_languages_are_no_programs() {
        let text =
            "# A\n\n```python\nimport dtl\n```\n\ntext\n\n```sh\nmpirun\n```\n\n```c\nint main(void);\n```\n";
        assert_eq!(blocks(text), [(Language::Python, "import dtl"), (Language::C, "int main(void);")]);
    }
}
