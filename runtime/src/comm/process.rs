//! This process, as opposed to those that are forked from it: a child has a copy of all memory, contexts included, but it is no
//! rank. What belongs to one process carries a [`Process`], which costs no system call to compare.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// How often the memory of this process was inherited through `fork` since dtl began to count.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The process in which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    generation: u32,
}

impl Process {
    /// This one.
    pub(crate) fn this() -> Self {
        static COUNTING: Once = Once::new();
        // SAFETY: the function may be called in a child at any time, as it writes one word without waiting for anybody; it
        // stays for as long as the library that holds it.
        COUNTING.call_once(|| unsafe {
            libc::pthread_atfork(None, None, Some(count));
        });
        Process { generation: GENERATION.load(Ordering::Relaxed) }
    }

    /// Whether it is this one, rather than one that this was forked from.
    #[inline]
    pub(crate) fn is_this(self) -> bool {
        self.generation == GENERATION.load(Ordering::Relaxed)
    }
}

unsafe extern "C" fn count() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_another_process() {
        let process = Process::this();
        // SAFETY: the child calls nothing but functions that are allowed there, and ends at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let is_other = !process.is_this() && Process::this() != process && Process::this().is_this();
            // SAFETY: it ends this process.
            unsafe { libc::_exit(i32::from(!is_other)) };
        }
        let mut status = -1;
        // SAFETY: the status has a place.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
        assert!(process.is_this());
    }
}
