//! Error policies: who is told of an error, and that it is returned all the same.

use crate::ranks::{alone, on_ranks, same_error};
use dtl::{Context, ErrorHandler, ErrorPolicy, SpecEnum, Status, Vector};
use std::sync::{Arc, Mutex};

type Told = Arc<Mutex<Vec<(i32, String)>>>;

/// A handler, and what it is told.
fn listener() -> (ErrorHandler, Told) {
    let told = Told::default();
    let copy = Arc::clone(&told);
    (Box::new(move |status, message| copy.lock().unwrap().push((status, message.to_owned()))), told)
}

fn fails(context: &Context) -> dtl::Error {
    same_error(context, context.split(-5, 0))
}

#[test]
fn a_handler_is_told_what_is_returned() {
    for size in [1, 2, 3] {
        on_ranks(size, |context| {
            let (handler, told) = listener();
            context.set_error_handler(Some(handler)).unwrap();
            assert_eq!(context.error_policy(), ErrorPolicy::Callback);
            let vector = Vector::<u8>::new(context, 4).unwrap();
            assert_eq!(vector.error_policy(), ErrorPolicy::Callback);
            let collective = fails(context);
            let local = vector.owner(4).unwrap_err();
            let expected =
                [&collective, &local].map(|error| (error.status().code(), error.message().to_owned()));
            assert_eq!(*told.lock().unwrap(), expected);
            context.set_error_handler(None).unwrap();
            assert_eq!(vector.error_policy(), ErrorPolicy::ReturnStatus);
            fails(context);
            assert_eq!(told.lock().unwrap().len(), 2);
        });
    }
}

#[test]
fn a_panic_of_the_handler_stays_there() {
    on_ranks(2, |context| {
        context.set_error_handler(Some(Box::new(|_, _| panic!("on purpose")))).unwrap();
        assert_eq!(fails(context).status(), Status::InvalidArgument);
        assert_eq!(fails(context).status(), Status::InvalidArgument);
    });
}

#[test]
fn contexts_made_from_one_take_its_policy_over() {
    on_ranks(2, |context| {
        let (handler, told) = listener();
        context.set_error_handler(Some(handler)).unwrap();
        let (copy, group) = (context.dup().unwrap(), context.split(0, 0).unwrap().unwrap());
        context.close().unwrap();
        assert_eq!(context.error_policy(), ErrorPolicy::ReturnStatus);
        fails(&copy);
        fails(&group);
        assert_eq!(told.lock().unwrap().len(), 2);
    });
}

#[test]
fn callback_needs_a_handler() {
    let context = alone();
    let error = context.set_error_policy(ErrorPolicy::Callback).unwrap_err();
    assert_eq!(error.status(), Status::InvalidState);
    assert!(error.message().contains("set_error_handler"), "{error}");
    context.set_error_policy(ErrorPolicy::ReturnStatus).unwrap();
}
