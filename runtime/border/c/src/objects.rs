//! Objects behind handles. C holds a typed opaque pointer that is no address: the runtime's handle table gives and checks
//! it, so that a stale, forged or null handle is an error. The pointer's type keeps C's compiler watching over kinds.

use dtl::handles::{self, Common, Pinned, Stored};
use dtl::{Error, Result};

use dtl_types::Status;

use crate::results::{Out, null};

/// The object behind `handle`, which lives at least until the guard is dropped; `name` is the C parameter.
#[inline]
pub fn pin<T: Stored, H>(name: &str, handle: *mut H) -> Result<Pinned<T>> {
    handles::pin(handle as usize).map_err(|error| named(name, &error))
}

/// The common part of an object whose handle may be of several types.
#[inline]
pub fn pin_any<C: Common, H>(name: &str, handle: *mut H) -> Result<Pinned<C>> {
    handles::pin_any(handle as usize).map_err(|error| named(name, &error))
}

/// A handle for a new object of the type that the object behind `like` has.
pub fn give_alike<C: Common, H>(like: *mut H, object: C) -> Result<*mut H> {
    handles::insert_alike(like as usize, object).map(|handle| handle as *mut H)
}

/// Whether there is an object of this type behind a handle, so that a function for several types may be called with it.
#[inline]
pub fn is<T: Stored, H>(handle: *mut H) -> bool {
    handles::is::<T>(handle as usize)
}

/// The error of a handle behind which there is no object of this type.
#[cold]
pub fn refuse<T: Stored, H>(name: &str, handle: *mut H) -> Result<()> {
    pin::<T, H>(name, handle).map(drop)
}

/// A handle for a new object, which belongs to the caller.
pub fn give<T: Stored, H>(object: T) -> Result<*mut H> {
    handles::insert(object).map(|handle| handle as *mut H)
}

/// A handle for an object, or null where there is none.
pub fn give_optional<T: Stored, H>(object: Option<T>) -> Result<*mut H> {
    object.map_or(Ok(std::ptr::null_mut()), give)
}

/// A handle for each of several objects: for all or, when there is no room, for none.
pub fn give_all<T: Stored, H>(objects: Vec<T>) -> Result<Vec<*mut H>> {
    let mut given: Vec<*mut H> = Vec::with_capacity(objects.len());
    for object in objects {
        match give(object) {
            Ok(handle) => given.push(handle),
            Err(error) => {
                for handle in given {
                    handles::release::<T>(handle as usize)?;
                }
                return Err(error);
            }
        }
    }
    Ok(given)
}

/// The place for a handle; it holds null until the call succeeds.
///
/// # Safety
/// Unless it is null, `address` must be writable for a handle until the call returns.
pub unsafe fn place<H>(name: &str, address: *mut *mut H) -> Result<Out<*mut H>> {
    if !address.is_null() {
        // SAFETY: `address` is not null, so the caller guarantees that it is writable for a handle.
        unsafe { address.write(std::ptr::null_mut()) };
    }
    // SAFETY: `address` is null or writable for a handle until the call returns, which the caller guarantees.
    unsafe { Out::at(name, address) }
}

/// The objects behind `count` handles; a null handle stands for none. `name` is the C parameter.
///
/// # Safety
/// Unless it is null, `handles` must be readable for as many handles until the call returns.
pub unsafe fn list<T: Stored + Clone, H>(
    name: &str,
    handles: *const *mut H,
    count: u64,
) -> Result<Vec<Option<T>>> {
    let count =
        usize::try_from(count).ok().filter(|count| *count <= isize::MAX as usize / size_of::<*mut H>());
    let Some(count) = count else {
        let text =
            format!("{name} would have more handles than any memory holds; pass their number, 0 or more");
        return Err(Error::new(Status::InvalidArgument, text));
    };
    if handles.is_null() && count > 0 {
        return Err(null(name, &format!("{count} handles")));
    }
    (0..count)
        .map(|place| {
            // SAFETY: `handles` is not null, and `place` is below `count`, for which the caller guarantees that it is
            // readable.
            let handle = unsafe { *handles.add(place) };
            if handle.is_null() {
                return Ok(None);
            }
            pin::<T, H>(&format!("{name}[{place}]"), handle).map(|object| Some(T::clone(&object)))
        })
        .collect()
}

/// Takes an owner from each of `count` objects, and makes their handles null.
///
/// # Safety
/// Unless it is null, `handles` must be readable and writable for as many handles.
pub unsafe fn give_up<T: Stored, H>(handles: *mut *mut H, count: u64) {
    for place in 0..if handles.is_null() { 0 } else { count as usize } {
        // SAFETY: `handles` is not null, and `place` is below `count`, for which the caller guarantees that it is readable
        // and writable.
        let handle = unsafe { handles.add(place).replace(std::ptr::null_mut()) };
        if !handle.is_null() {
            // The same handle may stand there twice; it has one owner to lose.
            let _ = handles::release::<T>(handle as usize);
        }
    }
}

/// Adds an owner.
pub fn retain<T: Stored, H>(name: &str, handle: *mut H) -> Result<()> {
    handles::retain::<T>(handle as usize).map_err(|error| named(name, &error))
}

/// Takes an owner away; null has none.
pub fn destroy<T: Stored, H>(name: &str, handle: *mut H) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    handles::release::<T>(handle as usize).map_err(|error| named(name, &error))
}

/// As [`retain`], for an object of any of several types.
pub fn retain_any<C: Common, H>(name: &str, handle: *mut H) -> Result<()> {
    handles::retain_any::<C>(handle as usize).map_err(|error| named(name, &error))
}

/// As [`destroy`], for an object of any of several types.
pub fn destroy_any<C: Common, H>(name: &str, handle: *mut H) -> Result<()> {
    if handle.is_null() {
        return Ok(());
    }
    handles::release_any::<C>(handle as usize).map_err(|error| named(name, &error))
}

#[cold]
fn named(name: &str, error: &Error) -> Error {
    Error::new(error.status(), format!("{name}: {}", error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtl::Context;
    enum Opaque {}

    #[test]
    fn a_handle_lives_as_long_as_its_owners() {
        let context = dtl::Context::new().expect("one process needs nothing");
        let handle: *mut Opaque = give(context).expect("the table has room");
        retain::<Context, _>("ctx", handle).expect("the handle is valid");
        for _ in 0..2 {
            assert!(pin::<Context, _>("ctx", handle).is_ok());
            destroy::<Context, _>("ctx", handle).expect("an owner is left");
        }
        let error = pin::<Context, _>("ctx", handle).expect_err("no owner is left");
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(error.message().starts_with("ctx: 0x"), "{error}");
        assert!(destroy::<Context, _>("ctx", handle).is_err());
        assert_eq!(destroy::<Context, Opaque>("ctx", std::ptr::null_mut()), Ok(()));
    }
}
