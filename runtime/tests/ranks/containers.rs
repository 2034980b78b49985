//! What vectors, arrays and tensors have in common, for Rust programs: functions that take any of them.

use crate::ranks::on_ranks;
use dtl::{Array, Container, Status, Tensor, Vector};

/// Reads any container.
fn mean(x: &Container<f64>) -> f64 {
    x.sum().unwrap() / x.global_size() as f64
}

/// Changes any container.
fn double(x: &mut Container<f64>) {
    x.local_view_mut().iter_mut().for_each(|element| *element *= 2.0);
}

#[test]
fn a_function_takes_any_container() {
    on_ranks(2, |context| {
        let mut vector = Vector::<f64>::new(context, 6).unwrap();
        let mut array = Array::<f64>::new(context, 6).unwrap();
        let mut tensor = Tensor::<f64>::new(context, &[2, 3]).unwrap();
        vector.fill(1.0).unwrap();
        array.fill(2.0).unwrap();
        tensor.fill(3.0).unwrap();
        double(&mut vector);
        double(&mut array);
        double(&mut tensor);
        assert_eq!((mean(&vector), mean(&array), mean(&tensor)), (2.0, 4.0, 6.0));
        assert_eq!(format!("{:?}", &*vector), format!("{vector:?}"));
    });
}

#[test]
fn elements_are_copied_between_kinds() {
    on_ranks(2, |context| {
        let mut vector = Vector::<f64>::new(context, 6).unwrap();
        let mut array = Array::<f64>::new(context, 6).unwrap();
        let mut tensor = Tensor::<f64>::new(context, &[2, 3]).unwrap();
        vector.fill(1.5).unwrap();
        vector.copy(&mut array).unwrap();
        assert_eq!(array.sum().unwrap(), 9.0);
        assert_eq!(vector.copy(&mut tensor).unwrap_err().status(), Status::ExtentMismatch);
    });
}
