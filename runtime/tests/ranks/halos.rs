//! Halos of drawn shapes, widths and boundaries against an oracle that looks every element up by its index.

use crate::layouts::{Draw, for_all_cases, number_of_cases, store};
use crate::ranks::{on_ranks, same_error};
use dtl::{
    Call, Context, DynContainer, ExecutionPolicy, Halo, HaloBoundary, Operation, PartitionPolicy,
    PlacementPolicy, Scalar, SpecEnum, Status, Stencil, Wait, containers,
};

/// What stands at an index of a row-major array, by the definition of the boundary; `None` where nothing does.
fn element(index: &[i64], shape: &[u64], boundary: HaloBoundary) -> Option<i64> {
    index.iter().zip(shape).try_fold(0, |linear, (index, extent)| {
        let mut index = *index;
        let extent = *extent as i64;
        match boundary {
            HaloBoundary::Periodic => {
                while index < 0 {
                    index += extent;
                }
                while index >= extent {
                    index -= extent;
                }
            }
            HaloBoundary::Reflect => {
                while index < 0 || index >= extent {
                    index = match index {
                        _ if extent == 1 => 0,
                        below if below < 0 => -below,
                        above => 2 * (extent - 1) - above,
                    };
                }
            }
            _ if !(0..extent).contains(&index) => return None,
            _ => {}
        }
        Some(linear * extent + index)
    })
}

/// All combinations of indices from 0 to before each extent, in row-major order.
fn indices(extents: &[u64]) -> Vec<Vec<i64>> {
    extents.iter().fold(vec![Vec::new()], |outer, extent| {
        let longer = |start: &Vec<i64>| {
            let start = start.clone();
            (0..*extent as i64).map(move |index| [start.as_slice(), &[index]].concat())
        };
        outer.iter().flat_map(longer).collect()
    })
}

fn tensor(context: &Context, shape: &[u64], grid: &[u64]) -> DynContainer {
    let call = Call::new(context, Operation::VectorCreate);
    let (host, seq) = (PlacementPolicy::Host, ExecutionPolicy::Seq);
    let block = [PartitionPolicy::Block];
    let made = containers::tensor::create(
        &call,
        shape,
        dtl::Dtype::Int64,
        None,
        &block,
        host,
        seq,
        0,
        Some(grid),
        &[1],
    );
    (*made.wait().unwrap()).clone()
}

/// The memory of a view.
fn elements(view: &mut dtl::View) -> &mut [i64] {
    // SAFETY: the view has so many elements of this type, which nothing else looks at meanwhile.
    unsafe { std::slice::from_raw_parts_mut(view.as_mut_ptr().cast(), view.len()) }
}

fn exchange(halo: &Halo, in_two_steps: bool) {
    let call = |operation| Call::new(halo.context(), operation);
    if in_two_steps {
        containers::halo::begin(&call(Operation::ContainerSync), halo).wait().unwrap();
        containers::local_part::fill(halo.container(), Scalar::of(-9i64)).unwrap();
        containers::halo::end(&call(Operation::ContainerBarrier), halo).wait().unwrap();
    } else {
        containers::halo::exchange(&call(Operation::ContainerSync), halo).wait().unwrap();
    }
}

#[test]
fn halos_agree_with_the_oracle() {
    for_all_cases(3, number_of_cases() / 2, case);
}

