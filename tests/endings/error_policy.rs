//! The last rank fails under an error policy that ends the job, while the others wait for it.

use dtl::{Context, ErrorPolicy, Vector};

fn main() -> dtl::Result<()> {
    let ctx = Context::new()?;
    let vec = Vector::<i32>::new(&ctx, 5)?;
    ctx.set_error_policy(ErrorPolicy::Terminate)?;
    if ctx.rank() == ctx.size() - 1 {
        eprintln!("said before the end");
        let _ = vec.to_local(9);
        std::process::exit(4);
    }
    ctx.barrier()
}
