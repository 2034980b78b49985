//! Who may use the elements of a container at the same time. Every operation that uses elements borrows the container first and gives it back when it
//! is over, however long that takes; an operation that finds it borrowed in a way that its own use does not allow is an error, which
//! takes part in the agreement of the ranks where there is one. So no operation of dtl ever sees elements change, or move, while it
//! works on them, whatever threads do.
//!
//! Views do not borrow: a program may keep them, and answers for what it does through them while an operation runs. Maps need no
//! loans: what they hold is behind a lock.

use crate::error::{Error, Result};
use dtl_types::{Operation, SpecEnum, Status};
use std::sync::atomic::{AtomicU64, Ordering};

/// How an operation uses the elements of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It gives a view, and looks at no element itself: nothing may change them just now, and afterwards it has no part in it.
    View,
    /// It reads one element, while others may be changed one by one.
    ReadOne,
    /// It writes one element, while others may be read and written one by one.
    WriteOne,
    /// It reads elements, of which none may change meanwhile.
    Read,
    /// It changes elements, or where they are.
    Write,
}

/// To whom a container is lent: how many operations read one element (the lowest 12 bits), write one (12 bits) and read (24 bits), and
/// which one writes (16 bits: the number of the operation and one, or 0 for none).
#[derive(Debug, Default)]
pub(crate) struct Loans(AtomicU64);

/// The number of a writer that is no operation of dtl.
const ANOTHER: u64 = (1 << 16) - 1;

/// A part of the number in [`Loans`].
#[derive(Clone, Copy)]
struct Field {
    shift: u32,
    bits: u32,
}

impl Field {
    const fn mask(self) -> u64 {
        ((1 << self.bits) - 1) << self.shift
    }
}

impl Access {
    const fn field(self) -> Field {
        match self {
            Access::View => Field { shift: 0, bits: 0 },
            Access::ReadOne => Field { shift: 0, bits: 12 },
            Access::WriteOne => Field { shift: 12, bits: 12 },
            Access::Read => Field { shift: 24, bits: 24 },
            Access::Write => Field { shift: 48, bits: 16 },
        }
    }

    /// The loans beside which it is impossible.
    const fn conflicts(self) -> u64 {
        let (write_one, read, write) =
            (Access::WriteOne.field().mask(), Access::Read.field().mask(), Access::Write.field().mask());
        match self {
            Access::View | Access::ReadOne => write,
            Access::WriteOne => read | write,
            Access::Read => write_one | write,
            Access::Write => u64::MAX,
        }
    }

    /// What it adds to the loans. What writes has the number of its operation, or the largest if it is none of dtl.
    fn loan(self, operation: Option<Operation>) -> u64 {
        let number = match (self, operation) {
            (Access::Write, Some(operation)) => operation.code() as u64 + 1,
            (Access::Write, None) => ANOTHER,
            _ => 1,
        };
        number << self.field().shift
    }

    /// What both together are.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Access::View, access) | (access, Access::View) => access,
            (Access::ReadOne, access) | (access, Access::ReadOne) => access,
            (one, other) if one == other => one,
            _ => Access::Write,
        }
    }
}

impl Loans {
    /// Lends what it stands for to an operation; gives what the loan adds to the number.
    #[inline]
    pub(super) fn lend(&self, operation: Option<Operation>, access: Access) -> Result<u64> {
        if access == Access::View {
            let word = self.0.load(Ordering::Acquire);
            return if word & access.conflicts() == 0 { Ok(0) } else { Err(refusal(word)) };
        }
        let (loan, field) = (access.loan(operation), access.field());
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            let is_full = word & field.mask() == field.mask();
            if word & access.conflicts() != 0 || is_full {
                return Err(refusal(word));
            }
            match self.0.compare_exchange_weak(word, word + loan, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(loan),
                Err(current) => word = current,
            }
        }
    }

    /// Whether any operation uses it now.
    pub(super) fn is_lent(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }

    /// Ends a loan that counts for so much.
    #[inline]
    pub(super) fn take_back(&self, loan: u64) {
        if loan != 0 {
            self.0.fetch_sub(loan, Ordering::Release);
        }
    }
}

#[cold]
fn refusal(word: u64) -> Error {
    let writer = (word >> Access::Write.field().shift) as i32;
    let what = match Operation::from_code(writer - 1) {
        Some(operation) if writer > 0 => format!("{} changes it", operation.name()),
        _ => "another operation uses it".to_owned(),
    };
    let message = format!(
        "the container is in use: {what}, and has not ended. Wait for that, or let each thread use a container of its own"
    );
    Error::new(Status::InvalidState, message)
}

