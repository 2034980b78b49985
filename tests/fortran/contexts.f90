! Contexts and environments: the ways to make them, in a world of any size, what they say of themselves, and what asks for a
! GPU where there is none.

module contexts_tests
  use, intrinsic :: iso_c_binding, only: c_double
  use, intrinsic :: iso_fortran_env, only: error_unit, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> Each process makes the same contexts in the same order.
  subroutine every_way_to_make_one()
    type(dtl_context) :: ctx, again
    type(dtl_context), allocatable :: threads(:)
    character(len=16) :: mpi
    integer :: i, world, status
    call ctx%create()
    call again%create(device_id=-1, determinism_mode=DTL_DETERMINISM_DETERMINISTIC)
    call check(again%size() == ctx%size() .and. again%rank() == ctx%rank(), 'of all processes')
    call again%create(check=.false., timeout=30.0_c_double)
    call again%barrier()
    call check(again%size() == ctx%size() .and. again%rank() == ctx%rank(), 'of ranks that trust each other')
    call again%create(timeout=0.0_c_double, ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'no time to wait')
    ! MPI_COMM_WORLD as Fortran programs know it, whose number each MPI keeps for ever.
    call get_environment_variable('DTL_MPI', mpi)
    world = merge(int(z'44000000'), 0, mpi == 'mpich')
    if (ctx%has_mpi()) then
      call again%create(comm=world)
      call check(again%size() == ctx%size() .and. again%rank() == ctx%rank(), 'of a communicator')
    end if
    call dtl_context_threads(3, threads)
    call check(size(threads) == 3, 'as many as were asked for')
    do i = 1, size(threads)
      call check(threads(i)%rank() == i - 1 .and. threads(i)%size() == 3, 'of threads')
    end do
  end subroutine every_way_to_make_one

  subroutine properties(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: copy, same
    character(len=32) :: expected
    logical :: is_described
    integer :: size, ranks, status
    call dtl_allreduce(ctx, 1, size)
    call dtl_allreduce(ctx, ctx%rank(), ranks)
    call check(ctx%size() == size .and. 2 * ranks == size * (size - 1), 'as many ranks as take part')
    call check(ctx%is_root() .eqv. ctx%rank() == 0, 'rank 0 is the root')
    call check(ctx%device_id() == DTL_NO_DEVICE .and. .not. ctx%has_device(), 'no device')
    call check(.not. (ctx%has_cuda() .or. ctx%has_nccl() .or. ctx%has_shmem()), 'no other backend')
    call check(ctx%nccl_mode() == -1, 'no NCCL')
    call check(.not. ctx%nccl_supports_native(DTL_NCCL_OP_ALLREDUCE), 'no NCCL that does an operation')
    call check(.not. ctx%nccl_supports_hybrid(DTL_NCCL_OP_SCAN), 'nor one that is staged')
    call check(ctx%has_mpi() .eqv. dtl_environment_mpi_thread_level() >= 0, 'MPI or threads')
    write (expected, '(a,i0,a,i0)') 'rank ', ctx%rank(), ' of ', ctx%size()
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_described = ctx%describe() == trim(expected)
    !$omp end critical (texts)
    call check(is_described, 'a description')
    call ctx%fence()
    call ctx%dup(copy)
    same = copy
    call copy%close()
    call check(.not. same%is_valid() .and. ctx%is_valid(), 'what is closed is closed for all who share it')
    call same%barrier(status)
    call check(status == DTL_ERROR_INVALID_STATE, 'a closed context cannot communicate')
  end subroutine properties

  !> Without a GPU each of these says so, on all ranks, and makes nothing.
  subroutine no_gpu(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: made
    type(dtl_vector) :: vec
    real(real64), pointer, contiguous :: view(:)
    integer :: status
    call ctx%with_cuda(0, made, status)
    call check(status == DTL_ERROR_BACKEND_UNAVAILABLE .and. .not. made%is_valid(), 'no CUDA')
    call ctx%with_nccl(0, made, ierr=status)
    call check(status == DTL_ERROR_BACKEND_UNAVAILABLE .and. .not. made%is_valid(), 'no NCCL')
    call ctx%split_nccl(0, made, ierr=status)
    call check(status == DTL_ERROR_BACKEND_UNAVAILABLE .and. .not. made%is_valid(), 'no NCCL for groups')
    call vec%create(ctx, 3)
    call vec%device_view(view, status)
    call check(status == DTL_ERROR_BACKEND_UNAVAILABLE .and. .not. associated(view), 'no memory of a device')
    call ctx%barrier()
  end subroutine no_gpu

  subroutine environments()
    type(dtl_environment) :: first, second, third
    type(dtl_context) :: ctx, own, world
    integer :: status
    logical :: has_mpi
    call check(.not. dtl_environment_is_initialized(), 'no environment at first')
    call first%create()
    call third%create()
    second = first
    call check(dtl_environment_is_initialized() .and. dtl_environment_ref_count() == 2, 'two environments')
    call ctx%create()
    has_mpi = ctx%has_mpi()
    call check(first%domain() == trim(merge('mpi   ', 'single', has_mpi)), 'what connects processes')
    call check((first%has_mpi() .eqv. dtl_has_mpi()) .and. (dtl_has_mpi() .or. .not. has_mpi), 'MPI')
    call check(.not. (first%has_cuda() .or. first%has_hip() .or. first%has_nccl() .or. first%has_shmem()), 'no other')
    call check(.not. (dtl_has_cuda() .or. dtl_has_hip() .or. dtl_has_nccl() .or. dtl_has_shmem()), 'nor elsewhere')
    call first%make_cpu_context(own)
    call check(own%size() == 1 .and. own%rank() == 0, 'a context of this process alone')
    call first%make_world_context(world)
    call check(world%size() == ctx%size() .and. world%rank() == ctx%rank(), 'a context of all processes')
    call first%make_world_context(world, 0, status)
    call check(status == DTL_ERROR_BACKEND_UNAVAILABLE, 'a device that is not there')
    call third%close()
    call check(dtl_environment_ref_count() == 1, 'one is closed')
  end subroutine environments
end module contexts_tests

program contexts
  use dtl, only: dtl_environment_is_initialized, dtl_live_objects
  use contexts_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  call every_way_to_make_one()
  call check(dtl_live_objects() == 0, 'nothing is left of those')
  do i = 1, size(ranks)
    call on_ranks(ranks(i), properties)
    call on_ranks(ranks(i), no_gpu)
  end do
  call environments()
  call check(.not. dtl_environment_is_initialized(), 'no environment is left')
  call finish('contexts')
end program contexts
