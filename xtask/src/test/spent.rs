//! What running something has taken: time, and time of processors.

use std::ops::Sub;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::repository;

/// Two times, of which the second is the larger one when several processors work.
#[derive(Clone, Copy)]
pub struct Spent {
    /// By the clock.
    pub elapsed: Duration,
    /// What all programs together have computed that we started and that are over.
    pub processor: Duration,
}

impl Spent {
    /// Since this program was first asked.
    pub fn so_far() -> Self {
        static START: OnceLock<Instant> = OnceLock::new();
        Self {
            elapsed: START.get_or_init(Instant::now).elapsed(),
            processor: of_children().unwrap_or_default(),
        }
    }

    /// What has been added since then.
    pub fn since(self, earlier: Self) -> Self {
        let Self { elapsed, processor } = earlier;
        Self { elapsed: self.elapsed.sub(elapsed), processor: self.processor.sub(processor) }
    }
}

/// What the system notes of children, and their children, that have ended; `None` where it does not tell.
fn of_children() -> Option<Duration> {
    // Hundredths of a second, the 16th and 17th word; the second is a name in parentheses.
    let text = repository::read("/proc/self/stat".as_ref()).ok()?;
    let words: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let hundredths: u64 = words.get(13)?.parse::<u64>().ok()? + words.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(10 * hundredths))
}

#[cfg(test)]
mod tests {
    use crate::command::Command;

    #[test]
    fn what_a_program_computes_is_counted() {
        let before = super::Spent::so_far();
        Command::new("sh").args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done"]).run().unwrap();
        let spent = super::Spent::so_far().since(before);
        assert!(spent.processor.as_millis() > 10, "{:?}", spent.processor);
        assert!(spent.elapsed.as_millis() > 10, "{:?}", spent.elapsed);
    }
}
