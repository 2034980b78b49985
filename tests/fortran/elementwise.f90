! Procedures of the program that are passed elements, on 1, 2 and 4 ranks: for each element, and to find one.

module elementwise_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_double, c_float, c_int, c_int64_t
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  integer, parameter :: length = 41

contains

  include 'checks.inc'

  !> Sets an element to three times its index, which is counted from 1.
  subroutine triple(element, index)
    real(c_double), intent(inout) :: element
    integer(c_int64_t), intent(in) :: index
    element = 3.0_c_double * real(index, c_double)
  end subroutine triple

  subroutine set_odd(element, index)
    logical(c_bool), intent(inout) :: element
    integer(c_int64_t), intent(in) :: index
    element = modulo(index, 2_int64) == 1
  end subroutine set_odd

  function above_60(element) result(answer)
    real(c_double), intent(in) :: element
    logical :: answer
    answer = element > 60.0_c_double
  end function above_60

  function negative(element) result(answer)
    real(c_double), intent(in) :: element
    logical :: answer
    answer = element < 0.0_c_double
  end function negative

  function is_false(element) result(answer)
    logical(c_bool), intent(in) :: element
    logical :: answer
    answer = .not. element
  end function is_false

  function any_single(element) result(answer)
    real(c_float), intent(in) :: element
    logical :: answer
    answer = element >= 0.0_c_float
  end function any_single

  function fails_at_the_end(element) result(answer)
    real(c_double), intent(in) :: element
    logical :: answer
    answer = .false.
    if (nint(element) == 3 * length) call dtl_fail_function('too large')
  end function fails_at_the_end

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_array) :: arr
    type(dtl_tensor) :: ten
    type(dtl_span) :: span
    type(dtl_predicate) :: unmade
    integer(c_int64_t) :: index
    integer(c_int) :: ierr
    real(c_double) :: total
    integer(c_int64_t) :: count, falses
    logical(c_bool) :: odd
    logical :: holds
    call vec%create(ctx, length)
    call arr%create(ctx, length, dtype=DTL_DTYPE_BOOL)
    call ten%create(ctx, [length, 1])
    call dtl_for_each(vec, dtl_unary(triple, 0.0_c_double))
    call dtl_for_each(arr, dtl_unary(set_odd, .true._c_bool))
    call dtl_for_each(ten, dtl_unary(triple, 0.0_c_double))
    call vec%sum(total)
    call check(nint(total) == 3 * length * (length + 1) / 2, 'every element was passed with its index')

    call dtl_find_if(vec, dtl_predicate(above_60, 0.0_c_double), index)
    call check(index == 21, 'the first of a vector is found')
    call dtl_find_if(ten, dtl_predicate(above_60, 0.0_c_double), index)
    call check(index == 21, 'the first of a tensor is found')
    call dtl_find_if(arr, dtl_predicate(is_false, .true._c_bool), index)
    call check(index == 2, 'the first of an array is found')
    call dtl_span_from_vector(vec, span)
    call dtl_for_each(span, dtl_unary(triple, 0.0_c_double))
    call dtl_find_if(span, dtl_predicate(above_60, 0.0_c_double), index)
    call check(index == 21, 'the first of a span is found')
    call dtl_find_if(vec, dtl_predicate(negative, 0.0_c_double), index)
    call check(index == 0, 'none is 0')

    call dtl_find(vec, 63.0_c_double, index)
    call dtl_count(vec, 63.0_c_double, count)
    call check(index == 21 .and. count == 1, 'a value is found and counted in a vector')
    call dtl_find(arr, .false._c_bool, index)
    call dtl_count(arr, .true._c_bool, count)
    call check(index == 2 .and. 2 * count - 1 == length, 'in an array')
    call dtl_find(ten, -1.0_c_double, index)
    call dtl_count(ten, 3.0_c_double, count)
    call check(index == 0 .and. count == 1, 'in a tensor')
    call dtl_find(span, 63.0_c_double, index)
    call dtl_count(span, -1.0_c_double, count)
    call check(index == 21 .and. count == 0, 'in a span')

    call dtl_count_if(vec, dtl_predicate(above_60, 0.0_c_double), count)
    call dtl_count_if(arr, dtl_predicate(is_false, .true._c_bool), falses)
    call check(count > 0 .and. 2 * falses + 1 == length, 'answers are counted')
    call dtl_all_of(ten, dtl_predicate(negative, 0.0_c_double), holds)
    call check(.not. holds, 'no element of a tensor is negative, so not all are')
    call dtl_any_of(span, dtl_predicate(above_60, 0.0_c_double), holds)
    call check(holds, 'some of a span are above 60')
    call dtl_none_of(vec, dtl_predicate(negative, 0.0_c_double), holds)
    call check(holds, 'none of a vector is negative')
    call dtl_count_if(span, dtl_predicate(negative, 0.0_c_double), falses)
    call dtl_all_of(span, dtl_predicate(above_60, 0.0_c_double), holds)
    call check(falses == 0 .and. .not. holds, 'nor any of a span, of which not all are above 60')
    call dtl_none_of(span, dtl_predicate(above_60, 0.0_c_double), holds)
    call check(.not. holds, 'but some are')

    call dtl_reduce(vec, total, op=DTL_OP_MAX)
    call check(nint(total) == 3 * length, 'a vector is reduced by the name that reduces arrays over ranks')
    call dtl_reduce(ten, total, op=DTL_OP_MIN)
    call check(nint(total) == 3, 'a tensor is')
    call dtl_reduce(span, total)
    call check(nint(total) == 3 * length * (length + 1) / 2, 'a span is')
    call dtl_reduce(arr, odd, op=DTL_OP_LAND)
    call check(.not. logical(odd), 'an array is')

    call dtl_find_if(vec, dtl_predicate(fails_at_the_end, 0.0_c_double), index, ierr)
    call check(ierr == DTL_ERROR_ALGORITHM, 'a failure on the last rank is one on all')
    call check_error('has failed: too large', 'it says why')
    call dtl_find_if(vec, dtl_predicate(any_single, 0.0_c_float), index, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a procedure for elements of another type is refused')
    call check_error('pred is real(c_float) and the elements are float64. Pass real(c_double).', 'it says for which')
    call dtl_find_if(vec, unmade, index, ierr)
    call check(ierr == DTL_ERROR_NULL_POINTER, 'no procedure is refused')
    call vec%barrier()
  end subroutine everything
end module elementwise_tests

program elementwise
  use elementwise_tests
  implicit none
  integer :: ranks
  integer(c_int) :: ierr
  call dtl_fail_function('nothing runs', ierr)
  call check(ierr == DTL_ERROR_INVALID_STATE, 'a function that does not run cannot fail')
  do ranks = 1, 4
    if (ranks /= 3) call on_ranks(ranks, everything)
  end do
  call finish('elementwise')
end program elementwise