fn case(context: &Context, draw: &mut Draw) {
    let (rank, ranks) = (context.rank(), context.size());
    let ndim = 1 + draw.below(3) as usize;
    let largest = draw.of(&[3, 6, 9]);
    let shape: Vec<u64> = (0..ndim).map(|_| draw.below(largest)).collect();
    let grid = draw.grid(ndim, ranks);
    let widths: Vec<u64> = (0..ndim).map(|_| draw.below(4)).collect();
    let (boundary, stencil) = (draw.of(HaloBoundary::VALUES), draw.of(Stencil::VALUES));
    let about = format!(
        "{shape:?} over {grid:?}, width {widths:?}, {boundary:?}, {stencil:?}, rank {rank} of {ranks}"
    );
    let tensor = tensor(context, &shape, &grid);
    let offsets = containers::tensor::local_offsets(&tensor);
    let local = containers::tensor::local_shape(&tensor);
    let value = |index: Vec<i64>| {
        let global: Vec<i64> =
            index.iter().zip(&offsets).map(|(index, offset)| index + *offset as i64).collect();
        element(&global, &shape, boundary).unwrap()
    };
    store(&tensor, &indices(&local).into_iter().map(value).collect::<Vec<i64>>());
    let call = Call::new(context, Operation::VectorCreate);
    let halo = containers::halo::create(&call, &tensor, &widths, boundary, stencil, Some(Scalar::of(-5i64)))
        .wait()
        .unwrap();
    drop(call);

    let mut view = containers::halo::local_view(&halo).unwrap();
    elements(&mut view).fill(-7);
    exchange(&halo, draw.below(2) == 0);
    let empty = local.contains(&0);
    let padded: Vec<u64> = local
        .iter()
        .zip(&widths)
        .map(|(extent, width)| if *extent == 0 { 0 } else { extent + 2 * width })
        .collect();
    assert_eq!(containers::halo::local_shape(&halo), padded, "{about}");
    for (found, index) in elements(&mut view).iter().zip(indices(&padded)) {
        let steps: Vec<i64> = index.iter().zip(&widths).map(|(index, width)| index - *width as i64).collect();
        let global: Vec<i64> =
            steps.iter().zip(&offsets).map(|(step, offset)| step + *offset as i64).collect();
        let ghosts =
            steps.iter().zip(&local).filter(|(step, extent)| !(0..**extent as i64).contains(step)).count();
        let beyond = global.iter().zip(&shape).any(|(index, extent)| !(0..*extent as i64).contains(index));
        let untouched =
            empty || (stencil == Stencil::Star && ghosts > 1) || (beyond && boundary == HaloBoundary::None);
        let expected = match element(&global, &shape, boundary) {
            _ if beyond && boundary == HaloBoundary::Constant => -5,
            _ if untouched => -7,
            found => found.unwrap(),
        };
        assert_eq!(*found, expected, "{about} at {global:?}");
    }
}

#[test]
fn halos_say_what_they_cannot_do() {
    on_ranks(2, |context| {
        let create = |tensor: &DynContainer, widths: &[u64]| {
            let call = Call::new(context, Operation::VectorCreate);
            containers::halo::create(&call, tensor, widths, HaloBoundary::None, Stencil::Star, None).wait()
        };
        let square = tensor(context, &[4, 4], &[2, 1]);
        let error = same_error(context, create(&square, &[1, 1, 1]));
        assert_eq!(error.status(), Status::DimensionMismatch);
        assert!(error.message().contains("width has 3 entries, but there are 2 dimensions"), "{error}");
        let error = same_error(context, create(&square, &[u64::MAX]));
        assert_eq!(error.status(), Status::InvalidArgument);

        let halo = create(&square, &[1]).unwrap();
        let call = |operation| Call::new(halo.context(), operation);
        let error = containers::halo::end(&call(Operation::ContainerSync), &halo).wait().unwrap_err();
        assert!(error.message().contains("no exchange has begun"), "{error}");
        containers::halo::begin(&call(Operation::ContainerSync), &halo).wait().unwrap();
        // Other operations come in between.
        assert_eq!(dtl::allreduce(context, &[1], dtl::ReduceOp::Sum).unwrap(), [2]);
        let again = containers::halo::begin(&call(Operation::ContainerSync), &halo).wait();
        assert!(again.unwrap_err().message().contains("has begun and not ended"));
        containers::halo::end(&call(Operation::ContainerSync), &halo).wait().unwrap();

        let call = Call::new(context, Operation::VectorRedistribute);
        let moved =
            containers::tensor::redistribute(&call, &square, &[PartitionPolicy::Cyclic], None, &[1]).wait();
        drop(call);
        assert_eq!(same_error(context, moved).status(), Status::InvalidState);
        drop(halo);
        let call = Call::new(context, Operation::VectorRedistribute);
        containers::tensor::redistribute(&call, &square, &[PartitionPolicy::Cyclic], None, &[1])
            .wait()
            .unwrap();
        drop(call);
        let error = same_error(context, create(&square, &[1]));
        assert_eq!(error.status(), Status::NotSupported);
        assert!(error.message().contains("redistribute to block first"), "{error}");
    });
}
