//! Resolves element types and the sets of them.

use std::rc::Rc;

use super::resolve::Resolver;
use super::*;
use crate::diagnostic::Position;
use crate::spec::{self, Located};

impl Resolver<'_> {
    pub(super) fn dtype(&mut self, dtype: &spec::Dtype) -> Dtype {
        Dtype {
            name: dtype.name.value.clone(),
            variant: upper_camel(&dtype.name),
            code: dtype.code.value,
            bytes: dtype.bytes,
            rust: dtype.rust.clone(),
            c: dtype.c.clone(),
            fortran: self.fortran_type(dtype),
            fortran_as: dtype.fortran_as.as_ref().map(|name| name.value.clone()),
            numpy: dtype.numpy.clone(),
            python: dtype.python.clone(),
            mpi: dtype.mpi.clone(),
            nccl: dtype.nccl.clone(),
            dlpack: dtype.dlpack,
            doc: dtype.doc.value.clone(),
            position: dtype.name.position(&self.spec.dtypes.file),
        }
    }

    fn fortran_type(&mut self, dtype: &spec::Dtype) -> Option<FortranType> {
        let text = dtype.fortran.as_ref()?;
        let read = FortranType::read(text);
        if read.is_none() {
            let file = &self.spec.dtypes.file;
            let cure = "Write integer, real, complex or logical with a kind, such as `real(c_double)`.";
            self.problem(
                dtype.name.position(file),
                format!("`{text}` is no type of elements in Fortran"),
                cure,
            );
        }
        read
    }

    /// A dtype that Fortran sees as another one must have its width, and Fortran must have that other one.
    pub(super) fn check_fortran_views(&mut self) {
        let spec = self.spec;
        for dtype in &spec.dtypes.dtypes {
            let Some(name) = &dtype.fortran_as else { continue };
            let fits = |other: &&spec::Dtype| other.fortran.is_some() && other.bytes == dtype.bytes;
            let known: Vec<&str> =
                spec.dtypes.dtypes.iter().filter(fits).map(|other| other.name.as_str()).collect();
            if !known.contains(&name.as_str()) {
                self.unknown("Fortran dtype of this width", name, &spec.dtypes.file, known);
            }
        }
    }

    pub(super) fn resolve_sets(&mut self) {
        let spec = self.spec;
        for (name, set) in &spec.dtypes.sets {
            let mut chosen: Vec<&str> = Vec::new();
            let (dtypes, sets) = (self.dtypes.clone(), self.sets.clone());
            for member in &set.members {
                if let Some(earlier) = sets.iter().find(|earlier| earlier.name == member.value) {
                    chosen.extend(earlier.members.iter().map(|dtype| dtype.name.as_str()));
                } else if dtypes.iter().any(|dtype| dtype.name == member.value) {
                    chosen.push(&member.value);
                } else {
                    let known = dtypes.iter().map(|dtype| dtype.name.as_str());
                    self.unknown(
                        "dtype or earlier set",
                        member,
                        &spec.dtypes.file,
                        known.chain(sets.iter().map(|s| s.name.as_str())),
                    );
                }
            }
            let members =
                dtypes.iter().filter(|dtype| chosen.contains(&dtype.name.as_str())).cloned().collect();
            self.sets.push(Rc::new(DtypeSet { name: name.clone(), doc: set.doc.value.clone(), members }));
        }
    }

    pub(super) fn set(&mut self, name: &Located<String>, file: &str) -> Rc<DtypeSet> {
        if let Some(found) = self.sets.iter().find(|set| set.name == name.value) {
            return found.clone();
        }
        let known = self.sets.clone();
        self.unknown("dtype set", name, file, known.iter().map(|set| set.name.as_str()));
        Rc::new(DtypeSet { name: name.value.clone(), doc: String::new(), members: Vec::new() })
    }
}

/// The enumeration whose values are the element types, so that every backend treats it like the others.
pub(super) fn dtype_enum(dtypes: &[Rc<Dtype>], file: &str) -> Enum {
    Enum {
        name: "dtype".to_owned(),
        type_name: "Dtype".to_owned(),
        prefix: "DTYPE".to_owned(),
        python_base: spec::PythonEnumBase::IntEnum,
        python_constants: None,
        count: true,
        c_alias: None,
        summary: "The type of an element.".to_owned(),
        details: String::new(),
        values: dtypes
            .iter()
            .map(|dtype| EnumValue {
                name: screaming(&dtype.name),
                text: dtype.name.clone(),
                variant: dtype.variant.clone(),
                value: dtype.code,
                doc: dtype.doc.clone(),
                dtypes: None,
                position: dtype.position.clone(),
            })
            .collect(),
        position: Position { file: file.to_owned(), line: 2, column: 1 },
    }
}
