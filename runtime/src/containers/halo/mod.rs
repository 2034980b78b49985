//! Halos: this rank's part of a container with the elements around it, copied from other ranks. A halo has memory of its own;
//! an exchange fills it from the container, so that a program reads the old values there while it writes new ones to the
//! container. Which elements stand where is in `geometry.rs`, how far an exchange has come in `exchange.rs`.

mod exchange;
mod geometry;

use super::borrow::{Access, Borrow, Loans};
use super::core::{Body, DynContainer, View};
use super::order::in_order;
use super::properties::describe as describe_container;
use super::transfer::Plan;
use crate::calls::Call;
use crate::context::Context;
use crate::element::Element;
use crate::error::{Error, Result};
use crate::groups;
use crate::layout::Region;
use crate::live::Live;
use crate::memory::Source;
use crate::scalar::Scalar;
use dtl_types::{Dtype, HaloBoundary, SpecEnum, Status, Stencil};
use exchange::Exchange;
use geometry::{Geometry, padded_shape, widths_of};
use std::fmt;
use std::sync::Arc;

/// A rank's part of a container with the elements around it, of any data type.
pub struct Halo {
    /// The number that all ranks know it by.
    id: u64,
    /// The same ranks as the container's, on which elements move: so other operations of those may come between the beginning and
    /// the end of an exchange.
    carrier: Context,
    container: DynContainer,
    /// Keeps the container's elements where they are.
    source: View,
    widths: Vec<u64>,
    boundary: HaloBoundary,
    stencil: Stencil,
    padded: Arc<Body>,
    plan: Plan,
    /// The ghosts behind which there is no element, and what is written there by an exchange.
    constant: Option<(Vec<Region>, Scalar)>,
    exchange: Exchange,
    /// The operations that use its array now.
    loans: Loans,
    _live: Live,
}

/// A new halo of `widths` elements around this rank's part of a container. `widths` has one entry for each dimension, or a single
/// one for all. Collective.
pub async fn create(
    call: &Call<'_>,
    container: &DynContainer,
    widths: &[u64],
    boundary: HaloBoundary,
    stencil: Stencil,
    value: Option<Scalar>,
) -> Result<Halo> {
    let source = View::of(container);
    let layout = container.body().layout.clone();
    let element = container.dtype().size();
    let prepared = widths_of(&layout, widths).and_then(|widths| {
        let shape = padded_shape(&layout, &widths);
        let bytes = shape.iter().try_fold(element, |bytes, extent| bytes.checked_mul(*extent));
        // Programs read it through views, which are of the host's memory.
        let padded = Source::Host.allocate(bytes.unwrap_or(usize::MAX))?;
        Ok((widths, shape, padded))
    });
    let (widths, shape, padded) = call.admit(prepared).await?;
    call.exchange(&[]).await?;
    let carrier = groups::twin(call).await?;
    let geometry = Geometry { layout: &layout, widths: &widths, boundary, stencil, element };
    let plan = geometry.plan();
    let value = value.unwrap_or_else(|| Scalar::zero(container.dtype()));
    let constant = (boundary == HaloBoundary::Constant).then(|| (geometry.outside(&shape), value));
    let padded = Arc::new(Body::new(layout, padded));
    let halo = Halo {
        id: call.context().number_container(),
        carrier,
        container: container.clone(),
        source,
        widths,
        boundary,
        stencil,
        padded,
        plan,
        constant,
        exchange: Exchange::new(),
        loans: Loans::default(),
        _live: Live::new(),
    };
    Ok(halo)
}

/// Fills the halo's array: with this rank's elements, and with those around them. Collective.
pub async fn exchange(call: &Call<'_>, halo: &Halo) -> Result<()> {
    begin(call, halo).await?;
    end(call, halo).await
}

/// Copies this rank's elements into the halo's array and sends those that other ranks need. The container may be written
/// again when this returns. Collective.
pub async fn begin(call: &Call<'_>, halo: &Halo) -> Result<()> {
    let beginning = call.admit(halo.exchange.take()).await?;
    let reading = Borrow::new(call.operation(), [(halo.container.loans(), Access::Read)]);
    let _reading = call.admit(reading).await?;
    let (source, padded) = (halo.source.address(), halo.padded.storage.address());
    // SAFETY: the source and the padded memory have the shapes of the plan. The padded memory outlives what has begun, because
    // a halo that is dropped meanwhile does not free it.
    beginning.has_begun(unsafe { halo.plan.begin(call, &halo.carrier, source, padded, true).await? });
    Ok(())
}

