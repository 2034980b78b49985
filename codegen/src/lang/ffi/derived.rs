//! C functions that no single operation names: they follow from objects, enumerations, structs and status codes, or belong
//! to every C library (version, last error).

use super::Function;
use super::signature::{CType, Signature, handle};
use crate::model::{Enum, Model, Object, Status, Struct};

/// Version of the library and of its binary interface.
pub(super) fn version() -> Vec<Function> {
    let number = |name: &str, constant: &str, doc: &str| {
        Function::plain(Signature::new(name, vec![], CType::int()), doc, format!("constants::{constant}"))
    };
    vec![
        number(
            "dtl_version_major",
            "VERSION_MAJOR",
            "First number of the version of the library that is running.",
        ),
        number(
            "dtl_version_minor",
            "VERSION_MINOR",
            "Second number of the version of the library that is running.",
        ),
        number(
            "dtl_version_patch",
            "VERSION_PATCH",
            "Third number of the version of the library that is running.",
        ),
        number(
            "dtl_abi_version",
            "ABI_VERSION",
            "Number of the binary interface of the library that is running; `DTL_ABI_VERSION` is that of this header.",
        ),
    ]
}

/// The version as a text.
pub(super) fn version_text(model: &Model) -> Function {
    Function::plain(
        Signature::new("dtl_version_string", vec![], CType::text()),
        "Version of the library that is running, such as \"0.1.0\". The text stays for ever.",
        format!("c{:?}.as_ptr()", model.library.version_short),
    )
}

/// What happened in the calling thread's last call.
pub(super) fn last_error() -> Vec<Function> {
    vec![
        Function::plain(
            // A status that it looks up, not what became of the call.
            Signature::new("dtl_last_status", vec![], CType::enumeration("status")),
            "Status of this thread's last call that works on an object or can fail; `DTL_SUCCESS` if it succeeded. \
             It tells whether a query that returned 0, -1 or null failed.",
            "last_error::status()".to_owned(),
        ),
        Function::plain(
            Signature::new("dtl_last_error_message", vec![], CType::text()),
            "What went wrong in this thread's last call and what to do about it, as a sentence; empty if it succeeded. \
             The text stays until this thread's next call.",
            "last_error::message()".to_owned(),
        ),
        Function::plain(
            Signature::new("dtl_live_objects", vec![], CType::uint64()),
            "Number of contexts, containers and requests that are alive in this process. A program that has destroyed everything \
             it made sees 0.",
            "dtl_runtime::live_objects()".to_owned(),
        ),
        report_error(),
        say_shape(),
        reverse_dimensions(),
    ]
}

