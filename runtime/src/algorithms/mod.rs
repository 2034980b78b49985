//! Algorithms over all elements of a container, wherever they are: one folder or file each. What a container is and how its
//! elements move is in `containers`; these say which elements have to be where, or what is asked of each. They need no dtype
//! of their own: sorting works on bits of a few widths, and functions of the caller know their elements.

mod answers;
pub mod count;
pub mod find;
pub mod for_each;
pub mod predicates;
pub mod sort;
