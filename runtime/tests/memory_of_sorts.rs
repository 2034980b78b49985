//! What sorting takes beside the elements: some shares of a rank, whatever the elements are. Alone in its process, whose
//! allocations it counts, for each rank by itself. Arrays are small enough to come from the allocator of Rust.

use dtl::{Context, Dtype, ExecutionPolicy, PartitionPolicy, PlacementPolicy, ops};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what a thread, which is a rank, has allocated and not given back.
struct Counting;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    NOW.set(NOW.get() + bytes);
    MOST.set(MOST.get().max(NOW.get()));
}

// SAFETY: it asks the allocator of the system for everything, and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller guarantees that the layout has a size.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller guarantees that the allocator gave `start` for this layout.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const RANKS: u64 = 8;
const SHARE: u64 = 20_000;

/// The bits of the element with an index.
type Element = fn(i64) -> u64;

/// The most bytes that a rank had allocated during a sort, of elements made from their indices.
fn most(element: Element, partition: PartitionPolicy, block: u64, stable: bool) -> isize {
    let sort = |context: Context| {
        let (host, seq) = (PlacementPolicy::Host, ExecutionPolicy::Seq);
        let size = RANKS * SHARE;
        let vector =
            ops::vector_create(&context, size, Dtype::Float64, None, partition, host, seq, 0, block).unwrap();
        let mut indices = dtl::VecOutput::<i64>::new();
        ops::vector_global_indices(&vector, &mut indices).unwrap();
        let view = ops::container_local_view(&vector).unwrap();
        for (place, index) in indices.into_vec().into_iter().enumerate() {
            // SAFETY: the view has an element for each index.
            unsafe { view.as_mut_ptr().cast::<u64>().add(place).write(element(index)) };
        }
        MOST.set(NOW.get());
        let before = NOW.get();
        ops::vector_sort(&vector, false, stable).unwrap();
        MOST.get() - before
    };
    let ranks = Context::threads(RANKS as i32).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = ranks.into_iter().map(|context| scope.spawn(|| sort(context))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).max().unwrap()
    })
}

#[test]
fn the_memory_is_that_of_some_shares_whatever_the_elements_are() {
    let kinds: [(&str, Element); 4] = [
        ("all equal", |_| 7),
        ("in order", |index| index as u64),
        ("descending", |index| u64::MAX - index as u64),
        ("most equal", |index| if index % 10 == 0 { index as u64 } else { 1 << 62 }),
    ];
    let share = (SHARE * 8) as isize;
    for (name, element) in kinds {
        for (partition, block) in [
            (PartitionPolicy::Block, 1),
            (PartitionPolicy::Cyclic, 1),
            // Each rank has one block, and some have none.
            (PartitionPolicy::BlockCyclic, SHARE + 1),
        ] {
            for stable in [false, true] {
                let most = most(element, partition, block, stable);
                assert!(
                    most >= share,
                    "{name}, {partition:?}: {most} bytes are counted, but there is a copy"
                );
                assert!(most < 5 * share, "{name}, {partition:?}, stable {stable}: {most} bytes for {share}");
            }
        }
    }
}
