//! The loan of elements that a library of some language uses, such as NumPy.

use super::alike::Places;
use super::borrow::{Access, distinct};
use super::core::DynContainer;
use crate::error::Result;

/// Elements that are lent to a library of some language, which uses them through views and has no reference that lasts: given back
/// when this is dropped. Writes to those that are written are noted.
#[derive(Debug)]
pub struct KeptLoan {
    /// Each container with what its loan counts, and whether it is written to.
    lent: Vec<(DynContainer, u64, bool)>,
}

impl KeptLoan {
    /// Lends elements, each with whether they are written to.
    pub fn new(uses: &[(&Places, bool)]) -> Result<Self> {
        let mut loan = KeptLoan { lent: Vec::with_capacity(uses.len()) };
        let access = |is_written: bool| if is_written { Access::Write } else { Access::Read };
        let all: Vec<_> =
            uses.iter().map(|(places, is_written)| (places.container.loans(), access(*is_written))).collect();
        for (place, access) in distinct(&all) {
            let counted = all[place].0.lend(None, access)?;
            loan.lent.push((uses[place].0.container.clone(), counted, access == Access::Write));
        }
        Ok(loan)
    }
}

impl Drop for KeptLoan {
    fn drop(&mut self) {
        for (container, counted, is_written) in &self.lent {
            if *is_written {
                container.note_write();
            }
            container.loans().take_back(*counted);
        }
    }
}
