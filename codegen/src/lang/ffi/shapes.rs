//! C functions that make shapes.

use super::Function;
use super::signature::{CType, Signature};
use crate::model::Model;

/// The functions for the struct `shape`, where the specification has it.
pub(super) fn shapes(model: &Model) -> Vec<Function> {
    if model.structs.iter().all(|item| item.name != "shape") {
        return Vec::new();
    }
    let mut functions: Vec<Function> = (1..=3).map(of_dimensions).collect();
    functions.extend([of_any_number(), size()]);
    functions
}

/// `dtl_shape_2d(dim0, dim1)`.
fn of_dimensions(count: usize) -> Function {
    let names: Vec<String> = (0..count).map(|number| format!("dim{number}")).collect();
    let args = names.iter().map(|name| (name.as_str(), CType::size())).collect();
    let dimensions = if count == 1 { "one dimension".to_owned() } else { format!("{count} dimensions") };
    Function::plain(
        Signature::new(format!("dtl_shape_{count}d"), args, CType::shape()),
        &format!("The shape of {dimensions} with these extents."),
        format!("let (ndim, dims) = dimensions::padded(&[{}]); dtl_shape {{ ndim, dims }}", names.join(", ")),
    )
}

fn of_any_number() -> Function {
    let args = vec![("ndim", CType::int()), ("dims", CType::size().const_address())];
    Function::plain(
        Signature::new("dtl_shape_nd", args, CType::shape()),
        "The shape with `ndim` extents that are at `dims`. A shape without dimensions, which no tensor can have, if `ndim` is \
         not from 0 to `DTL_MAX_TENSOR_RANK`, or `dims` is null.",
        "let count = if (0..=constants::MAX_TENSOR_RANK).contains(&ndim) { ndim as usize } else { 0 };
        // SAFETY: `dims` is null or has as many extents as `ndim` says, as the documentation demands.
        let extents = unsafe { dimensions::list_at(dims, count) }.unwrap_or_default();
        let (ndim, dims) = dimensions::padded(&extents);
        dtl_shape { ndim, dims }"
            .to_owned(),
    )
}

fn size() -> Function {
    let args = vec![("shape", CType::shape().const_address())];
    Function::plain(
        Signature::new("dtl_shape_size", args, CType::size()),
        "Number of elements of a shape: the product of its extents; 0 for null and for a shape that has no dimensions or too \
         many.",
        "// SAFETY: `shape` is null or the address of a shape, as the documentation demands.
        let shape = unsafe { shape.as_ref() }.copied().unwrap_or_default();
        match dimensions::optional_extents(\"shape\", shape.ndim, &shape.dims) {
            Ok(Some(extents)) => dimensions::size(extents),
            _ => 0,
        }"
        .to_owned(),
    )
}
