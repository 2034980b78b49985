//! Algorithms over all elements of a container, wherever they are: one folder or file each. What a container is and how its
//! elements move is in `containers`; these say which elements have to be where, and need no dtype of their own: they work on
//! bits of a few widths.

pub mod sort;
