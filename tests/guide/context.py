# The guide's section "Context API" without MPI and GPUs, as written; the lines that print are ours.
import dtl

# Default: uses MPI_COMM_WORLD, CPU only
ctx = dtl.Context()

print(
    ctx.rank,  # int: Current rank (0 to size-1)
    ctx.size,  # int: Total number of ranks
    ctx.is_root,  # bool: True if rank 0
    ctx.device_id,  # int: GPU device ID (-1 for CPU only)
    ctx.has_device,  # bool: True if GPU enabled
    ctx.has_mpi,  # bool: MPI domain present
    ctx.has_cuda,  # bool: CUDA domain present
    ctx.has_nccl,  # bool: NCCL domain present
    ctx.nccl_mode,  # int: DTL_NCCL_MODE_* (or -1 if no NCCL)
)

ctx.barrier()  # Synchronize all ranks
ctx.fence()  # Local memory fence
ctx.dup()  # Duplicate context communicator
color = 0
ctx.split(color, key=0)
print(
    ctx.nccl_supports_native(dtl.DTL_NCCL_OP_ALLREDUCE),
    ctx.nccl_supports_hybrid(dtl.DTL_NCCL_OP_SCAN),
)

device_id = 0
for make in (
    lambda: ctx.with_cuda(device_id),
    lambda: ctx.with_nccl(device_id, mode=dtl.DTL_NCCL_MODE_HYBRID_PARITY),
    lambda: ctx.split_nccl(color, key=0, device_id=None, mode=dtl.DTL_NCCL_MODE_HYBRID_PARITY),
):
    try:
        make()
    except dtl.BackendError as error:
        print(error.status.name)

print(int(dtl.DTL_NCCL_MODE_NATIVE_ONLY), int(dtl.DTL_NCCL_MODE_HYBRID_PARITY))

with dtl.Context() as ctx:
    # Context is valid here
    vec = dtl.DistributedVector(ctx, 1000)
    # ...
# Context cleaned up automatically
print(ctx.is_valid)
