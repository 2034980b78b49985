! Shapes of arrays between ranks: arrays of equally many elements and another shape are refused, by every rank, and a message
! goes only where its elements are not scrambled.

module shapes_tests
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int32
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine sums(a, b, combined, ierr)
    real(c_double), intent(in) :: a(:), b(:)
    real(c_double), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    ierr = 0
    combined = a + b
  end subroutine sums

  !> The last call failed on every rank, because of shapes.
  subroutine refused(status, what)
    integer(c_int), intent(in) :: status
    character(len=*), intent(in) :: what
    call check(status == DTL_ERROR_COLLECTIVE_PARTICIPATION, what // ' of other shapes')
    call check_error('shape', 'the error of ' // what // ' says so')
  end subroutine refused

  !> Every rank but the last passes a matrix, and that one its transpose.
  subroutine other_shapes(ctx)
    type(dtl_context), intent(in) :: ctx
    if (ctx%rank() == ctx%size() - 1) then
      call collectives(ctx, ctx%size(), 3, 2)
    else
      call collectives(ctx, ctx%size(), 2, 3)
    end if
  end subroutine other_shapes

  subroutine collectives(ctx, ranks, rows, columns)
    type(dtl_context), intent(in) :: ctx
    integer, intent(in) :: ranks, rows, columns
    real(c_double), asynchronous, target :: x(rows, columns), y(rows, columns), z(rows, columns)
    real(c_double), asynchronous, target :: of_all(rows, columns, ranks), to_all(rows, columns, ranks)
    logical :: flags(rows, columns), result(rows, columns)
    integer(int32) :: owners(rows, columns)
    type(dtl_request) :: request
    integer(c_int) :: status
    x = 1
    y = -1
    of_all = 1
    flags = .true.
    call dtl_allreduce(ctx, x, y, ierr=status)
    call refused(status, 'allreduce')
    call dtl_allreduce(ctx, flags, result, op=DTL_OP_LAND, ierr=status)
    call refused(status, 'allreduce of logicals')
    call dtl_allreduce(ctx, x, y, op=DTL_OP_MAX, ierr=status)
    call refused(status, 'allreduce with max')
    call dtl_reduce(ctx, x, y, ierr=status)
    call refused(status, 'reduce')
    call dtl_broadcast(ctx, y, ierr=status)
    call check(status /= DTL_SUCCESS, 'broadcast to another shape')
    call dtl_gather(ctx, x, to_all, ierr=status)
    call refused(status, 'gather')
    call dtl_allgather(ctx, x, to_all, ierr=status)
    call refused(status, 'allgather')
    call dtl_scatter(ctx, of_all, y, ierr=status)
    call check(status /= DTL_SUCCESS, 'scatter to another shape')
    call dtl_alltoall(ctx, of_all, to_all, ierr=status)
    call refused(status, 'alltoall')
    call dtl_reduce_scatter(ctx, of_all, y, ierr=status)
    call refused(status, 'reduce_scatter')
    call dtl_scan(ctx, x, y, ierr=status)
    call refused(status, 'scan')
    call dtl_exscan(ctx, x, y, ierr=status)
    call refused(status, 'exscan')
    call dtl_allreduce_minloc(ctx, x, y, owners, ierr=status)
    call refused(status, 'allreduce_minloc')
    call dtl_allreduce_func(ctx, x, y, sums, ierr=status)
    call refused(status, 'allreduce_func')
    call dtl_reduce_scatter_func(ctx, of_all, y, sums, ierr=status)
    call refused(status, 'reduce_scatter_func')
    call dtl_iallreduce(ctx, x, z, request=request)
    call request%wait(ierr=status)
    call refused(status, 'iallreduce')
    call dtl_iallgather(ctx, x, to_all, request=request)
    call request%wait(ierr=status)
    call refused(status, 'iallgather')
    call check(all(nint(y) == -1), 'nothing is changed')
  end subroutine collectives

  !> A single value, an array of one element and a matrix of one are different things; rows of several dimensions are divided
  !! along the last one.
  subroutine numbers_of_dimensions(ctx)
    type(dtl_context), intent(in) :: ctx
    real(c_double) :: x, line(1), matrix(1, 1), six(6), pairs(2, 3), y, rows(2, 3, 1:2), row(2, 3), flat(6)
    integer(c_int) :: status
    integer :: last, i
    last = ctx%size() - 1
    x = 1
    line = 1
    matrix = 1
    six = 1
    pairs = 1
    if (ctx%rank() == last) then
      call dtl_allreduce(ctx, x, y, ierr=status)
    else
      call dtl_allreduce(ctx, line, line, ierr=status)
    end if
    call refused(status, 'a value and an array')
    if (ctx%rank() == last) then
      call dtl_allreduce(ctx, line, line, ierr=status)
    else
      call dtl_allreduce(ctx, matrix, matrix, ierr=status)
    end if
    call refused(status, 'an array and a matrix')
    if (ctx%rank() == last) then
      call dtl_allreduce(ctx, six, six, ierr=status)
    else
      call dtl_allreduce(ctx, pairs, pairs, ierr=status)
    end if
    call refused(status, 'an array and a matrix of six')
    call dtl_allreduce(ctx, pairs, six)
    call check(all(nint(six) == ctx%size()), 'the result may be an array of one dimension')
    ! What each rank gets is a matrix; it may put that into an array of one dimension.
    rows = reshape([(real(i, c_double), i = 1, 12)], [2, 3, 2])
    call dtl_scatter(ctx, rows, row)
    call check(all(nint(row) == reshape([(i, i = 1, 6)], [2, 3]) + 6 * ctx%rank()), 'scatter into a matrix')
    call dtl_scatter(ctx, rows, flat)
    call check(all(nint(flat) == [(i, i = 1, 6)] + 6 * ctx%rank()), 'scatter into an array of one dimension')
    call dtl_scatter(ctx, reshape(rows, [12]), row)
    call check(all(nint(row) == reshape([(i, i = 1, 6)], [2, 3]) + 6 * ctx%rank()), 'scatter of one dimension')
    if (ctx%rank() == 0) flat = 5
    row = 5
    if (ctx%rank() == 0) then
      call dtl_broadcast(ctx, flat)
    else
      row = 0
      call dtl_broadcast(ctx, row)
    end if
    call check(all(nint(row) == 5), 'broadcast of one dimension')
  end subroutine numbers_of_dimensions

  subroutine messages(ctx)
    type(dtl_context), intent(in) :: ctx
    real(c_double), asynchronous, target :: sent(2, 3), same(2, 3), line(10), wide(2, 5), turned(3, 2), tall(3, 5)
    type(dtl_request) :: request
    integer(c_int) :: me, status
    integer :: i
    me = ctx%rank()
    sent = reshape([(real(i, c_double), i = 1, 6)], [2, 3])
    call dtl_send(ctx, sent, me)
    turned = -1
    call dtl_recv(ctx, turned, me, ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH .and. all(nint(turned) == -1), 'into the transpose')
    tall = -1
    call dtl_recv(ctx, tall, me, ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH .and. all(nint(tall) == -1), 'into longer columns')
    call dtl_irecv(ctx, turned, me, request=request)
    call request%wait(ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH .and. all(nint(turned) == -1), 'into the transpose, later')
    ! The message is still there.
    call dtl_recv(ctx, same, me)
    call check(all(nint(same) == nint(sent)), 'into the same shape')
    call dtl_send(ctx, sent, me)
    line = -1
    call dtl_recv(ctx, line, me)
    call check(all(nint(line(:6)) == [(i, i = 1, 6)]) .and. all(nint(line(7:)) == -1), 'into one dimension')
    call dtl_send(ctx, sent, me)
    wide = -1
    call dtl_recv(ctx, wide, me)
    call check(all(nint(wide(:, :3)) == nint(sent)) .and. all(nint(wide(:, 4:)) == -1), 'into more columns')
    call dtl_send(ctx, line(:6), me)
    turned = -1
    call dtl_recv(ctx, turned, me)
    call check(all(nint(turned) == reshape([(i, i = 1, 6)], [3, 2])), 'from one dimension')
    call dtl_send(ctx, sent, me)
    call dtl_sendrecv(ctx, 7.0_c_double, me, turned, source=me, ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH, 'sendrecv into the transpose')
    call dtl_recv(ctx, same, me)
    call dtl_recv(ctx, line(1), me)
    call check(nint(line(1)) == 7, 'what was sent with it')
  end subroutine messages

  !> A shape is said for the call that follows, whatever becomes of that.
  subroutine failures_leave_nothing(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: none
    real(c_double), target :: x(2, 3), y(6)
    real(c_double), pointer, contiguous :: flat(:)
    integer(c_int) :: status
    x = 1
    flat(1:6) => x
    if (ctx%rank() == 0) call dtl_allreduce(none, x, y, ierr=status)
    if (ctx%rank() == 0) call dtl_send(ctx, x, 99_c_int, ierr=status)
    call dtl_allreduce(ctx, flat, y)
    call check(all(nint(y) == ctx%size()), 'the same memory as an array of one dimension')
  end subroutine failures_leave_nothing
end module shapes_tests

program shapes
  use shapes_tests
  implicit none
  integer, parameter :: ranks(2) = [2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), other_shapes)
    call on_ranks(ranks(i), messages)
    call on_ranks(ranks(i), failures_leave_nothing)
  end do
  call on_ranks(2, numbers_of_dimensions)
  call finish('shapes')
end program shapes