/// Waits for the elements of other ranks.
pub async fn end(call: &Call<'_>, halo: &Halo) -> Result<()> {
    let Some(pending) = halo.exchange.begun() else {
        return Err(Error::new(Status::InvalidState, "no exchange has begun; begin one first"));
    };
    let padded = halo.padded.storage.address();
    // SAFETY: this is the memory that was given to `begin`.
    unsafe { halo.plan.complete(call, pending, padded).await? };
    if let Some((outside, value)) = &halo.constant {
        // SAFETY: the regions were made for the padded shape, and elements have the size of the value.
        outside.iter().for_each(|region| unsafe { padded.engine().fill_region(region, padded, *value) });
    }
    Ok(())
}

/// This rank's part with its ghosts, without a copy.
pub fn local_view(halo: &Halo) -> Result<View> {
    let shape = padded_shape(&halo.padded.layout, &halo.widths);
    Ok(View::over(&halo.container, halo.padded.clone(), &shape))
}

/// The number of ghosts at each end of each dimension.
pub fn width(halo: &Halo) -> Vec<u64> {
    halo.widths.clone()
}

/// The number of dimensions.
pub fn ndim(halo: &Halo) -> i32 {
    halo.widths.len() as i32
}

/// The data type of the elements.
pub fn dtype(halo: &Halo) -> Dtype {
    halo.container.dtype()
}

/// The number of elements of the halo's array.
pub fn local_size(halo: &Halo) -> u64 {
    local_shape(halo).iter().product()
}

/// Along each dimension, the global index of the first element of the halo's array.
pub fn lower_bounds(halo: &Halo) -> Vec<i64> {
    let offsets = halo.padded.layout.local_offsets().into_iter().zip(&halo.widths);
    offsets.map(|(offset, width)| offset as i64 - *width as i64).collect()
}

/// Whether the halo can be used: as long as it exists.
pub fn is_valid(_halo: &Halo) -> bool {
    true
}

/// The halo in a line.
pub fn describe(halo: &Halo) -> String {
    let (boundary, stencil) = (halo.boundary.name(), halo.stencil.name());
    format!(
        "width={:?}, boundary={boundary}, stencil={stencil}, of {}",
        in_order(halo.widths.iter()),
        describe_container(&halo.container)
    )
}

/// The extent of the halo's array along each dimension: this rank's elements and the ghosts at both ends.
pub fn local_shape(halo: &Halo) -> Vec<u64> {
    padded_shape(&halo.padded.layout, &halo.widths).into_iter().map(|extent| extent as u64).collect()
}

impl Halo {
    /// The operations that use the halo's array now.
    pub(crate) fn loans(&self) -> &Loans {
        &self.loans
    }

    /// The context of the container.
    pub fn context(&self) -> &Context {
        self.container.context()
    }

    /// The number that all ranks know the halo by; containers and halos are numbered together.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The halo's array, in row-major order, of elements of type `T`, which must be the container's.
    pub fn local_view<T: Element>(&self) -> Result<&[T]> {
        self.check_type(T::DTYPE)?;
        // SAFETY: the memory has so many elements of T, initialised; what writes to it needs `&mut self`, or a view that another
        // language has.
        Ok(unsafe {
            std::slice::from_raw_parts(
                self.padded.storage.address().host()?.cast(),
                local_size(self) as usize,
            )
        })
    }

    /// The halo's array, to be modified.
    pub fn local_view_mut<T: Element>(&mut self) -> Result<&mut [T]> {
        self.check_type(T::DTYPE)?;
        // SAFETY: the memory has so many elements of T, initialised; the borrow of `self` is exclusive, so that
        // only a view that another language has reaches them as well.
        Ok(unsafe {
            std::slice::from_raw_parts_mut(
                self.padded.storage.address().host()?.cast(),
                local_size(self) as usize,
            )
        })
    }

    fn check_type(&self, wanted: Dtype) -> Result<()> {
        let found = dtype(self);
        if found == wanted {
            return Ok(());
        }
        let message = format!("the halo holds {}, not {}; ask for that type", found.name(), wanted.name());
        Err(Error::new(Status::InvalidArgument, message))
    }

    /// The container whose elements are copied.
    pub fn container(&self) -> &DynContainer {
        &self.container
    }
}

impl fmt::Debug for Halo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Halo").field("widths", &self.widths).finish_non_exhaustive()
    }
}

impl Drop for Halo {
    fn drop(&mut self) {
        if let Some(pending) = self.exchange.begun() {
            pending.abandon(&self.carrier, self.padded.clone());
        }
    }
}
