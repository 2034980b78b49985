//! Examples of the specification as C: a snippet for the documentation and a test for each.

use serde_json::Value;

use super::macros;
use crate::lang::banner;
use crate::lang::ffi::{Signature, function_type, value};
use crate::model::{
    CArg, CSource, Callback, CallbackSample, Default, Example, Model, Operation, Param, Part, Type,
};
use crate::output::OutputFile;
use crate::spec::{Direction, Role};

/// The example for a reader: what each rank of the context `ctx` calls; `None` for operations that make contexts.
///
/// `shown` is the operation whose example it is: that of an object which extends the abstract one of `operation`, or `operation` itself.
pub fn snippet(operation: &Operation, shown: &Operation, example: &Example) -> Option<String> {
    let program = Program::new(operation, shown, example)?;
    let mut lines: Vec<String> =
        program.functions.iter().flat_map(|text| text.lines()).map(str::to_owned).collect();
    lines.extend(program.setup.clone());
    lines.push(match program.is_query {
        true => format!("{} result = {};", program.result_type, program.call),
        false => format!("dtl_status status = {};", program.call),
    });
    if operation.is_issued() {
        lines.push("status = dtl_wait(request);".to_owned());
    }
    for (rank, value) in example.gives.iter().enumerate() {
        let name = if program.in_place { &program.result } else { "result" };
        let text = match program.result_literal(operation, value) {
            text if text == "NULL" => "nothing".to_owned(),
            text => text,
        };
        lines.push(format!("/* rank {rank}: {name} is {text} */"));
    }
    Some(lines.join("\n"))
}

/// `tests/c/generated_examples.c`: runs every example on its number of ranks.
pub(super) fn test_file(model: &Model) -> OutputFile {
    let mut functions: Vec<String> = Vec::new();
    let mut calls = Vec::new();
    for operation in model.operations_in("c") {
        for (shown, example) in model.examples_of(operation) {
            if let Some(program) = Program::new(operation, shown, example) {
                let name = format!("{}_{}", operation.symbol, example.name);
                let passed: Vec<String> = (program.functions.iter())
                    .map(|text| format!("{text}\n"))
                    .filter(|text| !functions.contains(text))
                    .collect();
                functions.extend(passed);
                functions.push(test_function(operation, example, &name, &program));
                calls.push(format!("    on_ranks({}, {name});\n", example.ranks));
            }
        }
    }
    let text = format!(
        "/* {} */\n\n/* The examples of the specification: each runs on its number of ranks and gives what it says. */\n\n\
         #include \"check.h\"\n\n{}\nint main(void) {{\n{}    CHECK(dtl_live_objects() == 0);\n    \
         return report(\"generated_examples\");\n}}\n",
        banner("the examples in spec/"),
        functions.join("\n"),
        calls.concat(),
    );
    OutputFile::new("tests/c/generated_examples.c", text)
}

fn test_function(operation: &Operation, example: &Example, name: &str, program: &Program) -> String {
    let mut lines = program.setup.clone();
    match program.is_query {
        true => lines.push(format!("{} result = {};", program.result_type, program.call)),
        false => lines.push(format!("CHECK_OK({});", program.call)),
    }
    if operation.is_issued() {
        lines.push("CHECK_OK(dtl_wait(request));".to_owned());
    }
    lines.extend(program.expectation(operation, example));
    lines.extend(program.cleanup.clone());
    let body: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    // Where all ranks get the same, it is not looked at.
    format!(
        "/* `{}` in {}: {} */\nstatic void {name}(dtl_context_t ctx, int rank) {{\n    (void)rank;\n{body}}}\n",
        operation.full_name, operation.position.file, example.doc
    )
}

/// An example in C, in parts.
struct Program {
    element: String,
    /// Functions that are passed.
    functions: Vec<String>,
    setup: Vec<String>,
    call: String,
    is_query: bool,
    /// Type of the result where it is no array.
    result_type: String,
    is_array: bool,
    /// Expression for the elements that receive the result.
    result: String,
    /// The result replaces a parameter.
    in_place: bool,
    cleanup: Vec<String>,
}

