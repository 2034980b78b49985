! Spans: ranges of containers, and of memory of the program.

module spans_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine ranges_of_a_vector(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_span) :: all_of_it, middle, first, last, rest
    logical :: is_described
    integer(int32), pointer, contiguous :: elements(:), view(:)
    integer(int32), allocatable :: wanted(:), copies(:)
    integer(int32) :: value
    integer :: i, ierr
    call vec%create(ctx, 10, dtype=DTL_DTYPE_INT32)
    call vec%local_view(elements)
    elements = [(int(vec%local_offset(), int32) + i, i = 1, size(elements))]
    call dtl_span_from_vector(vec, all_of_it)
    call check(all_of_it%is_valid() .and. .not. all_of_it%empty(), 'a span of a vector')
    call check(all_of_it%global_size() == 10 .and. all_of_it%local_size() == size(elements), 'its sizes')
    call check(all_of_it%size_bytes() == 4 * size(elements) .and. all_of_it%dtype() == DTL_DTYPE_INT32, 'its bytes')
    call check(all_of_it%rank() == ctx%rank() .and. all_of_it%num_ranks() == ctx%size(), 'its ranks')
    !$omp critical (texts)
    is_described = len(all_of_it%describe()) > 0
    !$omp end critical (texts)
    call check(is_described, 'its description')

    call all_of_it%subspan(3, 4, middle)
    wanted = pack(elements, elements > 3 .and. elements <= 7)
    call middle%local_view(view)
    call check(size(view) == size(wanted), 'the part of a range')
    call check(all(view == wanted), 'the elements of a range')
    allocate (copies(size(view)))
    call middle%copy_to_host(copies)
    call check(all(copies == wanted), 'copies of the elements')
    call middle%copy_from_host(-copies)
    call check(all(view == -wanted), 'elements that are replaced')
    call all_of_it%first(2, first)
    call all_of_it%last(1, last)
    call all_of_it%subspan(6, DTL_SPAN_NPOS, rest)
    call check(first%global_size() == 2 .and. last%global_size() == 1 .and. rest%global_size() == 4, 'other ranges')
    if (size(view) > 0) then
      call middle%set_local(1, 99_int32)
      call middle%get_local(1, value)
      call check(value == 99 .and. view(1) == 99, 'one element')
    end if
    call middle%get_local(size(view) + 1, value, ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, 'an element that is not there')
    rest = middle
    call middle%first(0, middle)
    call check(rest%global_size() == 4 .and. middle%empty(), 'the other variable keeps what it holds')
    call all_of_it%first(11, first, ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, 'more elements than there are')
  end subroutine ranges_of_a_vector

  !> Reductions of a range over all ranks, and a span like it.
  subroutine reductions_of_a_range(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_span) :: all_of_it, part, other
    real(real64), pointer, contiguous :: elements(:)
    integer(int32), pointer, contiguous :: others(:)
    integer(int64), allocatable :: indices(:)
    real(real64) :: value
    integer(int32) :: total
    integer :: ierr
    logical :: found
    call vec%create(ctx, 10, partition=DTL_PARTITION_CYCLIC)
    call vec%local_view(elements)
    call vec%global_indices(indices)
    elements = real(indices, real64)
    call dtl_span_from_vector(vec, all_of_it)
    call all_of_it%subspan(2, 4, part)
    call part%sum(value)
    call check(abs(value - (3 + 4 + 5 + 6)) <= 0, 'the sum of a range')
    call part%prod(value)
    call check(abs(value - 3 * 4 * 5 * 6) <= 0, 'the product of a range')
    call part%min(value)
    call check(abs(value - 3) <= 0, 'the smallest element of a range')
    call part%max(value)
    call check(abs(value - 6) <= 0, 'the largest element of a range')
    call part%mean(value)
    call check(abs(value - 4.5_real64) <= 0, 'the mean of a range')
    call part%any(found)
    call check(found, 'some element is not zero')
    call part%all(found)
    call check(found, 'no element is zero')
    call part%like(DTL_DTYPE_INT32, other)
    call check(other%global_size() == 4 .and. other%local_size() == part%local_size(), 'a span like another one')
    call other%local_view(others)
    call check(all(others == 0), 'its elements are zero')
    others = 9
    call other%sum(total)
    call check(total == 36, 'its memory is its own')
    call part%sum(value)
    call check(abs(value - 18) <= 0, 'the other memory as well')
    call part%sum(total, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'the result of float64 is no integer')
    if (ctx%size() > 1) then
      call all_of_it%first(merge(3, 4, ctx%rank() == 0), other)
      call other%sum(value, ierr)
      call check(ierr == DTL_ERROR_COLLECTIVE_PARTICIPATION, 'ranks reduce the same range')
    end if
  end subroutine reductions_of_a_range

  subroutine memory_of_the_program()
    real(real64), target :: elements(4)
    real(real64) :: value
    type(dtl_span) :: span, part
    type(dtl_context) :: ctx
    type(dtl_array) :: arr
    type(dtl_tensor) :: tensor
    integer :: ierr
    elements = [1, 2, 3, 4]
    ! Rank 1 of 2 has elements 5 to 8 of 8.
    call dtl_span_create(elements, 8, 1, 2, span)
    call span%subspan(2, 4, part)
    call check(part%local_size() == 2, 'a range of memory')
    call part%set_local(2, 9.0_real64)
    call check(abs(elements(2) - 9) <= 0, 'what is written arrives in memory')
    call part%sum(value, ierr)
    call check(ierr == DTL_ERROR_NOT_SUPPORTED, 'memory of the program has no ranks')
    call dtl_span_create(elements, 9, 0, 2, part, ierr)
    call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'memory of another size')
    call ctx%create()
    call arr%create(ctx, 5)
    call dtl_span_from_array(arr, span)
    call check(span%global_size() == 5, 'a span of an array')
    call tensor%create(ctx, [3, 4])
    call dtl_span_from_tensor(tensor, span)
    call check(span%global_size() == 12 .and. span%dtype() == DTL_DTYPE_FLOAT64, 'a span of a tensor')
  end subroutine memory_of_the_program
end module spans_tests

program spans
  use spans_tests
  implicit none
  integer :: ranks
  do ranks = 1, 4
    call on_ranks(ranks, ranges_of_a_vector)
    call on_ranks(ranks, reductions_of_a_range)
  end do
  call memory_of_the_program()
  call finish('spans')
end program spans
