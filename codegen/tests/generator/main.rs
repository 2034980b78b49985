//! Tests of the generator: what it writes, what it refuses and in which words, and that it is repeatable.

mod attributes;
mod coverage;
mod diagnostics;
mod fortran;
mod freshness;
mod golden;
mod recipes;
mod support;
