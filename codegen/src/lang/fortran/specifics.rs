//! The procedures behind a generic name: one for each element type and each width of integers that the caller may pass.
//! They call the core with addresses and counts.

use crate::doc::ford;
use crate::model::{Callback, Model, Of, Operation, Param, Type};
use crate::spec::Direction;

use super::callbacks;
use super::core::{core_name, this, this_name};
use super::counts;
use super::dimensions::{element as list_element, has_bounds, view_ranks};
use super::procedure::{Dummy, Procedure};
use super::slots::{Group, Slot, group_of, groups, is_function, slots};
use super::spelling::{Element, checked, default, elements, integer, scalar};

/// The procedures behind the generic name of `operation`; empty when the core has that name.
pub(super) fn specifics(model: &Model, operation: &Operation) -> Vec<Procedure> {
    let groups = groups(model, operation);
    let wide = width_choices(operation);
    if groups.is_empty() && wide == 0 {
        return Vec::new();
    }
    let widths =
        (0..1_usize << wide).map(|bits| (0..wide).map(|at| bits >> at & 1 == 1).collect::<Vec<bool>>());
    let widths: Vec<Vec<bool>> = widths.collect();
    choices(&groups)
        .iter()
        .flat_map(|chosen| widths.iter().map(move |widths| (chosen, widths)))
        .flat_map(|(chosen, widths)| {
            let groups = &groups;
            view_ranks(model, operation)
                .map(move |rank| specific(model, operation, groups, chosen, widths, rank))
        })
        .collect()
}

/// How many times callers choose a width of integers. Lists that they must pass have one width together, or there would be twice
/// as many procedures for each; so have numbers for each rank.
fn width_choices(operation: &Operation) -> usize {
    let (lists, others): (Vec<Slot<'_>>, Vec<Slot<'_>>) = slots(operation)
        .into_iter()
        .filter(|slot| slot.is_wide())
        .partition(|slot| is_needed_list(operation, *slot));
    others.len() + usize::from(!lists.is_empty())
}

fn is_needed_list(operation: &Operation, slot: Slot<'_>) -> bool {
    matches!(slot.ty(), Type::Counts) || slot.ty().is_list() && !slot.is_optional(operation)
}

/// Every choice of an element type for each group.
fn choices(groups: &[Group]) -> Vec<Vec<&Element>> {
    groups.iter().fold(vec![Vec::new()], |choices, group| {
        let mut longer = Vec::new();
        for choice in &choices {
            longer.extend(group.elements.iter().map(|element| [choice.as_slice(), &[element]].concat()));
        }
        longer
    })
}

