//! What modules written by hand in Python say of what is public in them: the reference shows it, so that it stands once.
//!
//! Of Python only this is read: definitions at the left margin, their docstrings, and the fields of classes with theirs.

use std::path::Path;

/// A public function, class or module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documented {
    /// Its name.
    pub name: String,
    /// What stands before the colon: `def draw(container: Any) -> None`, `class Snapshot(NamedTuple)`; empty for a module.
    pub head: String,
    /// Its docstring but for the examples: the markup of the specification.
    pub doc: String,
    /// Its examples, as sessions of the interpreter.
    pub example: Vec<String>,
    /// Fields of a class.
    pub fields: Vec<DocumentedField>,
}

/// A field of a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentedField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// Its docstring: the markup of the specification.
    pub doc: String,
}

/// The file of a module, such as `runtime/python/dtl/observe.py`.
pub fn file(module: &str) -> String {
    format!("runtime/python/{}.py", module.replace('.', "/"))
}

/// The definitions of a module, the module itself first; none where there is no such file.
pub(super) fn read(root: &Path, module: &str) -> Vec<Documented> {
    std::fs::read_to_string(root.join(file(module))).map(|text| parse(module, &text)).unwrap_or_default()
}

fn parse(module: &str, text: &str) -> Vec<Documented> {
    let name = module.rsplit('.').next().unwrap_or(module).to_owned();
    let mut found = vec![Documented { name, ..documented(text) }];
    let lines: Vec<&str> = text.lines().collect();
    let starts = |line: &str| ["def ", "class ", "async def "].iter().any(|word| line.starts_with(word));
    for at in (0..lines.len()).filter(|at| starts(lines[*at])) {
        // A head may take several lines; it ends with a colon.
        let length = 1 + lines[at..].iter().take_while(|line| !line.ends_with(':')).count();
        let head = lines[at..at + length].iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        let head = head.trim_end_matches(':').replace("( ", "(").replace(", )", ")");
        let body: Vec<&str> = lines[at + length..]
            .iter()
            .take_while(|line| line.is_empty() || line.starts_with(' '))
            .map(|line| line.strip_prefix("    ").unwrap_or(line))
            .collect();
        let name = head.split(['(', ' ']).find(|word| !["def", "class", "async"].contains(word));
        let fields = if head.starts_with("class") { fields(&body) } else { Vec::new() };
        found.push(Documented {
            name: name.unwrap_or_default().to_owned(),
            head: head.clone(),
            fields,
            ..documented(&body.join("\n"))
        });
    }
    found
}

/// Fields of a class, each followed by its docstring.
fn fields(body: &[&str]) -> Vec<DocumentedField> {
    let declared = body.iter().enumerate().filter_map(|(at, line)| {
        let (name, ty) = line.split_once(": ")?;
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        let doc = || documented(&body[at + 1..].join("\n")).doc;
        is_name.then(|| DocumentedField { name: name.to_owned(), ty: ty.to_owned(), doc: doc() })
    });
    declared.collect()
}

/// The docstring with which a body begins.
fn documented(body: &str) -> Documented {
    let docstring = body.strip_prefix("\"\"\"").and_then(|rest| Some(rest.split_once("\"\"\"")?.0));
    let (mut doc, mut example) = (Vec::new(), Vec::new());
    for line in docstring.unwrap_or_default().lines() {
        let line = line.strip_prefix("    ").unwrap_or(line);
        let shows = line.starts_with(">>>") || !example.is_empty();
        if shows { &mut example } else { &mut doc }.push(line.to_owned());
    }
    while example.last().is_some_and(|line| line.trim().is_empty()) {
        example.pop();
    }
    // Python marks code with two backticks, the specification with one.
    Documented { doc: doc.join("\n").replace("``", "`").trim().to_owned(), example, ..Documented::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_read_with_their_docstrings() {
        let text = "\"\"\"Pictures.\"\"\"\n\nimport this\n\n\ndef draw(\n    thing: Any,\n) -> None:\n    \"\"\"Draws it.\n\n    \
                    On ``stdout``.\n\n    >>> draw(1)\n    1\n    \"\"\"\n    print(thing)\n\n\nclass Size(NamedTuple):\n    \
                    \"\"\"How large.\"\"\"\n\n    width: int\n    \"\"\"Columns.\"\"\"\n";
        let [module, draw, size] = parse("tiny.pictures", text).try_into().expect("there are three");
        assert_eq!((module.name.as_str(), module.doc.as_str()), ("pictures", "Pictures."));
        assert_eq!(draw.head, "def draw(thing: Any) -> None");
        assert_eq!(draw.doc, "Draws it.\n\nOn `stdout`.");
        assert_eq!(draw.example, [">>> draw(1)", "1"]);
        let width = &size.fields[0];
        assert_eq!([&width.name, &width.ty, &width.doc], ["width", "int", "Columns."]);
    }
}