/// For bindings of other languages, which find errors of their own.
fn report_error() -> Function {
    let args = vec![("status", CType::status()), ("message", CType::text())];
    Function::plain(
        Signature::new("dtl_report_error", args, CType::status()),
        "Makes an error the last one of this thread.\n\n\
         A binding that finds an error in the arguments of a local operation before it can call that operation calls \
         this instead, so that `dtl_last_error_message` tells of it. For a collective operation it is \
         `dtl_context_refuse` or that of the container.",
        "call::status(|| {
            // SAFETY: `message` is null or ends, as the documentation demands.
            let message = unsafe { texts::read(\"message\", message) }?;
            let status = numbers::error(\"status\", status)?;
            Err(Error::new(status, message))
        })"
        .to_owned(),
    )
    .saying(&[
        ("status", "Status of the error."),
        ("message", "What is wrong and what to do about it."),

    ], "The same status.")
}

/// For bindings of languages whose arrays have shapes.
fn say_shape() -> Function {
    let args = vec![
        ("array", CType::void().const_address()),
        ("ndim", CType::int()),
        ("extents", CType::size().const_address()),
    ];
    Function::plain(
        Signature::new("dtl_say_shape", args, CType::void()),
        "Says which shape an array has that this thread passes in its next call.\n\n\
         C passes numbers of elements. A binding of a language whose arrays have shapes calls this for each array before it calls \
         an operation, so that ranks can compare shapes and messages carry them. It holds until the thread has called a function \
         that returns a status.",
        "if let Ok(ndim @ 1..) = usize::try_from(ndim)
            && !extents.is_null()
        {
            // SAFETY: there are so many extents, as the documentation demands.
            shapes::say(array.cast(), unsafe { std::slice::from_raw_parts(extents, ndim) });
        } else {
            shapes::say(array.cast(), &[]);
        }"
        .to_owned(),
    )
    .saying(&[
        ("array", "Address of the array, as it will be passed."),
        ("ndim", "Number of its dimensions; 0 for a single value."),
        ("extents", "Its extents, beginning with the dimension whose elements are adjacent."),
    ], "")
}

/// For bindings of languages whose first dimension is that whose elements are adjacent.
fn reverse_dimensions() -> Function {
    Function::plain(
        Signature::new("dtl_reverse_dimensions", vec![], CType::void()),
        "Says that this thread's next call is to describe dimensions in reverse order.\n\n\
         A binding of a language whose first dimension is that whose elements are adjacent calls this before it asks for a \
         description. It holds until the thread has called a function that returns a status.",
        "dtl_runtime::reverse_dimensions(true)".to_owned(),
    )
}

/// For bindings of other languages, which convert arguments before they can call: the context, or what has one, refuses.
pub(super) fn refuse(model: &Model, object: &Object) -> Function {
    let Object { name, rust, .. } = object;
    let (arg, context) = match object.is_context() {
        true => ("ctx", "&ctx".to_owned()),
        false => (name.as_str(), format!("{name}.context()")),
    };
    let args = vec![
        (arg, handle(name)),
        ("operation", CType::text()),
        ("status", CType::status()),
        ("message", CType::text()),
    ];
    let any = if object.is_abstract { "_any" } else { "" };
    let own =
        model.operations_of(object).find(|operation| operation.is_collective() && operation.takes_self());
    let (operations, example) = match own {
        Some(operation) if !object.is_context() => {
            (format!(" of the {name}"), format!("`{}`", operation.shared_name))
        }
        _ => (String::new(), "`allreduce` or `vector.create`".to_owned()),
    };
    Function::plain(
        Signature::new(format!("dtl_{name}_refuse"), args, CType::status()),
        &format!(
            "Takes part in a collective operation{operations} by refusing it.\n\n\
             A binding that finds an error in the arguments of a collective operation before it can call that operation \
             calls this instead, so that the other ranks do not wait: every rank gets the same error. `operation` is its \
             name in the specification, such as {example}.\n\n\
             Collective: the other ranks call the operation."
        ),
        format!(
            "call::status(|| {{
                let {arg} = objects::pin{any}::<{rust}, _>(\"{arg}\", {arg})?;
                // SAFETY: both texts are null or end, as the documentation demands.
                let (operation, message) =
                    unsafe {{ (texts::read(\"operation\", operation)?, texts::read(\"message\", message)?) }};
                let status = numbers::error(\"status\", status)?;
                let operation = numbers::operation(\"operation\", &operation)?;
                Err(ops::refuse({context}, operation, Error::new(status, message)))
            }})"
        ),
    )
    .saying(&[
        (arg, if object.is_context() { "The ranks that wait." } else { "Its ranks wait." }),
        ("operation", "Name of the operation."),
        ("status", "Status of the error."),
        ("message", "What is wrong and what to do about it."),

    ], "The status of the error that every rank gets.")
}

/// The same for a form that does not block.
pub(super) fn refuse_issued() -> Function {
    let args = vec![
        ("ctx", handle("context")),
        ("operation", CType::text()),
        ("status", CType::status()),
        ("message", CType::text()),
        ("request", handle("request").address()),
    ];
    Function::plain(
        Signature::new("dtl_context_refuse_issued", args, CType::status()),
        "Issues a collective operation by refusing it.\n\n\
         What `dtl_context_refuse` is for operations, this is for those that do not block, such as `iallreduce`: the request \
         gives the error on every rank.\n\nCollective: the other ranks issue the operation.",
        "call::status(|| {
            let ctx = objects::pin::<Context, _>(\"ctx\", ctx)?;
            // SAFETY: both texts are null or end, as the documentation demands.
            let (operation, message) =
                unsafe { (texts::read(\"operation\", operation)?, texts::read(\"message\", message)?) };
            // SAFETY: `request` is null or the address of room for a handle, as the documentation demands.
            let place = unsafe { objects::place(\"request\", request) }?;
            let status = numbers::error(\"status\", status)?;
            let operation = numbers::operation(\"operation\", &operation)?;
            place.write(objects::give(ops::refuse_issued(&ctx, operation, Error::new(status, message)))?);
            Ok(())
        })"
        .to_owned(),
    )
    .saying(&[
        ("ctx", "The ranks that issue the operation."),
        ("operation", "Name of the operation."),
        ("status", "Status of the error."),
        ("message", "What is wrong and what to do about it."),
        ("request", "The request."),

    ], "`DTL_SUCCESS`, or the status of an error for which there can be no request.")
}

/// The name of each value of an enumeration.
pub(super) fn enum_name(item: &Enum) -> Function {
    let name = &item.name;
    let short = name.rsplit('_').next().unwrap_or(name);
    let values = item.values.iter().map(|value| (value.value, value.text.as_str()));
    let doc = format!(
        "Lower-case name of a `dtl_{name}`, such as \"{}\"; \"unknown\" for other numbers.",
        item.values[0].text
    );
    let args = vec![(short, CType::enumeration(name))];
    Function::plain(
        Signature::new(format!("dtl_{name}_name"), args, CType::text()),
        &doc,
        text_of(short, values),
    )
}

/// Size of an element.
pub(super) fn dtype_size() -> Function {
    let args = vec![("dtype", CType::enumeration("dtype"))];
    Function::plain(
        Signature::new("dtl_dtype_size", args, CType::size()),
        "Bytes of an element; 0 for a number that is no dtype.",
        "call::query(0, || Ok(enumeration::<Dtype>(\"dtype\", dtype, \"DTL_DTYPE_\")?.size() as dtl_size_t))"
            .to_owned(),
    )
}

/// What is known about a status.
pub(super) fn statuses(model: &Model) -> Vec<Function> {
    let args = || vec![("status", CType::status())];
    let text = |name: &str, doc: &str, of: fn(&Status) -> String| {
        let texts: Vec<(i32, String)> = codes(model).map(|status| (status.code, of(status))).collect();
        let body = text_of("status", texts.iter().map(|(code, text)| (*code, text.as_str())));
        Function::plain(Signature::new(name, args(), CType::text()), doc, body)
    };
    let int = |name: &str, doc: &str, body: &str| {
        Function::plain(Signature::new(name, args(), CType::int()), doc, body.to_owned())
    };
    let categories: Vec<(i32, String)> = (model.categories.iter())
        .map(|category| (category.value, category.name.to_ascii_lowercase()))
        .collect();
    let mut belongs = args();
    belongs.push(("category_code", CType::int()));
    vec![
        int("dtl_status_ok", "Whether a status is `DTL_SUCCESS`.", "c_int::from(status == 0)"),
        int(
            "dtl_status_is_error",
            "Whether a status is an error; `DTL_NOT_FOUND` and `DTL_END` are none.",
            "c_int::from(status >= 100)",
        ),
        text(
            "dtl_status_message",
            "What a status means, as a phrase; \"unknown\" for other numbers.",
            |status| status.message.clone(),
        ),
        text(
            "dtl_status_remedy",
            "What can be done about a status; empty where there is nothing to do.",
            |status| status.remedy.clone(),
        ),
        text("dtl_status_name", "Lower-case name of a status; \"unknown\" for other numbers.", |status| {
            status.name.to_ascii_lowercase()
        }),
        Function::plain(
            Signature::new("dtl_status_category", args(), CType::text()),
            "Lower-case name of the category of a status; \"unknown\" for numbers that belong to none.",
            text_of("status.div_euclid(100)", categories.iter().map(|(code, name)| (*code, name.as_str()))),
        ),
        int(
            "dtl_status_category_code",
            "Number of the category of a status, a `DTL_CATEGORY_` enumerator: the status divided by 100.",
            "status.div_euclid(100)",
        ),
        Function::plain(
            Signature::new("dtl_status_is_category", belongs, CType::int()),
            "Whether a status belongs to a category.",
            "c_int::from(status.div_euclid(100) == category_code)".to_owned(),
        ),
    ]
}

/// The distinct status codes.
fn codes(model: &Model) -> impl Iterator<Item = &Status> {
    model.statuses.iter().filter(|status| !status.is_alias).map(AsRef::as_ref)
}

/// Sets a struct to its defaults.
pub(super) fn init(item: &Struct) -> Function {
    let name = format!("dtl_{}", item.name);
    let args = vec![("opts", CType::structure(&name).address())];
    Function::plain(
        Signature::new(format!("{name}_init"), args, CType::void()),
        &format!("Sets a `{name}` to its defaults. Null does nothing."),
        format!(
            "// SAFETY: `opts` is null or the address of room for such a struct, as the documentation demands.
            if let Some(opts) = unsafe {{ opts.cast::<std::mem::MaybeUninit<{name}>>().as_mut() }} {{
                opts.write({name}::default());
            }}"
        ),
    )
}

/// Owners of an object.
pub(super) fn owners(object: &Object) -> Vec<Function> {
    let Object { name, rust, .. } = object;
    let args = || vec![(name.as_str(), handle(name))];
    let any = if object.is_abstract { "_any" } else { "" };
    let once_more = if object.freed_by.ends_with("_free") { "freed" } else { "destroyed" };
    let kept = match object.keeps_alive.as_slice() {
        [] => String::new(),
        kept => format!(" It had kept its {} alive.", kept.join(" and ")),
    };
    vec![
        Function::plain(
            Signature::new(format!("dtl_{name}_retain"), args(), CType::status()),
            &format!("Adds an owner to the {name}: it must be {once_more} once more. Local: it concerns the calling rank alone."),
            format!("call::status(|| objects::retain{any}::<{rust}, _>(\"{name}\", {name}))"),
        )
        .saying(&[
            (name, &format!("The {name}.")),

        ], "`DTL_SUCCESS`, or the status of an error."),
        Function::plain(
            Signature::new(object.freed_by.clone(), args(), CType::void()),
            &format!(
                "Takes an owner from the {name}. Local: it concerns the calling rank alone and never waits.\n\nWith the \
                 last owner the handle becomes invalid and the {name} is gone as soon as no call uses it.{kept} Null does \
                 nothing."
            ),
            format!("call::nothing(|| objects::destroy{any}::<{rust}, _>(\"{name}\", {name}))"),
        )
        .saying(&[(name, &format!("The {name}, or null."))], ""),
    ]
}

/// A text for each number.
fn text_of<'a>(number: &str, texts: impl Iterator<Item = (i32, &'a str)>) -> String {
    let arms: Vec<String> = texts.map(|(code, text)| format!("{code} => c{text:?},")).collect();
    format!("match {number} {{ {} _ => c\"unknown\", }}.as_ptr()", arms.join(" "))
}
