//! How much a run of the tests tries of what has no natural end: cases drawn at random, and variants of what is built.

/// How much.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What runs before every merge: some of everything.
    Gate,
    /// All that there is; hours may pass.
    Deep,
}

impl Depth {
    /// So much in the gate, so much in all.
    pub fn choose<T>(self, gate: T, deep: T) -> T {
        match self {
            Self::Gate => gate,
            Self::Deep => deep,
        }
    }
}
