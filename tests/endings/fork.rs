//! The last rank forks a process, which cannot use the context, makes one of its own, and exits.

use dtl::{Context, ReduceOp, Status, allreduce};

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: &mut i32, options: i32) -> i32;
}

/// What the child finds, as its exit code.
fn use_contexts(ctx: &Context) -> dtl::Result<i32> {
    let refused = ctx.barrier().is_err_and(|error| error.status() == Status::InvalidState);
    let own = Context::new()?;
    let is_alone = own.size() == 1 && allreduce(&own, &[7], ReduceOp::Sum)? == [7];
    Ok(i32::from(!refused || !is_alone))
}

fn main() -> dtl::Result<()> {
    let ctx = Context::new()?;
    if ctx.rank() == ctx.size() - 1 {
        // SAFETY: this process has one thread, and the child has all that it needs.
        let child = unsafe { fork() };
        if child == 0 {
            std::process::exit(use_contexts(&ctx)?);
        }
        let mut status = -1;
        // SAFETY: the status has a place.
        assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0, "the child has found something wrong");
        println!("said before the end");
    }
    assert_eq!(allreduce(&ctx, &[1], ReduceOp::Sum)?, [ctx.size()]);
    Ok(())
}