impl Program {
    fn new(operation: &Operation, shown: &Operation, example: &Example) -> Option<Self> {
        if matches!(operation.role, Role::Constructor | Role::Static) {
            return None;
        }
        let result = operation.result.as_ref();
        let function = operation.c.first()?;
        let element = match &example.dtype {
            Some(dtype) => dtype.c.clone()?,
            None => "double".to_owned(),
        };
        let in_place = operation.params.iter().any(|param| param.direction == Direction::Inout);
        let mut program = Self {
            element,
            functions: Vec::new(),
            setup: Vec::new(),
            call: String::new(),
            is_query: function.query.is_some(),
            result_type: result.map(|result| value(&result.ty, false).c()).unwrap_or_default(),
            is_array: result.is_some_and(|result| matches!(result.ty, Type::Array(_))),
            result: "result".to_owned(),
            in_place,
            cleanup: Vec::new(),
        };
        // Elements of an array of one dtype have that dtype, whatever the example's.
        if let Some(Type::Array(crate::model::Of::Fixed(dtype))) = result.map(|result| &result.ty) {
            program.element = dtype.c.clone()?;
        }
        if operation.takes_self() && operation.object.as_ref().is_none_or(|object| object.name != "context") {
            program.make_object(shown, example)?;
        }
        program.declare_arrays(operation, example);
        let arguments: Option<Vec<String>> =
            function.args.iter().map(|arg| program.argument(operation, shown, example, arg)).collect();
        if operation.is_issued() {
            program.setup.push("dtl_request_t request;".to_owned());
        }
        if !program.is_query && !program.is_array && result.is_some() {
            program.setup.push(format!("{} result;", program.result_type));
        }
        program.call = format!("{}({})", function.name, arguments?.join(", "));
        Some(program)
    }

    /// Makes the object with the first C function that takes what the example passes.
    fn make_object(&mut self, operation: &Operation, example: &Example) -> Option<()> {
        let object = operation.object.as_ref()?;
        let dtype = example.dtype.as_ref()?;
        let given: Vec<&str> = example.object.iter().map(|(name, _)| name.as_str()).collect();
        let given_size =
            |wanted: &str| example.object.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let size = match (given_size("size"), given_size("shape")) {
            (Some(size), _) => size.to_string(),
            (None, shape) => shape_of(shape?),
        };
        let handle = &object.name;
        self.setup.push(format!("dtl_{handle}_t {handle};"));
        let first = format!("ctx, DTL_DTYPE_{}, {size}", dtype.name.to_uppercase());
        let create = match given.as_slice() {
            ["size"] | ["shape"] => format!("dtl_{handle}_create({first}, &{handle})"),
            ["size", "fill"] => {
                let value = &example.object[1].1;
                self.setup.push(format!("const {} fill = {};", self.element, self.literal(value)));
                format!("dtl_{handle}_create_fill({first}, &fill, &{handle})")
            }
            [first, ..] if *first == "shape" => {
                let grid = given_size("grid").map_or("dtl_shape_nd(0, NULL)".to_owned(), shape_of);
                format!(
                    "dtl_{handle}_create_full(ctx, {size}, DTL_DTYPE_{}, NULL, NULL, DTL_PLACEMENT_HOST, DTL_EXEC_SEQ, 0, \
                     {grid}, dtl_shape_nd(0, NULL), &{handle})",
                    dtype.name.to_uppercase()
                )
            }
            _ => {
                self.setup.push("dtl_container_options options;".to_owned());
                self.setup.push("dtl_container_options_init(&options);".to_owned());
                for (name, value) in example.object.iter().filter(|(name, _)| name != "size") {
                    let value = match value {
                        Value::String(text) => format!("DTL_{}_{}", name.to_uppercase(), text.to_uppercase()),
                        value => value.to_string(),
                    };
                    self.setup.push(format!("options.{name} = {value};"));
                }
                format!("dtl_{handle}_create_with_options({first}, &options, &{handle})")
            }
        };
        self.setup.push(format!("if ({create} != DTL_SUCCESS) {{"));
        self.setup.push("    abort();".to_owned());
        self.setup.push("}".to_owned());
        self.cleanup.push(format!("dtl_{handle}_destroy({handle});"));
        Some(())
    }

    /// The arrays that the ranks pass, and room for the one that they receive.
    fn declare_arrays(&mut self, operation: &Operation, example: &Example) {
        for param in operation.params.iter().filter(|param| matches!(param.ty, Type::Array(_))) {
            let rows =
                rows(example.args.iter().find(|(name, _)| *name == param.name).map(|(_, value)| value));
            let constant = if param.direction == Direction::Inout { "" } else { "const " };
            self.declare_rows(&param.name, &rows, constant);
            if param.direction == Direction::Inout {
                self.result = format!("{}[rank]", param.name);
            }
        }
        if self.is_array && !self.in_place {
            let most = example.gives.iter().map(|row| flat(row).len()).max().unwrap_or(0).max(1);
            self.setup.push(format!("{} result[{most}];", self.element));
        }
    }