fn specific(
    model: &Model,
    operation: &Operation,
    groups: &[Group],
    chosen: &[&Element],
    widths: &[bool],
    rank: usize,
) -> Procedure {
    let mut parts = Specific::default();
    parts.dummies.extend(this(operation));
    parts.actuals.extend(parts.dummies.first().map(|dummy| dummy.name.clone()));
    let mut name = operation.symbol.clone();
    let mut types = Vec::new();
    for (group, element) in groups.iter().zip(chosen) {
        name = format!("{name}_{}", element.suffix);
        types.push(match groups {
            [_] => format!("`{}`", element.ty),
            _ => format!("`{}` of `{}`", group.first, element.ty),
        });
    }
    let mut widths = widths.iter();
    let mut lists = None;
    for slot in slots(operation) {
        let group = group_of(groups, slot);
        let element =
            groups.iter().zip(chosen).find(|(of, _)| group.is_some_and(|group| std::ptr::eq(*of, group)));
        if slot.is_wide() {
            let mut next = || *widths.next().expect("there is a width for each wide integer");
            let follows = lists.is_some() && is_needed_list(operation, slot);
            let is_int64 = match is_needed_list(operation, slot) {
                true => *lists.get_or_insert_with(next),
                false => next(),
            };
            let width = if is_int64 { "int64" } else { "int32" };
            if !follows {
                name = format!("{name}_{width}");
            }
            types.push(format!("`{}` of `integer(c_{width}_t)`", slot.name()));
            parts.wide(operation, slot, is_int64);
        } else if let Some((_, element)) = element.filter(|_| slot.is_generic_array()) {
            parts.array(operation, slot, element);
        } else if let (Slot::Beside(_), Type::Array(Of::Fixed(dtype))) = (slot, slot.ty()) {
            parts.array(operation, slot, &elements([dtype.as_ref()])[0]);
        } else if let Some((_, element)) = element.filter(|_| matches!(slot.ty(), Type::View(_))) {
            let several = view_ranks(model, operation).count() > 1;
            let is_bounded = operation.object.as_ref().is_some_and(|object| has_bounds(model, object));
            let bounded = is_bounded.then(|| this_name(operation));
            parts.view(slot.name(), element, several.then_some(rank), bounded);
            if several {
                name = format!("{name}_{rank}d");
                types.push(format!("pointers with {rank} dimensions"));
            }
        } else if let (Slot::Param(param), Type::Callback(callback)) = (slot, slot.ty()) {
            parts.callback(param, callback, chosen.first().copied());
        } else {
            parts.plain(operation, slot);
        }
    }
    parts.actuals.extend(chosen.iter().map(|element| element.constant.clone()));
    let doc = ford(&format!("`{}` for {}.", operation.full_name, types.join(", ")));
    parts.procedure(model, operation, checked(name), doc)
}

#[derive(Default)]
struct Specific {
    dummies: Vec<Dummy>,
    locals: Vec<String>,
    before: Vec<String>,
    actuals: Vec<String>,
    after: Vec<String>,
}

impl Specific {
    fn procedure(self, model: &Model, operation: &Operation, name: String, doc: Vec<String>) -> Procedure {
        let Self { mut dummies, locals, before, mut actuals, after } = self;
        let core = core_name(model, operation);
        let (mut procedure, call) = if is_function(operation) {
            let result = operation.result.as_ref().expect("a function has a result");
            let call = format!("answer = {core}({})", actuals.join(", "));
            (Procedure::function(name, doc, &dummies, scalar(&result.ty)), call)
        } else {
            if operation.is_issued() {
                dummies.push(Dummy::request());
                actuals.push("request".to_owned());
            }
            dummies.push(Dummy::ierr());
            actuals.push("ierr".to_owned());
            (Procedure::subroutine(name, doc, &dummies), format!("call {core}({})", actuals.join(", ")))
        };
        procedure.declarations.extend(locals);
        procedure.body = before.into_iter().chain([call]).chain(after).collect();
        procedure
    }

    /// A procedure of the caller, whose arrays have the elements `element`.
    fn callback(&mut self, param: &Param, callback: &Callback, element: Option<&Element>) {
        let (name, optional) = (&param.name, if param.optional { ", optional" } else { "" });
        let interface = callbacks::name(callback, element);
        self.dummies.push(Dummy::new(name, &format!("procedure(dtl_{interface}){optional}")));
        self.locals.extend(callbacks::locals(name));
        self.before.extend(callbacks::passed(param, callback, element));
        self.actuals.extend([format!("{name}_caller"), format!("{name}_at")]);
    }

