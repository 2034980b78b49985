//! The runtime on ranks that are threads of one process: what each rank gets, compared with what a sequential program
//! computes from all ranks' data.

mod arrays;
mod collectives;
mod contract;
mod groups;
mod plan;
mod ranks;
mod vectors;
mod waiting;
