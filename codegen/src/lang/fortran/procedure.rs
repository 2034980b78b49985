//! Procedures of the module `dtl`, as data; `lines` writes them.

use super::layout;

/// A subroutine or function.
#[derive(Debug)]
pub(super) struct Procedure {
    /// Name of the procedure in the module.
    pub name: String,
    /// Dummy arguments, in order.
    pub dummies: Vec<Dummy>,
    /// What a function gives, the variable `answer`; none for a subroutine.
    pub answer: Option<Dummy>,
    /// Variables.
    pub locals: Vec<Dummy>,
    /// Statements.
    pub body: Vec<String>,
    /// The object through which it may refuse a collective operation.
    pub refuses: Option<String>,
}

impl Procedure {
    /// A subroutine whose dummy arguments are `dummies`.
    pub fn subroutine(name: String, dummies: Vec<Dummy>) -> Self {
        Self { name, dummies, answer: None, locals: Vec::new(), body: Vec::new(), refuses: None }
    }

    /// A function whose result is `answer`.
    pub fn function(name: String, dummies: Vec<Dummy>, answer: Dummy) -> Self {
        Self { answer: Some(answer), ..Self::subroutine(name, dummies) }
    }

    /// The dummy arguments as they stand between the parentheses.
    pub fn arguments(&self) -> String {
        self.dummies.iter().map(|dummy| dummy.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The procedure as it stands in the module.
    pub fn lines(&self) -> Vec<String> {
        let (keyword, suffix) = match self.answer {
            Some(_) => ("function", " result(answer)"),
            None => ("subroutine", ""),
        };
        let mut lines = vec![format!("recursive {keyword} {}({}){suffix}", self.name, self.arguments())];
        let mut inner = declarations(&self.dummies);
        inner.extend(declarations(self.answer.as_slice()));
        inner.extend(declarations(&self.locals));
        inner.extend(self.body.iter().cloned());
        lines.extend(inner.into_iter().map(|line| format!("  {line}")));
        lines.push(format!("end {keyword} {}", self.name));
        lines
    }
}

/// Declarations, in which those of one type share a line, as far as it reaches; the first of a type says where it stands.
pub(super) fn declarations(variables: &[Dummy]) -> Vec<String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for variable in variables {
        let (attributes, entity) = (variable.attributes(), format!("{}{}", variable.name, variable.shape));
        // Four columns of the module are before it.
        let has_room = |line: &str| line.len() + entity.len() + 6 <= layout::COLUMNS;
        match lines.iter_mut().rfind(|(of, _)| *of == attributes) {
            Some((_, line)) if has_room(line) => line.push_str(&format!(", {entity}")),
            _ => lines.push((attributes.clone(), format!("{attributes} :: {entity}"))),
        }
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A dummy argument, or a variable.
#[derive(Debug, Clone)]
pub(super) struct Dummy {
    /// Name.
    pub name: String,
    /// `integer(c_int)`.
    pub ty: String,
    /// What stands behind the type: `intent(in)`, `optional`.
    pub traits: Vec<&'static str>,
    /// What stands behind the name: `(:)`, `(..)`; empty for a scalar.
    pub shape: String,
    /// What a core takes instead of an argument of the caller.
    pub instead: Option<Instead>,
}

/// What a core takes instead of a pointer or of a procedure of the caller, whose types it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// Where a view is.
    Part,
    /// The rank of the pointer.
    Rank,
    /// The dtype of the elements.
    Dtype,
    /// The procedure of this module that calls that of the caller.
    Caller,
    /// The address of that of the caller.
    Address,
}

impl Dummy {
    /// A scalar with these attributes.
    pub fn new(name: impl Into<String>, ty: impl Into<String>, traits: &[&'static str]) -> Self {
        Self {
            name: name.into(),
            ty: ty.into(),
            traits: traits.to_vec(),
            shape: String::new(),
            instead: None,
        }
    }

    /// A variable without attributes.
    pub fn local(name: impl Into<String>, ty: impl Into<String>) -> Self {
        Self::new(name, ty, &[])
    }

    /// The same with a shape.
    pub fn shaped(self, shape: impl Into<String>) -> Self {
        Self { shape: shape.into(), ..self }
    }

    /// The same, instead of an argument of the caller.
    pub fn instead(self, of: Instead) -> Self {
        Self { instead: Some(of), ..self }
    }

    /// The same with one attribute more, if the condition holds.
    pub fn also(mut self, attribute: &'static str, holds: bool) -> Self {
        if holds {
            self.traits.push(attribute);
        }
        self
    }

    /// An array of elements of one type, which the procedure allocates.
    pub fn allocated(name: &str, element: &str) -> Self {
        Self::new(name, element, &["allocatable", "target", "intent(out)"]).shaped("(:)")
    }

    /// `request`, which every form that does not block has behind its arguments.
    pub fn request() -> Self {
        Self::new("request", "type(dtl_request)", &["intent(inout)"])
    }

    /// `ierr`, which every procedure that can fail has last.
    pub fn ierr() -> Self {
        Self::new("ierr", "integer(c_int)", &["intent(out)", "optional"])
    }

    fn attributes(&self) -> String {
        std::iter::once(self.ty.as_str()).chain(self.traits.iter().copied()).collect::<Vec<_>>().join(", ")
    }
}
