
mod allmax;
pub use allmax::allmax;
