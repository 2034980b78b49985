! Calls what the recipes added, from Fortran, on two ranks.

program call_added
  use, intrinsic :: iso_c_binding, only: c_double, c_int64_t
  use, intrinsic :: iso_fortran_env, only: real64
  use omp_lib, only: omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  type(dtl_context), allocatable :: contexts(:)

  call dtl_context_threads(2, contexts)
  call omp_set_dynamic(.false.)
  !$omp parallel num_threads(2)
  call on_rank(contexts(omp_get_thread_num() + 1))
  !$omp end parallel

contains

  subroutine on_rank(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec, numbers
    integer(c_int64_t) :: index
    real(real64) :: values(2, 2), largest(2), last(2)
    values = reshape([1.0_real64, 9.0_real64, 4.0_real64, 2.0_real64], [2, 2])
    call dtl_maximum(ctx, values(:, ctx%rank() + 1), largest)
    call dtl_allreduce(ctx, values(:, ctx%rank() + 1), last, DTL_OP_LAST)
    call vec%create(ctx, 7, dtype=DTL_DTYPE_TIMEDELTA64)
    call numbers%create(ctx, 7)
    call dtl_for_each(numbers, dtl_unary(set_index, 0.0_c_double))
    call dtl_find_last_if(numbers, dtl_predicate(is_small, 0.0_c_double), index)
    if (ctx%is_root()) then
      ! Here positions are counted from 1.
      print '(f0.1, 1x, f0.1, a, f0.1, 1x, f0.1, 3(a, i0), a)', largest, ', last ', last, ', dtype ', vec%dtype(), &
          ', at ', index - 1, ', ', numbers%local_nbytes(), ' bytes'
    end if
  end subroutine on_rank

  subroutine set_index(element, index)
    real(c_double), intent(inout) :: element
    integer(c_int64_t), intent(in) :: index
    element = real(index - 1, c_double)
  end subroutine set_index

  function is_small(element) result(answer)
    real(c_double), intent(in) :: element
    logical :: answer
    answer = element < 4.0_c_double
  end function is_small

end program call_added
