//! The types that elements have in Fortran.

use std::fmt;

/// An intrinsic type of Fortran with its kind, such as `real(c_double)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FortranType {
    /// Which type.
    pub base: FortranBase,
    /// Which kind of it, such as `c_double`; none for the default kind.
    pub kind: Option<String>,
}

/// An intrinsic type of Fortran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FortranBase {
    /// `integer`.
    Integer,
    /// `real`.
    Real,
    /// `complex`.
    Complex,
    /// `logical`.
    Logical,
}

impl FortranBase {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Integer, Self::Real, Self::Complex, Self::Logical];

    /// Its name in Fortran.
    pub fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Real => "real",
            Self::Complex => "complex",
            Self::Logical => "logical",
        }
    }
}

impl FortranType {
    /// Reads what the specification says; nothing where that is no such type.
    pub fn read(text: &str) -> Option<Self> {
        let (name, kind) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?.to_owned())),
            None => (text, None),
        };
        let base = FortranBase::ALL.into_iter().find(|base| base.name() == name)?;
        Some(Self { base, kind })
    }
}

impl fmt::Display for FortranType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Some(kind) => write!(f, "{}({kind})", self.base.name()),
            None => f.write_str(self.base.name()),
        }
    }
}
