//! Procedures of the module `dtl`, as the template sees them.

use serde::Serialize;

/// A subroutine or function.
#[derive(Debug, Serialize)]
pub(super) struct Procedure {
    /// Name of the procedure in the module.
    pub name: String,
    /// `subroutine` or `function`.
    pub keyword: &'static str,
    /// Dummy arguments, as they stand between the parentheses.
    pub arguments: String,
    /// ` result(answer)` for a function.
    pub suffix: &'static str,
    /// Documentation, as lines without comment signs.
    pub doc: Vec<String>,
    /// Declarations of dummy arguments, the result and local variables.
    pub declarations: Vec<String>,
    /// Statements.
    pub body: Vec<String>,
}

impl Procedure {
    /// A subroutine whose dummy arguments are `dummies`.
    pub fn subroutine(name: String, doc: Vec<String>, dummies: &[Dummy]) -> Self {
        Self {
            name,
            keyword: "subroutine",
            arguments: names(dummies),
            suffix: "",
            doc,
            declarations: dummies.iter().map(|dummy| dummy.declaration.clone()).collect(),
            body: Vec::new(),
        }
    }

    /// A function whose result is the variable `answer` of type `answer_type`.
    pub fn function(name: String, doc: Vec<String>, dummies: &[Dummy], answer_type: &str) -> Self {
        let mut procedure = Self::subroutine(name, doc, dummies);
        procedure.keyword = "function";
        procedure.suffix = " result(answer)";
        procedure.declarations.push(format!("{answer_type} :: answer"));
        procedure
    }
}

fn names(dummies: &[Dummy]) -> String {
    dummies.iter().map(|dummy| dummy.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A dummy argument.
#[derive(Debug, Clone)]
pub(super) struct Dummy {
    /// Name.
    pub name: String,
    /// `integer(c_int), intent(in) :: root`.
    pub declaration: String,
}

impl Dummy {
    /// An argument of type and attributes `ty`, such as `integer(c_int), intent(in)`.
    pub fn new(name: impl Into<String>, ty: &str) -> Self {
        let name = name.into();
        Self { declaration: format!("{ty} :: {name}"), name }
    }

    /// The same for an assumed-rank array.
    pub fn array(name: &str, ty: &str) -> Self {
        Self { name: name.to_owned(), declaration: format!("{ty} :: {name}(..)") }
    }

    /// An array of elements of one type, which the procedure allocates.
    pub fn allocated(name: &str, element: &str) -> Self {
        Self {
            name: name.to_owned(),
            declaration: format!("{element}, allocatable, target, intent(out) :: {name}(:)"),
        }
    }

    /// `request`, which every form that does not block has behind its arguments.
    pub fn request() -> Self {
        Self::new("request", "type(dtl_request), intent(inout)")
    }

    /// `ierr`, which every procedure that can fail has last.
    pub fn ierr() -> Self {
        Self::new("ierr", "integer(c_int), intent(out), optional")
    }
}
