//! The structs of `spec/lang/*.yaml`: what is particular to one language.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Located, Scope};

/// `spec/lang/*.yaml`: what is particular to one language.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LanguageFile {
    /// Words that no public name may be, compared without case.
    pub reserved: Vec<String>,
    /// What programs must know before they call anything: how errors come, from where things are counted, who frees what. The
    /// reference begins with it, and so do the header and the Fortran module.
    #[serde(default)]
    pub conventions: Located<String>,
    /// Further names of the C header, which include it: programs that were written for headers of these names compile.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Operations that the language does not offer.
    #[serde(default)]
    pub skips: Vec<Skip>,
    /// What the Python package offers besides, written in Python by hand.
    #[serde(default)]
    pub by_hand: Vec<ByHand>,
    /// What Python programs write with signs and statements, for the reference.
    #[serde(default)]
    pub special: Vec<Special>,
}

/// Special methods of Python classes, and how programs call them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Special {
    /// Which classes have them.
    pub of: HavingSpecial,
    /// Their names, such as `__len__`.
    pub methods: Vec<Located<String>>,
    /// What programs write, such as `len(x)`.
    pub written: String,
    /// What it does, where that is more than the operation behind the protocol says.
    #[serde(default)]
    pub doc: Located<String>,
}

/// The classes that have certain special methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HavingSpecial {
    /// Those with the protocol `len`.
    Len,
    /// Those with the protocol `repr`.
    Repr,
    /// Those with the protocol `html`.
    Html,
    /// Those with the protocol `exit`.
    Exit,
    /// Those with the protocol `numpy`.
    Numpy,
    /// Those with the protocol `await`.
    Await,
    /// Those with the protocol `contains`.
    Contains,
    /// Those with the protocol `getitem`.
    Getitem,
    /// Those with the protocol `setitem`.
    Setitem,
    /// Those with the protocol `delitem`.
    Delitem,
    /// Those with the protocol `array`.
    Array,
    /// Containers, whose elements are divided over ranks.
    Container,
    /// Containers but for memory of one rank: those without the protocol `array`.
    Divided,
    /// Those that are generic in the type of their elements, or of what they give.
    Generic,
}

/// Something public that is written by hand in `runtime/python`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByHand {
    /// What programs call it.
    pub name: Located<String>,
    /// The module that has it.
    pub module: String,
    /// Its name in the module, if that is another.
    #[serde(default)]
    pub object: Option<String>,
    /// For an operation on objects of the language, which travel as bytes by other operations: who must take part in it. It
    /// has a name of its own in errors and counters, and does not meet the others on other ranks.
    #[serde(default)]
    pub scope: Option<Scope>,
}

impl ByHand {
    /// Its name in the module.
    pub fn object(&self) -> &str {
        self.object.as_ref().unwrap_or(&self.name.value)
    }

    /// The module whose file has it: of a module that a package has, that module.
    pub fn file_of(&self) -> String {
        if self.module.contains('.') {
            self.module.clone()
        } else {
            format!("{}.{}", self.module, self.object())
        }
    }
}

/// An operation that one language does not offer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skip {
    /// Full name of the operation: `allreduce`, `vector.fill`; `container.fill` for that of every object that extends `container`;
    /// `reductions.sum` for that of every object that includes `spec/shared/reductions.yaml`.
    pub operation: Located<String>,
    /// Why, as a sentence; it appears on the coverage page.
    pub reason: Located<String>,
}
