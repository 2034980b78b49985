! A program that names the kinds of what is passed to C and leaves other numbers to the compiler: it is right with options that
! change what `integer`, `real`, `double precision` and `logical` are, and that look for mistakes or fill memory with values.

module kinds_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_double, c_float, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> Values of default kinds, whatever these are.
  subroutine default_kinds(ctx)
    type(dtl_context), intent(in) :: ctx
    integer :: numbers(2, 3), sums(2, 3), total
    real :: x(4), y(4)
    double precision :: d, product_of_all
    complex :: z(2), w(2)
    logical :: flags(3), all_of_them(3)
    integer :: ranks, me
    ranks = ctx%size()
    me = ctx%rank()
    numbers = reshape([1, 2, 3, 4, 5, 6], [2, 3])
    call dtl_allreduce(ctx, numbers, sums)
    call check(all(sums == ranks * numbers), 'integers')
    call dtl_allreduce(ctx, me + 1, total, op=DTL_OP_MAX)
    call check(total == ranks, 'an integer')
    x = [0.5, 1.5, 2.5, 3.5] + real(me)
    call dtl_allreduce(ctx, x, y, op=DTL_OP_MIN)
    call check(all(abs(y - [0.5, 1.5, 2.5, 3.5]) <= 0), 'reals')
    d = 2
    call dtl_allreduce(ctx, d, product_of_all, op=DTL_OP_PROD)
    call check(nint(product_of_all) == 2**ranks, 'double precision')
    z = [cmplx(1, -1), cmplx(0, me)]
    call dtl_broadcast(ctx, z, root=0_c_int)
    call dtl_allreduce(ctx, z, w)
    call check(all(abs(w - [cmplx(ranks, -ranks), cmplx(0, 0)]) <= 0), 'complex numbers')
    flags = [.true., me == 0, .false.]
    call dtl_allreduce(ctx, flags, all_of_them, op=DTL_OP_LOR)
    call check(all(all_of_them .eqv. [.true., .true., .false.]), 'logicals')
    call dtl_scan(ctx, 1, total)
    call check(total == me + 1, 'a scan')
    call dtl_exscan(ctx, 1, total)
    call check(total == me, 'an exclusive scan')
  end subroutine default_kinds

  !> Numbers for each rank, of either kind, and what is one for each rank.
  subroutine rows(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, allocatable :: mine(:, :), theirs(:, :), counts(:), together(:)
    integer(int32), allocatable :: narrow(:)
    real :: least(2)
    integer(int32) :: owners(2)
    integer :: ranks, me, i
    ranks = ctx%size()
    me = ctx%rank()
    allocate (mine(2, ranks), theirs(2, ranks), together(ranks * (ranks + 1) / 2))
    mine = reshape([(10 * me + (i - 1) / 2, i = 1, 2 * ranks)], [2, ranks])
    call dtl_alltoall(ctx, mine, theirs)
    call check(all(theirs == reshape([(10 * ((i - 1) / 2) + me, i = 1, 2 * ranks)], [2, ranks])), 'alltoall')
    call dtl_allgather(ctx, [me, 7], theirs)
    call check(all(theirs(1, :) == [(i, i = 0, ranks - 1)]), 'allgather')
    call dtl_reduce_scatter(ctx, mine, theirs(:, 1))
    call check(all(theirs(:, 1) == sum([(10 * i + me, i = 0, ranks - 1)])), 'reduce_scatter')
    counts = [(i, i = 1, ranks)]
    narrow = int(counts, int32)
    call dtl_allgatherv(ctx, spread(me, 1, me + 1), together, counts)
    call check(together(size(together)) == ranks - 1, 'allgatherv')
    together = -1
    call dtl_allgatherv(ctx, spread(me, 1, me + 1), together, narrow)
    call check(together(1) == 0 .and. together(size(together)) == ranks - 1, 'allgatherv with int32')
    call dtl_allreduce_minloc(ctx, [real(me), -real(me)], least, owners)
    call check(all(owners == [0, ranks - 1]) .and. nint(least(2)) == 1 - ranks, 'smallest values and their ranks')
  end subroutine rows

  subroutine sums_of(a, b, combined, ierr)
    real(c_float), intent(in) :: a(:), b(:)
    real(c_float), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    combined = a + b
    if (size(a) /= size(b)) ierr = 1
  end subroutine sums_of

  subroutine other_ways(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: requests(3)
    type(dtl_message_info) :: info
    integer, asynchronous, target :: sent(2), received(2), total(2)
    real(c_float) :: x(2), y(2)
    integer(c_int) :: before, after, index, status
    integer :: ranks, me
    ranks = ctx%size()
    me = ctx%rank()
    before = int(modulo(me - 1, ranks), c_int)
    after = int(modulo(me + 1, ranks), c_int)
    sent = [me, 5]
    call dtl_irecv(ctx, received, before, tag=3_c_int, request=requests(1))
    call dtl_isend(ctx, sent, after, tag=3_c_int, request=requests(2))
    call dtl_iallreduce(ctx, sent, total, request=requests(3))
    call dtl_waitany(requests, index)
    call check(index >= 1 .and. index <= 3, 'one of the requests')
    call dtl_waitall(requests)
    call check(all(received == [int(before), 5]), 'a message')
    call check(total(2) == 5 * ranks, 'a sum that does not block')
    call dtl_isend(ctx, sent, ctx%rank(), request=requests(1))
    call dtl_probe(ctx, info, source=ctx%rank())
    call check(info%source == me .and. info%count == 2, 'a message that waits')
    call dtl_recv(ctx, received, ctx%rank())
    call requests(1)%wait(10.0_c_double)
    x = [1.0_c_float, real(me, c_float)]
    call dtl_allreduce_func(ctx, x, y, sums_of)
    call check(nint(y(1)) == ranks .and. nint(y(2)) == ranks * (ranks - 1) / 2, 'a procedure that combines')
    call dtl_recv(ctx, received, ctx%size(), ierr=status)
    call check(status == DTL_ERROR_INVALID_RANK, 'an error')
    call check_error('source', 'it has a text')
  end subroutine other_ways

  subroutine containers(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_tensor) :: tensor
    type(dtl_halo) :: halo
    type(dtl_map) :: map
    real(c_double), pointer, contiguous :: view(:), block(:, :), padded(:, :)
    real(c_double) :: few(2), value
    logical(c_bool), allocatable :: there(:)
    integer :: extents(2)
    integer :: i
    call vec%create(ctx, 10, fill=1.5_c_double)
    call vec%local_view(view)
    call check(size(view) == vec%local_size() .and. all(nint(2 * view) == 3), 'a view of a vector')
    call vec%set(4, [7.0_c_double, 8.0_c_double])
    call vec%get(4, few)
    call check(all(nint(few) == [7, 8]), 'elements of a vector')
    call vec%sum(value)
    call check(nint(value) == 27, 'the sum of a vector')
    call tensor%create(ctx, [3, 4], fill=2.0_c_double)
    call tensor%local_view(block)
    block = 3
    extents = int(tensor%shape())
    call check(all(extents == [3, 4]) .and. size(block, 1) == 3, 'the shape of a tensor')
    call tensor%get([1, 1], [1, 1], value)
    call check(nint(value) == 3, 'an element of a tensor')
    call tensor%halo([1_c_int], halo=halo)
    call halo%exchange()
    call halo%local_view(padded)
    call check(nint(maxval(padded)) == 3, 'a halo')
    call map%create(ctx, DTL_DTYPE_INT64, DTL_DTYPE_FLOAT64)
    call map%insert([(int(i, int64), i = 1, 3)], [(real(i, c_double), i = 1, 3)])
    call map%sync()
    call map%contains([2_int64, 9_int64], there)
    call check(all(there .eqv. [.true., .false.]), 'keys of a map')
    call map%find(2_int64, value)
    call check(nint(value) == 2, 'a value of a map')
  end subroutine containers
end module kinds_tests

program kinds
  use kinds_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), default_kinds)
    call on_ranks(ranks(i), rows)
    call on_ranks(ranks(i), other_ways)
    call on_ranks(ranks(i), containers)
  end do
  call finish('kinds')
end program kinds