    /// One row for each rank, such that `name[rank]` is its address.
    fn declare_rows(&mut self, name: &str, rows: &[Value], constant: &str) {
        let element = &self.element;
        let lengths: Vec<usize> = rows.iter().map(|row| flat(row).len()).collect();
        if rows.iter().all(|row| !row.is_null()) && lengths.windows(2).all(|pair| pair[0] == pair[1]) {
            let text: Vec<String> = rows.iter().map(|row| self.literal(row)).collect();
            let (ranks, length) = (rows.len(), lengths.first().copied().unwrap_or(0));
            self.setup
                .push(format!("{constant}{element} {name}[{ranks}][{length}] = {{{}}};", text.join(", ")));
            return;
        }
        let mut addresses = Vec::new();
        for (rank, row) in rows.iter().enumerate() {
            if row.is_null() {
                addresses.push("NULL".to_owned());
            } else {
                let text = self.literal(row);
                self.setup.push(format!("{constant}{element} {name}_{rank}[] = {text};"));
                addresses.push(format!("{name}_{rank}"));
            }
        }
        self.setup.push(format!("{constant}{element}* {name}[] = {{{}}};", addresses.join(", ")));
    }

    fn argument(
        &mut self,
        operation: &Operation,
        shown: &Operation,
        example: &Example,
        arg: &CArg,
    ) -> Option<String> {
        Some(match &arg.sources[0] {
            CSource::This if operation.object.as_ref()?.name == "context" => "ctx".to_owned(),
            CSource::This => match (operation.object.as_deref()?, &shown.object.as_ref()?.name) {
                (object, made) if object.is_abstract => format!("{}({made})", macros::conversion(object)),
                (_, made) => made.clone(),
            },
            CSource::Param(name) if matches!(operation.param(name)?.ty, Type::Counts) => {
                let given = example.args.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                match given {
                    Some(counts) => format!("(const dtl_size_t[]){}", self.literal(counts)),
                    None => "NULL".to_owned(),
                }
            }
            CSource::Param(name) => self.plain_argument(operation.param(name)?, example)?,
            CSource::ParamPart(name, Part::Pointer) => format!("{name}[rank]"),
            CSource::ResultPart(Part::Pointer) => self.result.clone(),
            CSource::ParamPart(_, Part::UserData) => "NULL".to_owned(),
            CSource::ParamPart(_, Part::Dtype) | CSource::ResultPart(Part::Dtype) => {
                format!("DTL_DTYPE_{}", example.dtype.as_ref()?.name.to_uppercase())
            }
            CSource::ParamPart(name, part) => {
                let given =
                    rows(example.args.iter().find(|(known, _)| known == name).map(|(_, value)| value));
                self.count(&arg.name, &given, *part, example.ranks as usize)
            }
            CSource::ResultPart(part) => self.count(&arg.name, &example.gives, *part, example.ranks as usize),
            CSource::Result => "&result".to_owned(),
            CSource::Request => "&request".to_owned(),
            CSource::ResultProperty(..) | CSource::Struct(_) | CSource::Ignored(_) => "NULL".to_owned(),
        })
    }

    fn plain_argument(&mut self, param: &Param, example: &Example) -> Option<String> {
        let given = example.args.iter().find(|(name, _)| *name == param.name).map(|(_, value)| value);
        if let Type::Callback(callback) = &param.ty {
            let sample = callback.sample(given?.as_str()?)?;
            self.functions.push(sample_function(callback, sample));
            return Some(sample.name.clone());
        }
        Some(match (&param.ty, given, &param.default) {
            (Type::Object(_), ..) => "ctx".to_owned(),
            (Type::Enum(item), Some(Value::String(text)), _) => {
                let value = item.values.iter().find(|value| value.text == *text)?;
                format!("DTL_{}_{}", item.prefix, value.name)
            }
            (Type::Value(_), Some(value), _) => {
                self.setup.push(format!("const {} {} = {};", self.element, param.name, self.literal(value)));
                format!("&{}", param.name)
            }
            (_, Some(value), _) => self.literal(value),
            (_, None, Some(Default::Enum(item, index))) => {
                format!("DTL_{}_{}", item.prefix, item.values[*index].name)
            }
            (_, None, Some(Default::Integer(value))) => value.to_string(),
            (_, None, Some(Default::Flag(value))) => i32::from(*value).to_string(),
            (_, None, Some(Default::Dtype(dtype))) => format!("DTL_DTYPE_{}", dtype.name.to_uppercase()),
            (_, None, Some(Default::None(constant))) => format!("DTL_{}", constant.name),
            (_, None, None) => return None,
        })
    }

    /// The number of elements of each rank's row; a table where ranks differ.
    fn count(&mut self, name: &str, rows: &[Value], part: Part, ranks: usize) -> String {
        let divisor = if part == Part::CountPerRank { ranks } else { 1 };
        let lengths: Vec<usize> =
            (rows.iter()).filter(|row| !row.is_null()).map(|row| flat(row).len() / divisor).collect();
        match lengths.as_slice() {
            [first, rest @ ..] if rest.iter().all(|length| length == first) => first.to_string(),
            lengths => {
                let text: Vec<String> = lengths.iter().map(usize::to_string).collect();
                self.setup.push(format!("const dtl_size_t {name}[] = {{{}}};", text.join(", ")));
                format!("{name}[rank]")
            }
        }
    }

