//! Messages with a tag, received one after the other and without ever waiting: MPI tells of a message as soon as it begins to come,
//! and the rest of it may never follow.

use crate::exchange::posted;
use crate::library::{Code, check, is_ready};
use mpi_sys::*;
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// The messages with a tag.
#[derive(Default)]
pub(crate) struct Inbox {
    arriving: Option<Arriving>,
}

/// A message that has begun to come.
pub(crate) struct Arriving {
    from: i32,
    request: MPI_Request,
    bytes: Vec<u8>,
}

// SAFETY: a request is a plain value; which threads may use it is what `library::turn` and MPI itself arrange.
unsafe impl Send for Arriving {}

impl Inbox {
    /// The next message and its sender, if it is there as a whole.
    pub(crate) fn next(&mut self, raw: MPI_Comm, tag: c_int) -> Result<Option<(i32, Vec<u8>)>, Code> {
        if self.arriving.is_none() {
            self.arriving = Arriving::next(raw, tag)?;
        }
        let Some(arriving) = &mut self.arriving else { return Ok(None) };
        if !arriving.is_complete()? {
            return Ok(None);
        }
        Ok(self.arriving.take().map(|mut arriving| (arriving.from, std::mem::take(&mut arriving.bytes))))
    }
}

impl Arriving {
    /// Begins to receive the next message, if there is one.
    pub(crate) fn next(raw: MPI_Comm, tag: c_int) -> Result<Option<Self>, Code> {
        let (mut there, mut length) = (0, 0);
        let (mut message, mut status) = (MaybeUninit::zeroed(), MaybeUninit::<MPI_Status>::zeroed());
        // SAFETY: the communicator is usable, MPI writes what has a place, and what it receives has memory of its length until
        // the request is complete, or for ever; zeroes are a valid status.
        unsafe {
            let (message, status) = (message.as_mut_ptr(), status.as_mut_ptr());
            check(MPI_Improbe(RSMPI_ANY_SOURCE, tag, raw, &mut there, message, status))?;
            if there == 0 {
                return Ok(None);
            }
            check(MPI_Get_count(status, RSMPI_UINT8_T, &mut length))?;
            let mut bytes = vec![0u8; length as usize];
            let target = bytes.as_mut_ptr().cast();
            let request = posted(|request| MPI_Imrecv(target, length, RSMPI_UINT8_T, message, request))?;
            Ok(Some(Arriving { from: (*status).MPI_SOURCE, request, bytes }))
        }
    }

    /// Whether all of it has come.
    pub(crate) fn is_complete(&mut self) -> Result<bool, Code> {
        let mut flag = 0;
        // SAFETY: the request was started; one that is complete is null from then on, and counts as complete.
        check(unsafe { MPI_Test(&mut self.request, &mut flag, RSMPI_STATUS_IGNORE) })?;
        Ok(flag != 0)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !is_ready() || !self.is_complete().unwrap_or(false) {
            // MPI may still use the memory, and needs nobody to wait for it.
            std::mem::forget(std::mem::take(&mut self.bytes));
            if is_ready() {
                // SAFETY: the request was started and is not complete.
                unsafe { MPI_Request_free(&mut self.request) };
            }
        }
    }
}
