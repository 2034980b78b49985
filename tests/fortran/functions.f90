! Reductions with procedures of the program on 1, 2 and 4 ranks, against the same procedure over what all ranks pass.

module functions_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_double, c_int, c_int64_t
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  integer, parameter :: length = 2000

contains

  include 'checks.inc'

  !> Maps x -> a x + b, one after the other: first all a, then all b.
  subroutine affine(a, b, combined, ierr)
    integer(c_int64_t), intent(in) :: a(:), b(:)
    integer(c_int64_t), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    integer :: half
    half = size(a) / 2
    combined(:half) = modulo(a(:half) * b(:half), 1009_int64)
    combined(half + 1:) = modulo(a(half + 1:) * b(:half) + b(half + 1:), 1009_int64)
    if (size(b) /= size(combined)) ierr = 1
  end subroutine affine

  !> Fails where the second array begins with 2.
  subroutine fails_on_two(a, b, combined, ierr)
    real(c_double), intent(in) :: a(:), b(:)
    real(c_double), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    combined = a + b
    if (nint(b(1)) == 2) ierr = 5
  end subroutine fails_on_two

  subroutine only_the_first(a, b, combined, ierr)
    logical(c_bool), intent(in) :: a(:), b(:)
    logical(c_bool), intent(out) :: combined(:)
    integer(c_int), intent(inout) :: ierr
    combined = a .and. .not. b
    ierr = 0
  end subroutine only_the_first

  !> What rank `rank` passes.
  pure function input(rank) result(values)
    integer, intent(in) :: rank
    integer(int64) :: values(length)
    integer :: i
    values = [(int(modulo(i + 3 * rank, 5) + 1, int64), i = 1, length)]
  end function input

  !> What the ranks from `first` to `last` give together.
  function folded(first, last) result(both)
    integer, intent(in) :: first, last
    integer(int64) :: both(length), before(length)
    integer :: rank
    integer(c_int) :: ierr
    ierr = 0
    both = input(first)
    do rank = first + 1, last
      before = both
      call affine(before, input(rank), both, ierr)
    end do
  end function folded

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), allocatable :: mine(:), rows(:, :), found(:, :)
    integer :: me, ranks, row
    logical(c_bool) :: flags(1)
    integer(c_int) :: ierr
    me = ctx%rank()
    ranks = ctx%size()
    mine = input(me)
    allocate (rows(length, ranks), found(length, 5))
    found = -1
    do row = 1, ranks
      rows(:, row) = input(me + row)
    end do
    call dtl_allreduce_func(ctx, mine, found(:, 1), affine)
    call dtl_reduce_func(ctx, mine, found(:, 2), affine, root=ranks - 1)
    call dtl_reduce_scatter_func(ctx, rows, found(:, 3), affine)
    call dtl_scan_func(ctx, mine, found(:, 4), affine, ierr)
    call check(ierr == DTL_SUCCESS, 'scan_func')
    call dtl_exscan_func(ctx, mine, found(:, 5), affine)
    call compare(me, ranks, found, 'functions')
    call dtl_scan_func(ctx, [logical(me /= 1, c_bool)], flags, only_the_first)
    call check(flags(1) .eqv. (me < 2), 'logical(c_bool)')
  end subroutine everything

  subroutine issued(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), allocatable, asynchronous, target :: mine(:), rows(:, :), found(:, :)
    type(dtl_request) :: requests(5)
    integer :: me, ranks, row
    me = ctx%rank()
    ranks = ctx%size()
    mine = input(me)
    allocate (rows(length, ranks), found(length, 5))
    found = -1
    do row = 1, ranks
      rows(:, row) = input(me + row)
    end do
    call dtl_iallreduce_func(ctx, mine, found(:, 1), affine, requests(1))
    call dtl_ireduce_func(ctx, mine, found(:, 2), affine, root=ranks - 1, request=requests(2))
    call dtl_ireduce_scatter_func(ctx, rows, found(:, 3), affine, requests(3))
    call dtl_iscan_func(ctx, mine, found(:, 4), affine, requests(4))
    call dtl_iexscan_func(ctx, mine, found(:, 5), affine, requests(5))
    call dtl_waitall(requests)
    call compare(me, ranks, found, 'functions that are issued')
  end subroutine issued

  !> Compares what the five reductions have given, of which the third has combined what all ranks had for this one.
  subroutine compare(me, ranks, found, what)
    integer, intent(in) :: me, ranks
    integer(int64), intent(in) :: found(:, :)
    character(len=*), intent(in) :: what
    call check(all(found(:, 1) == folded(0, ranks - 1)), what // ': allreduce')
    if (me == ranks - 1) call check(all(found(:, 2) == folded(0, ranks - 1)), what // ': reduce')
    call check(all(found(:, 3) == folded(me + 1, me + ranks)), what // ': reduce_scatter')
    call check(all(found(:, 4) == folded(0, me)), what // ': scan')
    if (me > 0) then
      call check(all(found(:, 5) == folded(0, me - 1)), what // ': exscan')
    else
      call check(all(found(:, 5) == -1), what // ': rank 0 receives nothing')
    end if
  end subroutine compare

  subroutine errors(ctx)
    type(dtl_context), intent(in) :: ctx
    real(real64) :: mine(3), sums(3)
    integer(c_int) :: ierr
    mine = ctx%rank() + 1
    sums = -1
    call dtl_allreduce_func(ctx, mine, sums, fails_on_two, ierr)
    call check(ierr == DTL_ERROR_REDUCE_FAILED, 'every rank learns of a failure')
    call check_error('it returned 5 (found on rank 1)', 'which names the rank')
    call check(all(nint(sums) == -1), 'nothing is written after a failure')
    call ctx%barrier()
  end subroutine errors
end module functions_tests

program functions_program
  use functions_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), everything)
    call on_ranks(ranks(i), issued)
    if (ranks(i) > 1) call on_ranks(ranks(i), errors)
  end do
  call finish('functions')
end program functions_program
