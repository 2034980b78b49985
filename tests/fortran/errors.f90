! Errors: their status and text with `ierr`, the end of the program without it, and one error for all ranks.

module errors_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> The last call gave `ierr`, which is `expected`, and its text has all the `words`.
  subroutine expect(ierr, expected, words)
    integer, intent(in) :: ierr, expected
    character(len=*), intent(in) :: words(:)
    character(len=:), allocatable :: text, wanted, found
    integer :: i
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    text = dtl_last_error()
    wanted = dtl_status_name(expected)
    found = dtl_status_name(ierr)
    !$omp end critical (texts)
    call check(ierr == expected, wanted // ' is expected, not ' // found)
    call check(dtl_last_status() == expected, 'the last status is that of the last call')
    do i = 1, size(words)
      call check(index(text, trim(words(i))) > 0, '"' // trim(words(i)) // '" is in "' // text // '"')
    end do
  end subroutine expect

  subroutine success_is_silent()
    type(dtl_context) :: ctx
    integer :: ierr
    call check(index(dtl_describe_mpi(), 'MPI') > 0, 'a text that belongs to no object')
    call ctx%create(ierr=ierr)
    call check(ierr == DTL_SUCCESS .and. dtl_last_error() == '' .and. dtl_last_status() == DTL_SUCCESS, 'success')
  end subroutine success_is_silent

  subroutine wrong_numbers(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: other
    type(dtl_context), allocatable :: several(:)
    type(dtl_vector) :: vec
    real(real64) :: x(2)
    integer :: ierr
    x = 1
    call vec%create(ctx, -1, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['size     ', '-1       ', '0 or more'])
    call vec%create(ctx, huge(1_int64), ierr=ierr)
    call expect(ierr, DTL_ERROR_OUT_OF_MEMORY, ['9223372036854775807'])
    call vec%create(ctx, 1, block_size=0, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['block_size', '1 or more '])
    call vec%create(ctx, 1, device_id=-5, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['device_id', '-5       '])
    call vec%create(ctx, 1, dtype=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['dtype            ', '9999             ', 'DTL_DTYPE_FLOAT64'])
    call vec%create(ctx, 1, partition=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['partition           ', 'DTL_PARTITION_CYCLIC'])
    call vec%create(ctx, 1, placement=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['placement         ', 'DTL_PLACEMENT_HOST'])
    call vec%create(ctx, 1, execution=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['execution   ', 'DTL_EXEC_SEQ'])
    call dtl_allreduce(ctx, x, x, op=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['op        ', 'DTL_OP_SUM'])
    call dtl_allreduce(ctx, x, x, op=DTL_OP_BAND, ierr=ierr)
    call expect(ierr, DTL_ERROR_NOT_SUPPORTED, ['band   ', 'float64'])
    call dtl_reduce(ctx, x, root=1, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['root', '1   '])
    call dtl_broadcast(ctx, x, root=-1, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['root', '-1  '])
    call ctx%with_nccl(0, other, mode=9999, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['mode', '9999'])
    call ctx%split(-5, other, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['color', '-5   '])
    call dtl_context_threads(0, several, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['size', '1024'])
    call dtl_context_threads(huge(1), several, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['size', '1024'])
    call check(.not. allocated(several), 'no contexts after an error')
    call check(.not. dtl_placement_available(9999), 'a placement that is none is not available')
    call check(dtl_reduce_op_name(9999) == 'unknown', 'an operator that is none is unknown')
  end subroutine wrong_numbers

  subroutine wrong_elements(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    real(real32), pointer, contiguous :: view(:)
    real(real64) :: three(3)
    integer :: ierr, owner
    call vec%create(ctx, 5, fill=1, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['fill            ', 'integer(c_int32_', 'real(c_double)  '])
    call vec%create(ctx, 5, fill='1', ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['fill'])
    call vec%create(ctx, 5, dtype=DTL_DTYPE_FLOAT16, fill=1.0, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['float16'])
    call vec%create(ctx, 5)
    call vec%local_view(view, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call check(.not. associated(view), 'no view after an error')
    call vec%fill(1, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['value  ', 'float64'])
    call vec%copy_from_host([1.0_real32], ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['data   ', 'float64'])
    three = 0
    call vec%copy_to_host(three, ierr)
    call expect(ierr, DTL_ERROR_EXTENT_MISMATCH, ['data', '3   ', '5   '])
    call vec%owner(6, owner, ierr)
    call expect(ierr, DTL_ERROR_OUT_OF_BOUNDS, ['index is 6'])
    call check(owner == DTL_NO_RANK, 'nobody owns what does not exist')
  end subroutine wrong_elements

  !> Pointers to other elements than the object has, or of another rank.
  subroutine wrong_views(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_array) :: arr
    type(dtl_tensor) :: tensor, no_tensor
    type(dtl_span) :: span
    type(dtl_halo) :: halo, no_halo
    real(real32), pointer, contiguous :: narrow(:), narrow_block(:, :)
    real(real64), pointer, contiguous :: line(:), block(:, :), cube(:, :, :)
    integer :: ierr
    call arr%create(ctx, 5)
    call arr%local_view(narrow, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call vec%create(ctx, 5)
    call dtl_span_from_vector(vec, span)
    call span%local_view(narrow, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call vec%device_view(narrow, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call tensor%create(ctx, [2, 3])
    call tensor%local_view(narrow_block, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call tensor%local_view(cube, ierr)
    call expect(ierr, DTL_ERROR_DIMENSION_MISMATCH, ['view has 3 dimensions', 'elements have 2      '])
    call tensor%local_view(line, ierr)
    call expect(ierr, DTL_ERROR_DIMENSION_MISMATCH, ['view has 1 dimensions', 'elements have 2      '])
    call tensor%halo([1], halo=halo)
    call halo%local_view(narrow_block, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['view          ', 'real(c_float) ', 'real(c_double)'])
    call halo%local_view(cube, ierr)
    call expect(ierr, DTL_ERROR_DIMENSION_MISMATCH, ['view has 3 dimensions', 'elements have 2      '])
    call check(.not. associated(line) .and. .not. associated(cube), 'no view after an error')
    call no_tensor%local_view(block, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call no_halo%local_view(block, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
  end subroutine wrong_views

  subroutine nothing_created()
    type(dtl_context) :: ctx, copy
    type(dtl_vector) :: vec
    real(real64), pointer, contiguous :: view(:)
    integer(int64), allocatable :: indices(:)
    real(real64) :: x(1)
    integer :: ierr
    x = 0
    call vec%create(ctx, 5, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call vec%create(ctx, -5, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call ctx%dup(copy, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call dtl_gather(ctx, x, x, ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call vec%local_view(view, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call vec%copy_to_host(x, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call vec%global_indices(indices, ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call vec%barrier(ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['created?'])
    call check(.not. vec%is_valid() .and. .not. ctx%is_valid(), 'is_valid may always be asked')
  end subroutine nothing_created

  !> An error that one rank finds comes to all of them, and the context stays usable.
  subroutine one_rank_is_wrong(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    integer(int64) :: data(4), result(4)
    real(real64) :: reals(4)
    integer :: ierr, last
    last = ctx%size() - 1
    data = 1
    if (ctx%rank() == last) then
      call dtl_allreduce(ctx, data, result(1:3), ierr=ierr)
    else
      call dtl_allreduce(ctx, data, result, ierr=ierr)
    end if
    call expect(ierr, DTL_ERROR_EXTENT_MISMATCH, ['data has 4', 'has 3     '])
    call dtl_gather(ctx, data, result(1:3), ierr=ierr)
    call expect(ierr, DTL_ERROR_EXTENT_MISMATCH, ['result'])
    call dtl_scatter(ctx, result=result, ierr=ierr)
    call expect(ierr, DTL_ERROR_NULL_POINTER, ['data is absent'])
    call vec%create(ctx, merge(-1, 8, ctx%rank() == last), ierr=ierr)
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['size is -1'])
    if (ctx%rank() == last) then
      call vec%create(ctx, 8, fill=1, ierr=ierr)
    else
      call vec%create(ctx, 8, fill=1.0_real64, ierr=ierr)
    end if
    call expect(ierr, DTL_ERROR_INVALID_ARGUMENT, ['fill'])
    call dtl_allreduce(ctx, data(:merge(3, 4, ctx%rank() == last)), result(:merge(3, 4, ctx%rank() == last)), &
        ierr=ierr)
    call expect(ierr, DTL_ERROR_COLLECTIVE_PARTICIPATION, ['count'])
    if (ctx%rank() == last) then
      call dtl_allreduce(ctx, real(data, real64), reals, ierr=ierr)
    else
      call dtl_allreduce(ctx, data, result, ierr=ierr)
    end if
    call expect(ierr, DTL_ERROR_COLLECTIVE_PARTICIPATION, ['dtype differs', 'float64      '])
    call dtl_allreduce(ctx, data, result, op=merge(DTL_OP_MAX, DTL_OP_SUM, ctx%rank() == last), ierr=ierr)
    call expect(ierr, DTL_ERROR_COLLECTIVE_PARTICIPATION, ['op differs', 'max       '])
    call dtl_broadcast(ctx, data, root=merge(1, 0, ctx%rank() == last), ierr=ierr)
    call expect(ierr, DTL_ERROR_COLLECTIVE_PARTICIPATION, ['root differs'])
    if (ctx%rank() == last) then
      call dtl_barrier(ctx, ierr)
    else
      call dtl_broadcast(ctx, data, ierr=ierr)
    end if
    call expect(ierr, DTL_ERROR_COLLECTIVE_PARTICIPATION, ['different operations', 'barrier             '])
    call dtl_allreduce(ctx, data, result)
    call check(all(result == ctx%size()), 'the context works after errors')
  end subroutine one_rank_is_wrong

  !> Whether this process is one of those that an MPI has started, which start no others.
  function has_launcher()
    logical :: has_launcher
    type(dtl_context) :: world
    call world%create()
    has_launcher = world%has_mpi()
  end function has_launcher

  !> Without `ierr` the program ends with dtl's message and the status, of which the system keeps eight bits.
  subroutine without_ierr()
    character(len=1000) :: command
    integer :: status, found
    call get_command_argument(0, command)
    call execute_command_line(trim(command) // ' end 2> /dev/null', exitstat=status)
    call check(status == modulo(DTL_ERROR_INVALID_ARGUMENT, 256), 'the status is the exit code')
    call execute_command_line(trim(command) // ' end 2>&1 | grep -q "^dtl: vector.create: size is -1"', exitstat=found)
    call check(found == 0, 'the message is on stderr')
    call execute_command_line(trim(command) // ' view 2>&1 | grep -q "^dtl: tensor.local_view: view has 3 .*Pass"', &
        exitstat=found)
    call check(found == 0, 'the message says which operation has failed, and why, and what to do')
  end subroutine without_ierr

  !> What `without_ierr` runs.
  subroutine fails()
    type(dtl_context) :: ctx
    type(dtl_vector) :: vec
    type(dtl_tensor) :: tensor
    real(real64), pointer, contiguous :: cube(:, :, :)
    character(len=4) :: what
    call get_command_argument(1, what)
    call ctx%create()
    if (what == 'end') call vec%create(ctx, -1)
    call tensor%create(ctx, [2, 3])
    call tensor%local_view(cube)
  end subroutine fails
end module errors_tests

program errors
  use errors_tests
  implicit none
  if (command_argument_count() > 0) then
    call fails()
    stop
  end if
  call success_is_silent()
  call on_ranks(1, wrong_numbers)
  call on_ranks(1, wrong_elements)
  call on_ranks(1, wrong_views)
  call nothing_created()
  call on_ranks(2, one_rank_is_wrong)
  call on_ranks(4, one_rank_is_wrong)
  if (.not. has_launcher()) call without_ierr()
  call finish('errors')
end program errors