    /// Checks of what each rank received.
    fn expectation(&self, operation: &Operation, example: &Example) -> Vec<String> {
        let gives = &example.gives;
        let may_be_absent = operation.result.as_ref().is_some_and(|result| result.optional);
        if gives.iter().all(Value::is_null) && !may_be_absent {
            return Vec::new();
        }
        if self.result_type == "dtl_shape" {
            let text: Vec<String> = gives.iter().map(shape_of).collect();
            return vec![
                format!("const dtl_shape expected[] = {{{}}};", text.join(", ")),
                "CHECK(result.ndim == expected[rank].ndim);".to_owned(),
                "CHECK(memcmp(result.dims, expected[rank].dims, sizeof result.dims) == 0);".to_owned(),
            ];
        }
        if !self.is_array {
            let text: Vec<String> = gives.iter().map(|value| self.result_literal(operation, value)).collect();
            return vec![
                format!("const {} expected[] = {{{}}};", self.result_type, text.join(", ")),
                "CHECK(result == expected[rank]);".to_owned(),
            ];
        }
        let mut lines = Vec::new();
        for (rank, row) in gives.iter().enumerate().filter(|(_, row)| !row.is_null()) {
            let expected = flat(row);
            lines.push(format!("if (rank == {rank}) {{"));
            for (index, value) in expected.iter().enumerate() {
                lines.push(format!("    CHECK({}[{index}] == {});", self.result, self.literal(value)));
            }
            lines.push("}".to_owned());
        }
        lines
    }

    /// A value of the result as a C literal.
    fn result_literal(&self, operation: &Operation, value: &Value) -> String {
        match operation.result.as_ref().map(|result| &result.ty) {
            Some(Type::Integer(kind)) if value.is_null() => {
                kind.none.as_ref().map_or_else(|| "NULL".to_owned(), |none| format!("DTL_{}", none.name))
            }
            _ => self.literal(value),
        }
    }

    /// A value as a C literal; nested lists are flattened, as they are in memory.
    fn literal(&self, value: &Value) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(flag) => i32::from(*flag).to_string(),
            Value::Array(_) => {
                let values: Vec<String> = flat(value).iter().map(|value| self.literal(value)).collect();
                format!("{{{}}}", values.join(", "))
            }
            other => other.to_string(),
        }
    }
}

/// The definition of a function that an example passes.
fn sample_function(callback: &Callback, sample: &CallbackSample) -> String {
    let (signature, _) = function_type(callback);
    let unused = signature.args.iter().filter(|arg| !sample.c.contains(&arg.name));
    let unused: String = unused.map(|arg| format!("    (void){};\n", arg.name)).collect();
    let named = Signature { name: sample.name.clone(), ..signature };
    format!("static {} {{\n{unused}    {}\n}}", named.prototype(), sample.c)
}

/// A list of extents as a shape: `dtl_shape_2d(5, 3)`.
fn shape_of(extents: &Value) -> String {
    let extents: Vec<String> = flat(extents).iter().map(Value::to_string).collect();
    format!("dtl_shape_{}d({})", extents.len(), extents.join(", "))
}

/// The rows of an argument, one for each rank.
fn rows(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

/// The values of a nested list, in memory order; a null has none.
fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet_of(operation: &str, example: &str) -> String {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("codegen lies in the repository");
        let model = crate::load(root).expect("the specification of this repository is right");
        let operation =
            model.operations().find(|known| known.full_name == operation).expect("it is specified");
        let example = operation.examples.iter().find(|known| known.name == example).expect("it is specified");
        snippet(operation, operation, example).expect("C has it")
    }

    #[test]
    fn a_collective_operation_is_called_with_the_row_of_each_rank() {
        let expected = "\
            const double data[2][2] = {{1.5, 2.0}, {2.0, 4.0}};\n\
            double result[2];\n\
            dtl_status status = dtl_reduce(ctx, data[rank], result, 2, DTL_DTYPE_FLOAT64, DTL_OP_PROD, 1);\n\
            /* rank 0: result is nothing */\n\
            /* rank 1: result is {3.0, 8.0} */";
        assert_eq!(snippet_of("reduce", "product"), expected);
    }

    #[test]
    fn ranks_with_nothing_to_pass_pass_null() {
        let text = snippet_of("scatter", "rows");
        assert!(text.contains("const double* data[] = {data_0, NULL};"), "{text}");
    }

    #[test]
    fn an_object_is_made_with_what_the_example_says() {
        let text = snippet_of("vector.owner", "block");
        assert!(text.contains("dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 7, &vector)"), "{text}");
        assert!(text.contains("dtl_rank_t result = dtl_vector_owner(vector, 4);"), "{text}");
    }
}
