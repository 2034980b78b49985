//! What the specification says about the library as a whole, read off `spec/dtl.yaml` line by line: the generator, which reads
//! all of it, takes longer to build than what needs these few words.

use crate::{Result, repository};

/// Name, version and number of the binary interface.
pub struct Library {
    /// Prefix of C names.
    pub name: String,
    /// What it is, in a sentence.
    pub summary: String,
    /// Version as CMake and pkg-config compare it, without what marks a pre-release.
    pub version: String,
    /// Number of the binary interface.
    pub abi: String,
}

/// Reads them.
pub fn library() -> Result<Library> {
    read(&repository::read(&repository::path("spec/dtl.yaml"))?)
}

impl Library {
    /// The name under which programs load the library.
    pub fn soname(&self) -> String {
        format!("libdtl.so.{}", self.abi)
    }
}

fn read(text: &str) -> Result<Library> {
    let value = |key: &str| {
        let line =
            text.lines().find_map(|line| line.strip_prefix("  ")?.strip_prefix(key)?.strip_prefix(": "));
        line.map(str::to_owned).ok_or_else(|| format!("spec/dtl.yaml has no line `  {key}: ...`"))
    };
    let version = value("version")?;
    Ok(Library {
        name: value("name")?,
        summary: value("summary")?,
        version: version.split('-').next().unwrap_or_default().to_owned(),
        abi: value("abi")?,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_found_by_their_keys() {
        let text =
            "library:\n  name: dtl\n  version: 0.1.0-alpha.1\n  abi: 1\n  summary: Arrays, and more.\n";
        let library = super::read(text).unwrap();
        assert_eq!((&*library.name, &*library.version, &*library.soname()), ("dtl", "0.1.0", "libdtl.so.1"));
        assert_eq!(library.summary, "Arrays, and more.");
        assert!(super::read("library:\n  name: dtl\n").err().unwrap().contains("no line `  version: ...`"));
    }
}
