! Arrays of assumed size, `x(*)`, as programs in the style of FORTRAN 77 pass them on: dtl does not know how many elements they have,
! so that procedures refuse them and name the argument. Sections of them, and arrays without elements, are passed as usual.

module assumed_size_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> The last call of `what` failed because of `argument`.
  subroutine refused(what, argument, status)
    character(len=*), intent(in) :: what, argument
    integer(c_int), intent(in) :: status
    call check(status == DTL_ERROR_INVALID_ARGUMENT, what // ' of x(*) is refused')
    call check_error(argument // ' is an array of assumed size', what // ' of x(*) names ' // argument)
  end subroutine refused

  !> What was issued as `request` fails because of `argument`.
  subroutine refused_later(what, argument, request)
    character(len=*), intent(in) :: what, argument
    type(dtl_request), intent(inout) :: request
    integer(c_int) :: status
    call request%wait(ierr=status)
    call refused(what, argument, status)
  end subroutine refused_later

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    real(c_double), asynchronous, target :: x(12), y(12)
    logical :: flags(3)
    x = 1
    y = -99
    flags = .true.
    call collectives(ctx, x, y, flags)
    call lower_bounds(ctx, x, x, x, x, y)
    call blocks(ctx, x, y, spread(1, 1, ctx%size()))
    call with_procedures(ctx, x, y)
    call requests(ctx, x, y)
    call messages(ctx, x, y)
    call spans(y)
    call check(all(abs(x - 1) <= 0 .and. abs(y + 99) <= 0), 'what is refused changes nothing')
  end subroutine everything

  subroutine collectives(ctx, x, y, flags)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in) :: x(3, *)
    real(c_double), intent(inout) :: y(*)
    logical, intent(inout) :: flags(*)
    real(c_double) :: own(3)
    integer(int32) :: ranks(3)
    integer(c_int) :: status
    call dtl_allreduce(ctx, x, own, ierr=status)
    call refused('allreduce', 'data', status)
    call dtl_allreduce(ctx, own, y, ierr=status)
    call refused('allreduce', 'result', status)
    call dtl_allreduce(ctx, flags, flags(1:3), op=DTL_OP_LAND, ierr=status)
    call refused('allreduce of logicals', 'data', status)
    call dtl_broadcast(ctx, y, ierr=status)
    call refused('broadcast', 'data', status)
    call dtl_reduce(ctx, x, own, ierr=status)
    call refused('reduce', 'data', status)
    call dtl_reduce(ctx, own, y, root=0, ierr=status)
    call refused('reduce', 'result', status)
    call dtl_gather(ctx, own(1), y, root=0, ierr=status)
    call refused('gather', 'result', status)
    call dtl_scatter(ctx, x, own, root=0, ierr=status)
    call refused('scatter', 'data', status)
    call dtl_allgather(ctx, x, y, ierr=status)
    call refused('allgather', 'data', status)
    call dtl_alltoall(ctx, x, y, ierr=status)
    call refused('alltoall', 'data', status)
    call dtl_reduce_scatter(ctx, x, y, ierr=status)
    call refused('reduce_scatter', 'data', status)
    call dtl_scan(ctx, own, y, ierr=status)
    call refused('scan', 'result', status)
    call dtl_exscan(ctx, x, own, ierr=status)
    call refused('exscan', 'data', status)
    call dtl_allreduce_minloc(ctx, own, y, ranks, ierr=status)
    call refused('allreduce_minloc', 'values', status)
    call dtl_allreduce_maxloc(ctx, x, own, ranks, ierr=status)
    call refused('allreduce_maxloc', 'data', status)
    own = ctx%rank()
    call dtl_allreduce(ctx, own, y(1:3), op=DTL_OP_MAX)
    call check(all(nint(y(1:3)) == ctx%size() - 1), 'a section of x(*) has the result')
    call dtl_broadcast(ctx, y(1:3))
    y(1:3) = -99
  end subroutine collectives

  !> The bounds of an array of assumed size may be any.
  subroutine lower_bounds(ctx, from_5, from_minus_3, columns, pairs, from_0)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in) :: from_5(5:*), from_minus_3(-3:*), columns(2, -1:*), pairs(2, 3, *)
    real(c_double), intent(inout) :: from_0(0:*)
    real(c_double) :: own(3)
    integer(c_int) :: status
    call dtl_allreduce(ctx, from_5, own, ierr=status)
    call refused('allreduce (5:*)', 'data', status)
    call dtl_allreduce(ctx, from_minus_3, own, ierr=status)
    call refused('allreduce (-3:*)', 'data', status)
    call dtl_allreduce(ctx, columns, own, ierr=status)
    call refused('allreduce (2, -1:*)', 'data', status)
    call dtl_allreduce(ctx, pairs, own, ierr=status)
    call refused('allreduce (2, 3, *)', 'data', status)
    call dtl_allreduce(ctx, own, from_0, ierr=status)
    call refused('allreduce (0:*)', 'result', status)
  end subroutine lower_bounds

  subroutine blocks(ctx, x, y, counts)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in) :: x(*)
    real(c_double), intent(inout) :: y(*)
    integer, intent(in) :: counts(:)
    real(c_double) :: own(1)
    integer(c_int) :: status
    call dtl_gatherv(ctx, x, y, recvcounts=counts, ierr=status)
    call refused('gatherv', 'data', status)
    call dtl_scatterv(ctx, own, counts, result=y, ierr=status)
    call refused('scatterv', 'result', status)
    call dtl_allgatherv(ctx, x, y, recvcounts=counts, ierr=status)
    call refused('allgatherv', 'data', status)
    call dtl_alltoallv(ctx, x, counts, result=y, recvcounts=counts, ierr=status)
    call refused('alltoallv', 'data', status)
  end subroutine blocks

  subroutine sums(a, b, combined, ierr)
    real(c_double), intent(in) :: a(:), b(:)
    real(c_double), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    ierr = 0
    combined = a + b
  end subroutine sums

  subroutine with_procedures(ctx, x, y)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in) :: x(*)
    real(c_double), intent(inout) :: y(*)
    real(c_double) :: own(3)
    integer(c_int) :: status
    call dtl_allreduce_func(ctx, x, y, sums, ierr=status)
    call refused('allreduce_func', 'data', status)
    call dtl_reduce_func(ctx, x, own, sums, ierr=status)
    call refused('reduce_func', 'data', status)
    call dtl_scan_func(ctx, own, y, sums, ierr=status)
    call refused('scan_func', 'result', status)
    call dtl_exscan_func(ctx, x, own, sums, ierr=status)
    call refused('exscan_func', 'data', status)
    call dtl_reduce_scatter_func(ctx, x, own, sums, ierr=status)
    call refused('reduce_scatter_func', 'data', status)
  end subroutine with_procedures

  subroutine requests(ctx, x, y)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in), asynchronous, target :: x(*)
    real(c_double), intent(inout), asynchronous, target :: y(*)
    real(c_double), asynchronous, target :: own(3)
    type(dtl_request) :: request
    integer(c_int) :: status
    integer :: i, me
    me = ctx%rank()
    own = 1
    call dtl_iallreduce(ctx, x, own, request=request)
    call refused_later('iallreduce', 'data', request)
    call dtl_ibroadcast(ctx, y, request=request)
    call refused_later('ibroadcast', 'data', request)
    call dtl_igather(ctx, x, y, request=request)
    call refused_later('igather', 'data', request)
    call dtl_iallgatherv(ctx, x, y, recvcounts=[(1, i = 1, ctx%size())], request=request)
    call refused_later('iallgatherv', 'data', request)
    call dtl_iscan_func(ctx, own, y, sums, request=request)
    call refused_later('iscan_func', 'result', request)
    call dtl_isend(ctx, x, me, request=request, ierr=status)
    call refused('isend', 'data', status)
    call dtl_irecv(ctx, y, me, request=request, ierr=status)
    call refused('irecv', 'result', status)
    call dtl_isendrecv(ctx, own, me, y, source=me, request=request, ierr=status)
    call refused('isendrecv', 'result', status)
    call dtl_iallreduce(ctx, x(1:3), own, request=request)
    call request%wait()
    call check(all(nint(own) == ctx%size()), 'iallreduce of a section of x(*)')
  end subroutine requests

  subroutine messages(ctx, x, y)
    type(dtl_context), intent(in) :: ctx
    real(c_double), intent(in) :: x(*)
    real(c_double), intent(inout) :: y(*)
    type(dtl_role_manager) :: roles
    integer(c_int) :: status
    integer :: me
    me = ctx%rank()
    call dtl_send(ctx, x, me, ierr=status)
    call refused('send', 'data', status)
    call dtl_ssend(ctx, x, me, ierr=status)
    call refused('ssend', 'data', status)
    call dtl_recv(ctx, y, me, ierr=status)
    call refused('recv', 'result', status)
    call dtl_sendrecv(ctx, x, me, y, source=me, ierr=status)
    call refused('sendrecv', 'data', status)
    call roles%create(ctx)
    call roles%add_role('all', DTL_ROLE_MEMBER)
    call roles%initialize()
    call dtl_intergroup_send(roles, 'all', me, x, ierr=status)
    call refused('intergroup_send', 'data', status)
    call dtl_intergroup_recv(roles, 'all', me, y, ierr=status)
    call refused('intergroup_recv', 'result', status)
  end subroutine messages

  subroutine spans(y)
    real(c_double), intent(inout), target :: y(*)
    type(dtl_span) :: span
    integer(c_int) :: status
    call dtl_span_create(y, 3, 0, 1, span, status)
    call refused('span_create', 'local_data', status)
  end subroutine spans

  !> Arrays without elements, some of which gfortran passes with the same bounds as arrays of assumed size.
  subroutine nothing(ctx)
    type(dtl_context), intent(in) :: ctx
    real(c_double) :: own(6), all_of_it(6)
    integer, allocatable :: counts(:)
    integer :: none, i
    none = 0
    counts = spread(0, 1, ctx%size())
    own = [(i, i = 1, 6)]
    all_of_it = -99
    call dtl_allgatherv(ctx, [real(c_double) ::], all_of_it, counts)
    call dtl_allgatherv(ctx, pack(own, own > 6), all_of_it, counts)
    call dtl_allgatherv(ctx, own(1:none), all_of_it, counts)
    call dtl_allgatherv(ctx, own(4:none), all_of_it, counts)
    call dtl_allgatherv(ctx, own(5:none:2), all_of_it, counts)
    call dtl_allgatherv(ctx, own(1:none) + 1, all_of_it, counts)
    call dtl_allgatherv(ctx, [(own(i), i = 5, none)], all_of_it, counts)
    call dtl_allgatherv(ctx, reshape(own(1:none), [2, 0]), all_of_it, counts)
    call dtl_allreduce(ctx, own(1:none), all_of_it(1:none))
    call dtl_send(ctx, [real(c_double) ::], ctx%rank())
    call dtl_recv(ctx, all_of_it(1:none), ctx%rank())
    call check(all(nint(all_of_it) == -99), 'nothing is sent')
  end subroutine nothing
end module assumed_size_tests

program assumed_size
  use assumed_size_tests
  implicit none
  integer, parameter :: ranks(2) = [1, 2]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), everything)
    call on_ranks(ranks(i), nothing)
  end do
  call finish('assumed_size')
end program assumed_size
