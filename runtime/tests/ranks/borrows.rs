//! Threads of a rank that use one container at the same time: what changes it has it alone, and whoever else comes gets an error.

use crate::arrays::{Place, Values};
use crate::ranks::{on_ranks, on_threads, same_error, settings};
use crate::vectors::create;
use dtl::containers::alike::Places;
use dtl::containers::kept_loan::KeptLoan;
use dtl::{Context, Dtype, DynVector, PartitionPolicy, Result, Scalar, Status, Vector, ops};
use std::sync::Barrier;

fn vector(context: &Context) -> DynVector {
    create(context, 6, Dtype::Int32, PartitionPolicy::Block).unwrap()
}

/// Does something on rank 0 while a thread of it sorts the vector, which cannot end before rank 1 sorts it as well.
fn while_sorting(during: impl Fn(&Context, &DynVector) + Sync) {
    let (begun, done) = (Barrier::new(2), Barrier::new(2));
    on_threads(2, settings(), |context| {
        let vector = vector(context);
        if context.rank() == 1 {
            done.wait();
            return ops::vector_sort(&vector, false, false).unwrap();
        }
        std::thread::scope(|scope| {
            let sorting = scope.spawn(|| {
                begun.wait();
                ops::vector_sort(&vector, false, false)
            });
            begun.wait();
            while !format!("{vector:?}").contains("in use") {
                assert!(!sorting.is_finished(), "a sort that another rank has not begun is over");
                std::thread::yield_now();
            }
            during(context, &vector);
            done.wait();
            sorting.join().unwrap().unwrap();
        });
        assert!(ops::container_fill(&vector, Scalar::of(1i32)).is_ok(), "it is given back");
    });
}

#[test]
fn what_is_being_sorted_can_neither_be_written_nor_read() {
    while_sorting(|_, vector| {
        let refused = |result: Result<()>, name: &str| {
            let error = result.unwrap_err();
            assert_eq!(error.status(), Status::InvalidState);
            let text = error.message();
            assert!(text.starts_with(name) && text.contains("vector.sort changes it"), "{text}");
        };
        let values = Values::of(Dtype::Int32, &[3], &[1, 2, 3]);
        refused(ops::container_fill(vector, Scalar::of(1i32)), "container.fill");
        refused(ops::container_set_local(vector, 0, Scalar::of(1i32)), "container.set_local");
        refused(ops::container_get_local(vector, 0, &mut Place::default()), "container.get_local");
        refused(ops::container_copy_from_host(vector, values.input()), "container.copy_from_host");
        refused(ops::container_copy_to_host(vector, &mut Place::default()), "container.copy_to_host");
        refused(ops::container_local_view(vector).map(drop), "container.local_view");
        refused(ops::span_from_vector(vector).map(drop), "span.from_vector");
    });
}

#[test]
fn a_request_has_what_it_sorts_until_it_is_over() {
    let issued = Barrier::new(2);
    on_threads(2, settings(), |context| {
        let vector = vector(context);
        let own = [5, 3, 1].map(|number| number - i64::from(context.rank()));
        ops::container_copy_from_host(&vector, Values::of(Dtype::Int32, &[3], &own).input()).unwrap();
        let kept = vector.clone();
        let request = if context.rank() == 0 {
            let request = ops::vector_async_sort(&vector, false, false);
            let error = ops::container_fill(&kept, Scalar::of(1i32)).unwrap_err();
            assert!(error.message().contains("vector.async_sort changes it"), "{error}");
            let second = ops::vector_async_sort(&kept, false, false);
            issued.wait();
            (request, second)
        } else {
            issued.wait();
            (ops::vector_async_sort(&vector, false, false), ops::vector_async_sort(&kept, false, false))
        };
        drop(vector);
        request.0.wait(None).unwrap();
        let error = same_error(context, request.1.wait(None));
        assert_eq!(error.status(), Status::InvalidState, "{error}");
        let mut sorted = Place::default();
        ops::container_copy_to_host(&kept, &mut sorted).unwrap();
        let first = i64::from(3 * context.rank());
        assert_eq!(sorted.result, Some(Values::of(Dtype::Int32, &[3], &[first, first + 1, first + 2])));
    });
}

#[test]
fn a_request_of_rust_gives_back_what_it_has_sorted() {
    on_ranks(3, |context| {
        let mut values = Vector::<f64>::new(context, 9).unwrap();
        for (place, value) in values.local_view_mut().iter_mut().enumerate() {
            *value = f64::from(10 * place as i32 - context.rank());
        }
        let sorted = values.async_sort(true, false).wait().unwrap();
        let first = 2.0 - f64::from(context.rank());
        assert_eq!(sorted.local_view(), [10.0 * first, 10.0 * first - 1.0, 10.0 * first - 2.0]);
    });
}

#[test]
fn what_does_not_change_is_known_meanwhile() {
    while_sorting(|_, vector| {
        assert_eq!((ops::container_global_size(vector), ops::container_local_size(vector)), (6, 3));
        assert!(ops::container_describe(vector).contains("shape (6,)"));
        assert_eq!(ops::vector_owner(vector, 4).unwrap(), 1);
        assert_eq!(ops::vector_to_global(vector, 2).unwrap(), 2);
        assert_eq!(ops::container_local_size(&ops::container_like(vector, Dtype::Bool).unwrap()), 3);
    });
}

#[test]
fn views_that_were_there_before_stay() {
    on_ranks(2, |context| {
        let vector = vector(context);
        let view = ops::container_local_view(&vector).unwrap();
        ops::container_fill(&vector, Scalar::of(7i32)).unwrap();
        ops::vector_sort(&vector, true, false).unwrap();
        assert_eq!(view.len(), 3);
    });
}

#[test]
fn a_rank_that_finds_it_in_use_tells_all() {
    on_ranks(2, |context| {
        let vector = vector(context);
        let loan = (context.rank() == 0).then(|| KeptLoan::new(&[(&Places::of(&vector), false)]).unwrap());
        let error = same_error(context, ops::vector_sort(&vector, false, false));
        assert_eq!((error.status(), error.rank()), (Status::InvalidState, Some(0)));
        assert!(error.message().contains("another operation uses it"), "{error}");
        drop(loan);
        ops::vector_sort(&vector, false, false).unwrap();
    });
}

#[test]
fn reads_overlap_and_so_do_writes_of_single_elements() {
    on_threads(1, settings(), |context| {
        let vector = vector(context);
        std::thread::scope(|scope| {
            for thread in 0..2u64 {
                let vector = &vector;
                scope.spawn(move || {
                    for number in 0..1000 {
                        ops::container_set_local(vector, thread, Scalar::of(number)).unwrap();
                        ops::container_get_local(vector, 1 - thread, &mut Place::default()).unwrap();
                    }
                });
            }
        });
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    (0..1000)
                        .for_each(|_| ops::container_copy_to_host(&vector, &mut Place::default()).unwrap())
                });
            }
        });
    });
}

#[test]
fn one_operation_may_name_a_container_twice() {
    on_ranks(2, |context| {
        let vector = vector(context);
        ops::container_copy(&vector, &vector).unwrap();
    });
}
