! Sorting: all elements of vectors and arrays are in order afterwards, on 1, 2 and 4 ranks.

module sorting_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int16, int32, int64, real32, real64
  use, intrinsic :: ieee_arithmetic, only: ieee_is_nan, ieee_quiet_nan, ieee_value
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer, parameter :: elements = 101
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine vectors(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: partitions(4) = [DTL_PARTITION_BLOCK, DTL_PARTITION_CYCLIC, &
        DTL_PARTITION_BLOCK_CYCLIC, DTL_PARTITION_REPLICATED]
    type(dtl_vector) :: vec
    real(real64), pointer, contiguous :: view(:)
    integer(int64), allocatable :: indices(:)
    integer :: i, p
    do p = 1, size(partitions)
      call vec%create(ctx, elements, partition=partitions(p), block_size=4)
      call vec%global_indices(indices)
      call vec%local_view(view)
      view = real(modulo(indices * 37, int(elements, int64)), real64)
      call dtl_sort(vec)
      call check(all(abs(view - real(indices - 1, real64)) <= 0), 'element i is the i-th smallest')
      call dtl_sort(vec, reverse=.true.)
      call check(all(abs(view - real(elements - indices, real64)) <= 0), 'element i is the i-th largest')
      ! Every third is not a number, and these come last both ways.
      where (modulo(indices, 3_int64) == 0) view = ieee_value(1.0_real64, ieee_quiet_nan)
      call dtl_sort(vec, reverse=.true., stable=.true.)
      call check(all(ieee_is_nan(view) .eqv. indices > elements - size([(i, i = 3, elements, 3)])), 'NaNs are last')
      deallocate (indices)
    end do
  end subroutine vectors

  subroutine arrays(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_array) :: arr
    integer(int16), pointer, contiguous :: view(:)
    integer(int64), allocatable :: indices(:)
    integer :: status
    call arr%create(ctx, elements, DTL_DTYPE_INT16, partition=DTL_PARTITION_HASH)
    call arr%global_indices(indices)
    call arr%local_view(view)
    view = int(50 - modulo(indices * 37, int(elements, int64)), int16)
    call dtl_sort(arr)
    call check(all(view == indices - 51), 'element i is the i-th smallest')
    call dtl_sort(arr, reverse=ctx%rank() == 0, ierr=status)
    call check((status == DTL_SUCCESS) .eqv. (ctx%size() == 1), 'ranks must want the same order')
  end subroutine arrays

  subroutine requests(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_array) :: arr
    type(dtl_request) :: sorted(2)
    real(real64), pointer, contiguous :: of_vec(:), of_arr(:)
    integer(int64), allocatable :: indices(:)
    integer :: status
    call vec%create(ctx, elements, partition=DTL_PARTITION_CYCLIC)
    call arr%create(ctx, elements, partition=DTL_PARTITION_CYCLIC)
    call vec%global_indices(indices)
    call vec%local_view(of_vec)
    call arr%local_view(of_arr)
    of_vec = real(modulo(indices * 37, int(elements, int64)), real64)
    of_arr = of_vec
    call dtl_async_sort(vec, request=sorted(1))
    call dtl_async_sort(arr, reverse=.true., stable=.true., request=sorted(2))
    call dtl_waitall(sorted)
    call check(all(abs(of_vec - real(indices - 1, real64)) <= 0), 'a request sorts a vector')
    call check(all(abs(of_arr - real(elements - indices, real64)) <= 0), 'a request sorts an array, descending')
    call dtl_async_sort(vec, reverse=ctx%rank() == 0, request=sorted(1))
    call sorted(1)%wait(ierr=status)
    call check((status == DTL_SUCCESS) .eqv. (ctx%size() == 1), 'ranks must issue the same order')
  end subroutine requests
end module sorting_tests

program sorting
  use sorting_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), vectors)
    call on_ranks(ranks(i), arrays)
    call on_ranks(ranks(i), requests)
  end do
  call finish('sorting')
end program sorting