/// The containers that an operation uses; given back when this is dropped. One that is named several times is borrowed once, for all
/// that the operation does with it.
#[derive(Debug)]
pub(crate) struct Borrow<'a, const N: usize> {
    lent: [Option<(&'a Loans, u64)>; N],
}

impl<'a, const N: usize> Borrow<'a, N> {
    /// Borrows for an operation.
    #[inline]
    pub(crate) fn new(operation: Operation, uses: [(&'a Loans, Access); N]) -> Result<Self> {
        Self::lend(Some(operation), uses)
    }

    /// Borrows for an operation, or for a subscript of some language, which is none.
    #[inline]
    pub(super) fn lend(operation: Option<Operation>, uses: [(&'a Loans, Access); N]) -> Result<Self> {
        let mut borrow = Borrow { lent: [None; N] };
        for (place, access) in distinct(&uses) {
            let (loans, _) = uses[place];
            borrow.lent[place] = Some((loans, loans.lend(operation, access)?));
        }
        Ok(borrow)
    }
}

/// The containers among the uses: the place at which each is named first, and what is done with it in all of them.
pub(super) fn distinct(uses: &[(&Loans, Access)]) -> impl Iterator<Item = (usize, Access)> {
    let is_same = |one: usize, other: usize| std::ptr::eq(uses[one].0, uses[other].0);
    let firsts = (0..uses.len()).filter(move |place| !(0..*place).any(|other| is_same(*place, other)));
    firsts.map(move |place| {
        let others = (place + 1..uses.len()).filter(|other| is_same(place, *other));
        (place, others.fold(uses[place].1, |all, other| all.and(uses[other].1)))
    })
}

impl<const N: usize> Drop for Borrow<'_, N> {
    #[inline]
    fn drop(&mut self) {
        for (loans, loan) in self.lent.iter().flatten() {
            loans.take_back(*loan);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Access; 4] = [Access::ReadOne, Access::WriteOne, Access::Read, Access::Write];

    fn borrow<const N: usize>(uses: [(&Loans, Access); N]) -> Result<Borrow<'_, N>> {
        Borrow::new(Operation::VectorSort, uses)
    }

    #[test]
    fn what_changes_elements_has_them_alone() {
        use Access::*;
        let beside =
            [(ReadOne, ReadOne), (ReadOne, WriteOne), (WriteOne, WriteOne), (ReadOne, Read), (Read, Read)];
        let loans = Loans::default();
        for first in ALL {
            for second in ALL {
                let held = borrow([(&loans, first)]).unwrap();
                let allowed = beside.contains(&(first, second)) || beside.contains(&(second, first));
                assert_eq!(borrow([(&loans, second)]).is_ok(), allowed, "{second:?} beside {first:?}");
                drop(held);
                assert_eq!(loans.0.load(Ordering::Relaxed), 0, "everything was given back");
            }
        }
    }

    #[test]
    fn views_are_given_while_nothing_changes_elements_and_hold_nothing_up() {
        let loans = Loans::default();
        for (first, allowed) in ALL.into_iter().zip([true, true, true, false]) {
            let held = borrow([(&loans, first)]).unwrap();
            assert_eq!(borrow([(&loans, Access::View)]).is_ok(), allowed, "beside {first:?}");
            drop(held);
        }
        let _view = borrow([(&loans, Access::View)]).unwrap();
        assert!(borrow([(&loans, Access::Write)]).is_ok());
    }

    #[test]
    fn one_operation_may_name_a_container_twice() {
        let (loans, other) = (Loans::default(), Loans::default());
        let held = borrow([(&loans, Access::Read), (&other, Access::Read), (&loans, Access::Write)]).unwrap();
        assert!(borrow([(&loans, Access::ReadOne)]).is_err() && borrow([(&other, Access::Read)]).is_ok());
        drop(held);
        // What was borrowed before the refusal is given back.
        let held = borrow([(&other, Access::Write)]).unwrap();
        assert!(borrow([(&loans, Access::Read), (&other, Access::Read)]).is_err());
        assert!(borrow([(&loans, Access::Write)]).is_ok());
        drop(held);
    }

    #[test]
    fn the_error_names_what_has_it() {
        let loans = Loans::default();
        let held = borrow([(&loans, Access::Write)]).unwrap();
        let error = borrow([(&loans, Access::Read)]).unwrap_err();
        assert!(error.message().contains("vector.sort changes it"), "{error}");
        drop(held);
        let _held = borrow([(&loans, Access::Read)]).unwrap();
        let error = borrow([(&loans, Access::Write)]).unwrap_err();
        assert!(error.message().contains("another operation uses it"), "{error}");
    }
}
