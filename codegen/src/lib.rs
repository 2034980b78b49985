//! Reads `spec/`.
