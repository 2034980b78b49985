! Sections whose elements are not one after the other, of every size of elements: what is read, what is written, and that nothing between
! is touched. Truth values of every kind, whose elements take other bytes in C.

module sections_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int8, int16, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine sizes(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int8) :: bytes(9), bytes_of_all(9)
    integer(int16) :: shorts(9)
    real(real32) :: reals(9)
    complex(real64) :: numbers(9), numbers_of_all(5)
    integer :: i, n
    n = ctx%size()
    bytes = [(int(i, int8), i = 1, 9)]
    bytes_of_all = -1
    call dtl_allreduce(ctx, bytes(9:1:-2), bytes_of_all(1:9:2), DTL_OP_MAX)
    call check(all(bytes_of_all(1:9:2) == bytes(9:1:-2)) .and. all(bytes_of_all(2:8:2) == -1), 'int8')
    shorts = [(int(i, int16), i = 1, 9)]
    call dtl_allreduce(ctx, shorts(1:7:3), shorts(2:8:3))
    call check(all(shorts == [1, n, 3, 4, 4 * n, 6, 7, 7 * n, 9]), 'int16, in and out of one array')
    reals = [(real(i), i = 1, 9)]
    if (ctx%rank() /= 0) reals = -reals
    call dtl_broadcast(ctx, reals(3::3))
    call check(all(nint(reals(3::3)) == [3, 6, 9]), 'real32, in place')
    call check(all(nint(abs(reals)) == [(i, i = 1, 9)]) .and. (ctx%rank() == 0 .or. nint(reals(1)) == -1), &
        'real32, and nothing else')
    numbers = [(cmplx(i, -i, real64), i = 1, 9)]
    call dtl_allreduce(ctx, numbers(::2), numbers_of_all)
    call check(all(nint(real(numbers_of_all)) == [(n * i, i = 1, 9, 2)]), 'complex128')
  end subroutine sizes

  subroutine several_dimensions(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), target :: cube(4, 5, 6)
    integer(int64) :: written(5, 7, 3)
    integer(int64), allocatable :: gathered(:, :, :, :)
    integer(int64), pointer :: odd(:, :)
    integer :: i, n
    n = ctx%size()
    cube = reshape([(int(i, int64), i = 1, size(cube))], shape(cube))
    allocate (gathered(2, 3, 2, n), source=0_int64)
    call dtl_allgather(ctx, cube(4:1:-3, 1:5:2, 2:6:4), gathered)
    do i = 1, n
      call check(all(gathered(:, :, :, i) == cube(4:1:-3, 1:5:2, 2:6:4)), 'three dimensions, one of them backwards')
    end do
    written = -1
    call dtl_allreduce(ctx, cube(1, :, ::3), written(5:1:-1, 3:5:2, 2), DTL_OP_MIN)
    call check(all(written(5:1:-1, 3:5:2, 2) == cube(1, :, ::3)), 'two dimensions of three')
    call check(count(written /= -1) == 10, 'nothing else is written')
    odd => cube(1::2, 1::2, 1)
    call dtl_allreduce(ctx, odd, odd)
    call check(cube(3, 3, 1) == 11 * n .and. cube(2, 3, 1) == 10, 'a pointer to a section')
  end subroutine several_dimensions

  subroutine logicals(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: short = selected_int_kind(4), long = selected_int_kind(18), longest = selected_int_kind(38)
    logical(short) :: shorts(3)
    logical(longest) :: two(2)
    logical(long) :: longs(4), of_all(4)
    logical :: table(3, 4), sums(4, 3)
    logical(c_bool) :: bytes(6)
    integer :: i
    shorts = [.true., .false., .true.]
    call dtl_allreduce(ctx, shorts, shorts, DTL_OP_LAND)
    call check(all(logical(shorts) .eqv. [.true., .false., .true.]), 'logicals of two bytes')
    longs = [.true., .false., .false., .true.]
    of_all = .false.
    call dtl_allreduce(ctx, longs(4:1:-1), of_all, DTL_OP_LOR)
    call check(all(logical(of_all) .eqv. [.true., .false., .false., .true.]), 'logicals of eight bytes, backwards')
    two = [.false., .true.]
    call dtl_allreduce(ctx, two, two, DTL_OP_LAND)
    call check(all(transfer(two, [0_int64]) == [0_int64, 0_int64, 1_int64, 0_int64]), 'logicals of sixteen bytes')
    table = reshape([(modulo(i, 3) == 0, i = 1, 12)], [3, 4])
    sums = .true.
    call dtl_allreduce(ctx, table(3:2:-1, 1:3), sums(1:2, :), DTL_OP_LAND)
    call check(all(sums(1:2, :) .eqv. table(3:2:-1, 1:3)) .and. all(sums(3:4, :)), 'default logicals in two dimensions')
    bytes = .false.
    call dtl_allreduce(ctx, bytes(1:3) .or. .true._c_bool, bytes(2::2), DTL_OP_LAND)
    call check(all(logical(bytes(2::2))) .and. .not. any(logical(bytes(1::2))), 'c_bool')
  end subroutine logicals

  !> What is used after the call has ended is not copied.
  subroutine requests(ctx)
    type(dtl_context), intent(in) :: ctx
    real(real64), asynchronous, target :: x(6)
    type(dtl_request) :: request
    integer(c_int) :: status
    x = 1
    call dtl_ibroadcast(ctx, x(1::2), request=request)
    call request%wait(ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'a section is refused')
    call check_error('data is a section whose elements are not one after the other', 'its name is told')
    call dtl_iallreduce(ctx, x(1:3), x(4:6), request=request)
    call request%wait()
    call check(all(nint(x(4:6)) == ctx%size()), 'one whose elements are one after the other is not')
  end subroutine requests
end module sections_tests

program sections
  use sections_tests
  implicit none
  integer, parameter :: ranks(2) = [1, 3]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), sizes)
    call on_ranks(ranks(i), several_dimensions)
    call on_ranks(ranks(i), logicals)
    call on_ranks(ranks(i), requests)
  end do
  call finish('sections')
end program sections
