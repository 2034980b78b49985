//! The format of `spec/` itself: JSON Schemas and `spec/README.md`.
//!
//! Both come from the serde structs of `spec` and their doc comments, so that what editors complete, what the manual of
//! the format says and what the parser accepts cannot differ. They do not depend on the contents of `spec/`.

mod readme;
mod schema;

use schemars::Schema;

use crate::output::OutputFile;
use crate::spec;

/// One sort of file below `spec/`.
struct FileKind {
    /// Which files, such as `spec/objects/*.yaml`.
    path: &'static str,
    /// Name of the schema in `spec/schema`, as the first line of the files gives it.
    schema: &'static str,
    /// Makes the schema from the struct that reads such a file.
    make: fn() -> Schema,
}

const FILES: &[FileKind] = &[
    FileKind { path: "spec/dtl.yaml", schema: "library", make: schema::of::<spec::LibraryFile> },
    FileKind { path: "spec/kinds.yaml", schema: "kinds", make: schema::of::<spec::KindsFile> },
    FileKind { path: "spec/dtypes.yaml", schema: "dtypes", make: schema::of::<spec::DtypesFile> },
    FileKind { path: "spec/enums.yaml", schema: "enums", make: schema::of::<spec::EnumsFile> },
    FileKind { path: "spec/errors.yaml", schema: "errors", make: schema::of::<spec::ErrorsFile> },
    FileKind { path: "spec/constants.yaml", schema: "constants", make: schema::of::<spec::ConstantsFile> },
    FileKind { path: "spec/variables.yaml", schema: "variables", make: schema::of::<spec::VariablesFile> },
    FileKind { path: "spec/structs.yaml", schema: "structs", make: schema::of::<spec::StructsFile> },
    FileKind {
        path: "spec/capabilities.yaml",
        schema: "capabilities",
        make: schema::of::<spec::CapabilitiesFile>,
    },
    FileKind { path: "spec/objects/*.yaml", schema: "object", make: schema::of::<spec::ObjectFile> },
    FileKind { path: "spec/shared/*.yaml", schema: "shared", make: schema::of::<spec::SharedFile> },
    FileKind { path: "spec/ops/*.yaml", schema: "operations", make: schema::of::<spec::OperationsFile> },
    FileKind { path: "spec/lang/*.yaml", schema: "language", make: schema::of::<spec::LanguageFile> },
];

/// `spec/schema/*.json` and `spec/README.md`.
pub fn files() -> Vec<OutputFile> {
    FILES.iter().map(schema::file).chain([readme::file()]).collect()
}