    /// An argument that the core takes as it is.
    fn plain(&mut self, operation: &Operation, slot: Slot<'_>) {
        let name = slot.name();
        let optional = if slot.is_optional(operation) { ", optional" } else { "" };
        if let (Slot::Result(_), Type::Array(Of::Fixed(dtype))) = (slot, slot.ty()) {
            self.dummies.push(Dummy::allocated(name, dtype.fortran.as_deref().unwrap_or_default()));
            self.actuals.push(name.to_owned());
            return;
        }
        let ty = match (slot, slot.ty()) {
            (Slot::Param(param), Type::Object(object)) => {
                let intent = if param.direction == Direction::Out { "inout" } else { "in" };
                format!("type(dtl_{}), intent({intent}){optional}", object.name)
            }
            (Slot::Result(_), Type::Object(object)) => format!("type(dtl_{}), intent(inout)", object.name),
            (Slot::Param(_), Type::Text) => format!("character(len=*), intent(in){optional}"),
            (Slot::Result(_), Type::Text) => "character(len=:), allocatable, intent(out)".to_owned(),
            (_, Type::Value(_)) => format!("class(*), intent(in){optional}"),
            (Slot::Param(_), ty) if ty.is_list() => {
                format!("{}, intent(in){optional}, dimension(:)", list_element(ty))
            }
            (Slot::Param(_), ty) => format!("{}, intent(in){optional}", scalar(ty)),
            (Slot::Result(_), ty) => format!("{}, intent(out)", scalar(ty)),
            (Slot::Beside(_), _) => unreachable!("it is an array, which `array` declares"),
        };
        self.dummies.push(Dummy::new(name, &ty));
        self.actuals.push(name.to_owned());
    }

    /// An integer of 64 bits, or one of 32 bits that is widened. One with a default is optional in the narrow form
    /// alone, so that the compiler can tell the two apart when it is left out.
    fn wide(&mut self, operation: &Operation, slot: Slot<'_>, is_int64: bool) {
        if let (Slot::Param(param), Type::Counts) = (slot, slot.ty()) {
            let tells_apart = counts::is_first(operation, param);
            return self.wide_list(slot.name(), slot.is_optional(operation), is_int64, tells_apart);
        }
        if slot.ty().is_list() {
            return self.wide_list(slot.name(), slot.is_optional(operation), is_int64, true);
        }
        let (Slot::Param(param), Type::Integer(kind)) = (slot, slot.ty()) else {
            unreachable!("only integers are wide")
        };
        let name = slot.name();
        match (&param.default, is_int64) {
            (_, true) => {
                self.dummies.push(Dummy::new(name, &format!("{}, intent(in)", integer(kind))));
                self.actuals.push(name.to_owned());
            }
            (None, false) => {
                self.dummies.push(Dummy::new(name, "integer(c_int32_t), intent(in)"));
                self.actuals.push(format!("int({name}, c_int64_t)"));
            }
            (Some(value), false) => {
                self.dummies.push(Dummy::new(name, "integer(c_int32_t), intent(in), optional"));
                self.locals.push(format!("integer(c_int64_t) :: {name}_used"));
                self.before.push(format!("{name}_used = {}", default(value)));
                self.before.push(format!("if (present({name})) {name}_used = int({name}, c_int64_t)"));
                self.actuals.push(format!("{name}_used"));
            }
        }
    }

    /// The same for numbers of which there are several; only what tells procedures of one name apart must be passed in the wide form.
    fn wide_list(&mut self, name: &str, is_optional: bool, is_int64: bool, tells_apart: bool) {
        let width = if is_int64 { "int64" } else { "int32" };
        let optional = if is_optional && !(is_int64 && tells_apart) { ", optional" } else { "" };
        let declaration = format!("integer(c_{width}_t), intent(in){optional} :: {name}(:)");
        self.dummies.push(Dummy { name: name.to_owned(), declaration });
        self.actuals.push(match (is_int64, is_optional) {
            (true, _) => name.to_owned(),
            (false, false) => format!("int({name}, c_int64_t)"),
            (false, true) => {
                // What is not allocated is absent.
                self.locals.push(format!("integer(c_int64_t), allocatable :: {name}_used(:)"));
                self.before.push(format!(
                    "if (present({name})) allocate ({name}_used(size({name})), source=int({name}, c_int64_t))"
                ));
                format!("{name}_used")
            }
        });
    }

