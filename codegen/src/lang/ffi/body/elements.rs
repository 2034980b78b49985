//! Arrays as C passes them: an address, a count and an element type, which may be arguments of their own; and the places of
//! results.

use super::Body;
use super::locals::Local;
use crate::model::{CArg, CSource, Extent, Of, Param, Part, Returns, Shape, Type};
use crate::spec::ResultOn;

/// True for an array whose extents mean something to the operation, as far as C knows them: not for rows, which C counts by
/// elements, and not for lines, of which the number of elements says all.
fn has_shape(shape: &Option<Shape>) -> bool {
    shape.as_ref().is_some_and(|shape| match shape.extents() {
        [Extent::Others] => true,
        [_, Extent::Others] => shape.is_by_rank(),
        _ => false,
    })
}

impl Body<'_> {
    pub(super) fn input(&self, arg: &CArg, param: &Param) -> Local {
        let Type::Array(of) = &param.ty else { unreachable!("only arrays have parts") };
        let name = &arg.name;
        let count = self.count(|source| match source {
            CSource::ParamPart(of, part) if *of == param.name => Some(*part),
            _ => None,
        });
        let dtype = self.dtype_of_array(
            of,
            |source| matches!(source, CSource::ParamPart(of, Part::Dtype) if *of == param.name),
        );
        let start = address(name, of);
        let shaped = match (has_shape(&param.shape), param.optional) {
            (false, _) => "",
            (true, false) => ".shaped()",
            (true, true) => ".map(Input::shaped)",
        };
        let call = match param.optional {
            true => format!("Input::at_if({}, \"{name}\", {start}, {count}, {dtype})?", self.is_read(name)),
            false => format!("Input::at(\"{name}\", {start}, {count}, {dtype})?"),
        };
        Local::new(&param.name, format!("unsafe {{ {call} }}{shaped}")).sound_as(elements_are_there(name))
    }

    /// Whether this rank's array counts, where it may be left out: at the root, or where one is passed.
    pub(super) fn is_read(&self, arg: &str) -> String {
        match self.root() {
            Some(root) => format!("ops::context_rank({}) == {root}", self.context()),
            None => format!("!{arg}.is_null()"),
        }
    }

    pub(super) fn output(&self, arg: &CArg) -> Local {
        let mut buffer = self.buffer("output", arg, self.result());
        for (input, param) in self.separate_inputs(arg) {
            let given = if param.optional {
                format!("{}.as_ref()", param.name)
            } else {
                format!("Some(&{})", param.name)
            };
            buffer.value.push_str(&format!(".apart_from(\"{}\", {given})?", input.name));
        }
        Local { mutable: self.operation.beside().is_none(), ..buffer }
    }

    /// Where the second array of the result goes.
    pub(super) fn beside(&self, arg: &CArg) -> Local {
        let second = self.operation.beside().expect("resolving checks that there is a second array");
        let first = self.operation.name_of_result_part(Part::Pointer).unwrap_or_default();
        let inputs = self.separate_inputs(arg);
        let inputs = inputs.iter().map(|(arg, param)| (arg.name.as_str(), param.name.as_str()));
        let mut buffer = self.buffer("beside", arg, second);
        for (name, local) in inputs.chain([(first, "output")]) {
            buffer.value.push_str(&format!(".nowhere_in(\"{name}\", {local}.extent())?"));
        }
        buffer
    }

    fn buffer(&self, local: &str, arg: &CArg, result: &Returns) -> Local {
        let Type::Array(of) = &result.ty else { unreachable!("only arrays have parts") };
        let name = &arg.name;
        let count = self.count(|source| match source {
            CSource::ResultPart(part) => Some(*part),
            _ => None,
        });
        let dtype = self.dtype_of_array(of, |source| matches!(source, CSource::ResultPart(Part::Dtype)));
        let receives = match (result.on, self.root()) {
            (ResultOn::Root, Some(root)) => format!("ops::context_rank({}) == {root}", self.context()),
            _ => "true".to_owned(),
        };
        let start = address(name, of);
        let shaped = if has_shape(&result.shape) { ".shaped()" } else { "" };
        let value = format!(
            "unsafe {{ CallerBuffer::at(\"{name}\", {start}, {count}, {dtype}, {receives})? }}{shaped}"
        );
        Local::new(local, value).sound_as(elements_are_there(name))
    }

    /// Arrays that are read and are not the very argument that receives the result.
    fn separate_inputs(&self, output: &CArg) -> Vec<(&CArg, &Param)> {
        let mut inputs = Vec::new();
        for arg in self.function.args.iter().filter(|arg| arg.name != output.name) {
            for source in &arg.sources {
                if let CSource::ParamPart(name, Part::Pointer) = source {
                    inputs.push((arg, self.param(name)));
                }
            }
        }
        inputs
    }

    /// The place of a result that is no array.
    pub(super) fn place(&self, name: &str) -> Local {
        let call = match self.result() {
            Returns { many: Some(_), .. } | Returns { ty: Type::PerDimension(_), .. } => "OutMany::at",
            Returns { ty: Type::Object(_), .. } => "objects::place",
            _ => "Out::at",
        };
        let safety =
            format!("`{name}` is null or the address of room for the result, as the documentation demands.");
        Local::new("place", format!("unsafe {{ {call}(\"{name}\", {name}) }}?")).sound_as(safety)
    }

    /// The number of elements of an array, whose parts `part` finds among the sources; one of no dimensions has none.
    fn count(&self, part: impl Fn(&CSource) -> Option<Part>) -> String {
        let with = |wanted: Part| {
            let has = |arg: &&CArg| arg.sources.iter().filter_map(&part).any(|part| part == wanted);
            self.function.args.iter().find(has).map(|arg| arg.name.as_str())
        };
        if let (Some(counts), Some(displs)) = (with(Part::Counts), with(Part::Displs)) {
            let read = match self.root() {
                Some(_) => self.is_read(counts),
                None => "true".to_owned(),
            };
            return format!(
                "Count::of_blocks((\"{counts}\", {counts}.as_deref()), (\"{displs}\", {displs}.as_deref()), {read})?"
            );
        }
        for arg in &self.function.args {
            let name = &arg.name;
            match arg
                .sources
                .iter()
                .filter_map(&part)
                .find(|part| matches!(part, Part::Count | Part::CountPerRank | Part::Bytes))
            {
                Some(Part::Count) if self.is_shape(arg) => {
                    return format!("Count::of_extents(\"{name}\", {name})?");
                }
                Some(Part::Count | Part::Bytes) => return format!("Count::of(\"{name}\", {name})?"),
                Some(_) => {
                    return format!(
                        "Count::per_rank(\"{name}\", {name}, ops::context_size({}))?",
                        self.context()
                    );
                }
                None => {}
            }
        }
        "Count::ONE".to_owned()
    }

    /// True for a shape, whose extents say how many elements an array has.
    fn is_shape(&self, arg: &CArg) -> bool {
        arg.sources.iter().any(
            |source| matches!(source, CSource::Param(name) if matches!(self.param(name).ty, Type::Shape)),
        )
    }

    fn dtype_of_array(&self, of: &Of, is_part: impl Fn(&CSource) -> bool) -> String {
        match of {
            Of::Variable(_) => {
                let arg = self.function.args.iter().find(|arg| arg.sources.iter().any(&is_part));
                // Without a type it is told how many bytes there are.
                arg.map_or_else(|| "Dtype::Byte".to_owned(), |arg| arg.name.clone())
            }
            of => self.dtype_of(of),
        }
    }

    pub(super) fn dtype_of(&self, of: &Of) -> String {
        match of {
            Of::Fixed(dtype) => format!("Dtype::{}", dtype.variant),
            Of::Param(name) => match (self.arg_of(name), self.operation.param(name)) {
                (Some(arg), _) => arg.to_owned(),
                (None, Some(param)) => self.absent(param),
                (None, None) => unreachable!("resolving checks parameters"),
            },
            Of::Own(property) => format!("{}.{property}()", self.this()),
            Of::This | Of::Variable(_) => format!("{}.dtype()", self.this()),
        }
    }

    pub(super) fn root(&self) -> Option<&str> {
        let is_root = |param: &&Param| matches!(&param.ty, Type::Integer(kind) if kind.name == "root");
        self.arg_of(&self.operation.params.iter().find(is_root)?.name)
    }
}

/// The address of elements, whose type C knows where there is only one dtype.
fn address(name: &str, of: &Of) -> String {
    if matches!(of, Of::Fixed(_)) { format!("{name}.cast()") } else { name.to_owned() }
}

fn elements_are_there(name: &str) -> String {
    format!("`{name}` is null or has as many elements as its count says, as the documentation demands.")
}
