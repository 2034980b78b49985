! What vectors, arrays and tensors have in common: procedures of the program that take any of them, on 1, 2 and 4 ranks.

module container_tests
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> The mean of all elements.
  function mean_of(x) result(answer)
    class(dtl_container), intent(in) :: x
    real(c_double) :: answer
    call x%sum(answer)
    answer = answer / real(x%global_size(), c_double)
  end function mean_of

  !> Writes and reads, whatever it is.
  subroutine use_any(x, name)
    class(dtl_container), intent(inout) :: x
    character(len=*), intent(in) :: name
    real(c_double) :: total
    integer(c_int) :: ierr
    call check(x%global_size() == 6_int64, name // ': size')
    call x%fill(2.0_c_double)
    call x%sum(total)
    call check(abs(total - 12.0_c_double) <= 0, name // ': sum')
    call dtl_reduce(x, total, op=DTL_OP_MAX)
    call check(abs(total - 2.0_c_double) <= 0, name // ': maximum')
    call x%fill(1_c_int, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, name // ': another type')
    select type (x)
    type is (dtl_vector)
      call check(name == 'vector', 'it is a vector')
    type is (dtl_array)
      call check(name == 'array', 'it is an array')
    type is (dtl_tensor)
      call check(name == 'tensor', 'it is a tensor')
    end select
  end subroutine use_any

  subroutine keep(x)
    class(dtl_container), intent(in) :: x
    class(dtl_container), allocatable :: mine
    mine = x
    call check(mine%is_valid(), 'it holds what was assigned')
  end subroutine keep

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec, shared
    type(dtl_array) :: arr
    type(dtl_tensor) :: tensor
    type(dtl_span) :: span
    class(dtl_container), allocatable :: kept
    type(dtl_vector), allocatable :: copies(:)
    type(dtl_vector) :: outlives
    real(c_double) :: total
    real(c_double), pointer, contiguous :: mine(:)
    integer(c_int) :: ierr
    call vec%create(ctx, 6)
    call arr%create(ctx, 6, partition=DTL_PARTITION_CYCLIC)
    call tensor%create(ctx, [3, 2])
    call use_any(vec, 'vector')
    call use_any(arr, 'array')
    call use_any(tensor, 'tensor')
    call check(abs(mean_of(vec) - 2.0_c_double) <= 0, 'a function of a vector')
    call check(abs(mean_of(tensor) - 2.0_c_double) <= 0, 'a function of a tensor')

    ! Between containers of different kinds.
    call vec%fill(5.0_c_double)
    call dtl_copy(vec, arr)
    call arr%sum(total)
    call check(abs(total - 30.0_c_double) <= 0, 'copied to another kind')
    call dtl_copy(vec, tensor, ierr=ierr)
    call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'of another shape')

    ! A variable for any of them is no owner: it can be used as long as one is, and gives up nothing.
    call keep(vec)
    call check(vec%is_valid(), 'the owner keeps it when the other variable is gone')
    kept = vec
    kept = tensor
    call check(kept%ndim() == 2 .and. vec%is_valid(), 'another type')
    call kept%fill(7.0_c_double)
    call tensor%sum(total)
    call check(abs(total - 42.0_c_double) <= 0, 'it is the same tensor')
    call dtl_span_from_container(kept, span)
    call span%sum(total)
    call check(abs(total - 42.0_c_double) <= 0, 'a span of any container')
    deallocate (kept)
    call check(tensor%is_valid(), 'the owner has it still')
    allocate (copies(2), source=vec)
    deallocate (copies)
    call check(vec%is_valid(), 'copies by source= give up nothing')
    outlives = vec
    call vec%create(ctx, 6)
    call check(outlives%global_size() == 6, 'an assigned vector is an owner')

    ! What each has of its own: assignment, and pointers.
    shared = vec
    call shared%local_view(mine)
    mine = 1.0_c_double
    call vec%sum(total)
    call check(abs(total - 6.0_c_double) <= 0, 'shared by assignment')
  end subroutine everything

end module container_tests

program containers
  use container_tests
  implicit none
  integer :: ranks
  do ranks = 1, 4
    if (ranks /= 3) call on_ranks(ranks, everything)
  end do
  call finish('containers')
end program containers
