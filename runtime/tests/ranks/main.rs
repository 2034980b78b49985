//! The runtime on ranks: what each gets, compared with what a sequential program computes from all ranks' data. Ranks are threads
//! of one process here; `cargo xtask test rust` also starts this program on the processes of every MPI.

mod arrays;
mod borrows;
mod collectives;
mod containers;
mod contract;
mod elementwise;
mod examples;
mod execution;
mod functions;
mod futures;
mod groups;
mod halos;
mod holds;
mod layouts;
mod locations;
mod many;
mod maps;
mod memories;
mod observe;
mod panics;
mod plan;
mod policies;
mod ranks;
mod requests;
mod roles;
mod sequences;
mod sorting;
mod spans;
mod topology;
mod unchecked;
mod values;
mod vectors;
mod waiting;