    fn array(&mut self, operation: &Operation, slot: Slot<'_>, element: &Element) {
        let name = slot.name();
        let is_read = matches!(slot, Slot::Param(param) if param.direction == Direction::In);
        let optional = slot.is_optional(operation);
        let attributes = format!(
            "{}, {}, target, intent({}){}",
            element.ty,
            if operation.is_issued() { "asynchronous" } else { "contiguous" },
            if is_read { "in" } else { "inout" },
            if optional { ", optional" } else { "" }
        );
        self.dummies.push(Dummy::array(name, &attributes));
        let source = if element.converted { format!("{name}_bytes") } else { name.to_owned() };
        let passed = if element.converted { format!("{name}, c_loc({source})") } else { name.to_owned() };
        let count = format!("count_{}({passed})", if is_read { "elements" } else { "places" });
        let count = if operation.is_issued() { format!("count_in_place({name}, {count})") } else { count };
        let present = |line: String| if optional { format!("if (present({name})) {line}") } else { line };
        if element.converted {
            self.locals.push(format!("logical(c_bool), allocatable, target :: {name}_bytes(:)"));
            self.before.push(present(format!(
                "call pack_logical(c_loc({name}), size({name}, kind=c_int64_t), {name}_bytes)"
            )));
            if !is_read {
                self.after.push(present(format!("call unpack_logical({name}_bytes, c_loc({name}))")));
            }
        }
        if optional {
            self.locals.push(format!("type(c_ptr) :: {name}_address"));
            self.locals.push(format!("integer(c_int64_t) :: {name}_count"));
            self.before.extend([
                format!("{name}_address = c_null_ptr"),
                format!("{name}_count = absent"),
                format!("if (present({name})) then"),
                format!("  {name}_address = c_loc({source})"),
                format!("  {name}_count = {count}"),
                "end if".to_owned(),
            ]);
            self.actuals.extend([format!("{name}_address"), format!("{name}_count")]);
        } else {
            self.actuals.extend([format!("c_loc({source})"), count]);
        }
    }

    /// A pointer to local elements; where they have several dimensions, one of `rank`. Its bounds are those that the object
    /// `bounded` has, if there is one.
    fn view(&mut self, name: &str, element: &Element, rank: Option<usize>, bounded: Option<&str>) {
        let colons = vec![":"; rank.unwrap_or(1)].join(", ");
        self.dummies.push(Dummy {
            name: name.to_owned(),
            declaration: format!("{}, pointer, contiguous, intent(out) :: {name}({colons})", element.ty),
        });
        self.locals.push(format!("type(c_ptr) :: {name}_address"));
        self.actuals.push(format!("{name}_address"));
        let extents = if let Some(rank) = rank {
            self.locals.push(format!("integer(c_int64_t), allocatable :: {name}_extents(:)"));
            self.actuals.extend([format!("{name}_extents"), format!("{rank}_c_int")]);
            format!("{name}_extents")
        } else {
            self.locals.push(format!("integer(c_int64_t) :: {name}_count"));
            self.actuals.push(format!("{name}_count"));
            format!("[{name}_count]")
        };
        self.after.push(format!("nullify ({name})"));
        let associate = format!("call c_f_pointer({name}_address, {name}, {extents})");
        let Some(this) = bounded else {
            self.after.push(format!("if (c_associated({name}_address)) {associate}"));
            return;
        };
        self.locals.push(format!("integer(c_int64_t) :: {name}_bounds({})", rank.unwrap_or(1)));
        let bounds: Vec<String> =
            (1..=rank.unwrap_or(1)).map(|number| format!("{name}_bounds({number}):")).collect();
        self.after.extend([
            format!("if (c_associated({name}_address)) then"),
            format!("  {associate}"),
            format!("  {name}_bounds = {this}%lower_bounds()"),
            format!("  {name}({}) => {name}", bounds.join(", ")),
            "end if".to_owned(),
        ]);
    }
}
