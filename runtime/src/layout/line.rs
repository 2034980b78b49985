//! Questions about single indices, of layouts of one dimension and along each dimension of others.

use super::{Dimension, Layout};
use crate::error::{Error, Result};
use dtl_types::Status;

impl Layout {
    /// The global index of this rank's first element; the size when the rank has none.
    pub fn local_offset(&self) -> i64 {
        self.dimensions[0].offset() as i64
    }

    /// Along each dimension, the global index of this rank's first element; the extent where it has none.
    pub fn local_offsets(&self) -> Vec<u64> {
        self.dimensions.iter().map(Dimension::offset).collect()
    }

    /// The rank that has element `global`; of a replicated element the asking rank, as every rank has it.
    pub fn owner(&self, global: i64) -> Result<i32> {
        let dimension = &self.dimensions[0];
        let global = dimension.checked(global)?;
        Ok(dimension.distribution.owner(global, dimension.part) as i32)
    }

    /// The rank that has the element with this index along each dimension; of copies, the asking rank's if it has one.
    pub fn owner_of(&self, index: &[u64]) -> i32 {
        let coordinates = self.dimensions.iter().zip(index);
        let rank = coordinates.map(|(dimension, index)| {
            dimension.distribution.owner(*index, dimension.part) * dimension.stride
        });
        rank.sum::<u64>() as i32
    }

    /// Whether element `global` is on this rank.
    pub fn is_local(&self, global: i64) -> Result<bool> {
        Ok(self.owner(global)? == self.rank())
    }

    /// The index of element `global` among this rank's elements; an error that names the owner when it is elsewhere.
    pub fn to_local(&self, global: i64) -> Result<i64> {
        let dimension = &self.dimensions[0];
        let index = dimension.checked(global)?;
        let owner = dimension.distribution.owner(index, dimension.part);
        if owner != self.rank {
            return Err(Error::new(
                Status::InvalidIndex,
                format!(
                    "element {global} is on rank {owner}, not on this rank, {}; only its owner has a local index for it",
                    self.rank
                ),
            ));
        }
        Ok(dimension.distribution.partition().local_index(index) as i64)
    }

    /// The place among this rank's elements, in row-major order, of the element with this index along each dimension, which is
    /// in range; the rank that has it, when that is another one.
    pub fn place_of(&self, index: &[u64]) -> std::result::Result<u64, i32> {
        let owner = self.owner_of(index);
        if owner != self.rank() {
            return Err(owner);
        }
        let dimensions = self.dimensions.iter().zip(index);
        Ok(dimensions.fold(0, |place, (dimension, index)| {
            place * dimension.local_extent + dimension.distribution.partition().local_index(*index)
        }))
    }

    /// The global index of this rank's element `local`.
    pub fn to_global(&self, local: i64) -> Result<i64> {
        let index = u64::try_from(local).ok().filter(|index| *index < self.local_size).ok_or_else(|| {
            out_of_bounds("local", local, &format!("rank {} has", self.rank), self.local_size)
        })?;
        let dimension = &self.dimensions[0];
        Ok(dimension.distribution.partition().global_index(dimension.part, index) as i64)
    }

    /// The global indices of this rank's elements along a dimension, ascending.
    pub fn global_indices(&self, dimension: usize) -> impl ExactSizeIterator<Item = i64> {
        self.global_indices_from(dimension, 0)
    }

    /// The same without the first ones.
    pub fn global_indices_from(&self, dimension: usize, first: usize) -> impl ExactSizeIterator<Item = i64> {
        let dimension = &self.dimensions[dimension];
        let partition = dimension.distribution.partition();
        (first..dimension.local_extent as usize)
            .map(move |local| partition.global_index(dimension.part, local as u64) as i64)
    }
}

impl Dimension {
    fn offset(&self) -> u64 {
        match self.local_extent {
            0 => self.distribution.extent(),
            _ => self.distribution.partition().global_index(self.part, 0),
        }
    }

    fn checked(&self, global: i64) -> Result<u64> {
        let extent = self.distribution.extent();
        u64::try_from(global)
            .ok()
            .filter(|index| *index < extent)
            .ok_or_else(|| out_of_bounds("global", global, "there are", extent))
    }
}

fn out_of_bounds(kind: &str, index: i64, who: &str, size: u64) -> Error {
    let message = match size {
        0 => format!("{kind} index {index} is out of bounds: {who} 0 elements"),
        _ => format!(
            "{kind} index {index} is out of bounds: {who} {size} elements, with indices 0 to {}",
            size - 1
        ),
    };
    Error::new(Status::OutOfBounds, message)
}
