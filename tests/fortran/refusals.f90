! What the compiler accepts and the library refuses, because the descriptor of an argument says only when the program runs what it is.
! The introduction of the module `dtl` lists these; here is each with its text.

module refusals_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int8, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

  type :: point
    real(real64) :: x, y
  end type point

contains

  include 'checks.inc'

  !> The last call gave `status`, which is `expected`, with this text.
  subroutine refused(status, expected, text)
    integer(c_int), intent(in) :: status, expected
    character(len=*), intent(in) :: text
    call check(status == expected, 'the status for: ' // text)
    call check_error(text, 'the text is: ' // text)
  end subroutine refused

  !> What was issued as `request` is refused.
  subroutine refused_later(request, text)
    type(dtl_request), intent(inout) :: request
    character(len=*), intent(in) :: text
    integer(c_int) :: status
    call request%wait(ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, text)
  end subroutine refused_later

  !> No dtype has elements of these types.
  subroutine no_elements(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_map) :: map
    type(dtl_request) :: request
    type(point), target :: points(2)
    character(len=3) :: word, words(2)
    real(real64) :: x(2)
    integer(c_int) :: status
    points = point(1, 2)
    word = 'abc'
    words = word
    x = 0
    call dtl_allreduce(ctx, points, x, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'data has a type that no element has. Pass numbers or logicals.')
    call dtl_broadcast(ctx, words, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'data has a type that no element has. Pass numbers or logicals.')
    call dtl_send(ctx, word, ctx%rank(), ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'data has a type that no element has. Pass numbers or logicals.')
    call dtl_iallreduce(ctx, points, points, request=request)
    call refused_later(request, 'data has a type that no element has. Pass numbers or logicals.')
    call vec%create(ctx, 2 * ctx%size())
    call vec%copy_to_host(points, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'has a type that no element has. Pass numbers or logicals.')
    call map%create(ctx, DTL_DTYPE_INT32, DTL_DTYPE_FLOAT64)
    call map%insert(words, x, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'keys has a type that no element has. Pass numbers or logicals.')
  end subroutine no_elements

  !> Arrays of one operation have elements of one type.
  subroutine different_types(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: request
    type(dtl_map) :: map
    real(real64), target :: x(2)
    real(real32), target :: y(2)
    integer(int32) :: n(2), ranks(2)
    integer(c_int) :: status
    x = 1
    y = 1
    n = 1
    call dtl_allreduce(ctx, x, y, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'data is real(c_double) and result is real(c_float). Pass arrays of one type.')
    call dtl_reduce(ctx, x, n, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'data is real(c_double) and result is integer(c_int32_t). Pass arrays of one type.')
    call dtl_iscan(ctx, x, n, request=request)
    call refused_later(request, 'data is real(c_double) and result is integer(c_int32_t). Pass arrays of one type.')
    call dtl_allreduce_minloc(ctx, x, y, ranks, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'data is real(c_double) and values is real(c_float). Pass arrays of one type.')
    call dtl_allreduce_minloc(ctx, x, x, y, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'ranks is real(c_float) and the elements are int32.')
    call map%create(ctx, DTL_DTYPE_INT32, DTL_DTYPE_FLOAT64)
    call map%insert(x, n, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'keys is real(c_double) and the elements are int32. Pass integer(c_int32_t).')
    call map%insert(n, n, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'values is integer(c_int32_t) and the elements are float64. Pass real(c_double).')
    call check(all(nint(x) == 1 .and. nint(y) == 1 .and. n == 1), 'what is refused changes nothing')
  end subroutine different_types

  !> Operations that take some types of elements only.
  subroutine limited_types(ctx)
    type(dtl_context), intent(in) :: ctx
    complex(real64) :: z(1)
    integer(int32) :: ranks(1)
    integer(c_int) :: status
    z = 1
    call dtl_allreduce_minloc(ctx, z, z, ranks, ierr=status)
    call refused(status, DTL_ERROR_NOT_SUPPORTED, 'complex128')
    call dtl_allreduce_maxloc(ctx, z, z, ranks, ierr=status)
    call refused(status, DTL_ERROR_NOT_SUPPORTED, 'complex128')
  end subroutine limited_types

  !> Forms that do not block use elements where they are, and default logicals would be converted in a copy.
  subroutine default_logicals(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: request
    logical, target :: flags(2)
    flags = .true.
    call dtl_ibroadcast(ctx, flags, request=request)
    call refused_later(request, 'data is logical, which would be converted in a copy, and the call ends before the ' // &
        'operation. Pass logical(c_bool).')
  end subroutine default_logicals

  !> Numbers of 64 bits, and lists of them.
  subroutine numbers(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_tensor) :: tensor
    real(real64) :: x(4)
    integer(c_int) :: status
    integer :: owner
    call vec%create(ctx, 4.0_real64, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'size is no integer(c_int32_t) and no integer(c_int64_t). Pass one of these.')
    call vec%create(ctx, 4)
    call vec%owner(1_int8, owner, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'index is no integer(c_int32_t) and no integer(c_int64_t). Pass one of these.')
    call vec%get(.true., x, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'first is no integer(c_int32_t) and no integer(c_int64_t). Pass one of these.')
    call vec%get(1, x, step=2.0_real32, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'step is no integer(c_int32_t) and no integer(c_int64_t). Pass one of these.')
    call tensor%create(ctx, [2.0_real64, 3.0_real64], ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, &
        'shape is no list of integer(c_int32_t) or integer(c_int64_t). Pass one of these.')
    call tensor%create(ctx, reshape([2, 3], [1, 2]), ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'shape has 2 dimensions. Pass a list of integers.')
    call tensor%create(ctx, 6, ierr=status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, 'shape has 0 dimensions. Pass a list of integers.')
  end subroutine numbers

  !> Arrays of assumed size in calls of type-bound procedures.
  subroutine assumed_size(ctx)
    type(dtl_context), intent(in) :: ctx
    real(real64) :: x(4)
    x = 0
    call bound(ctx, x)
  end subroutine assumed_size

  subroutine bound(ctx, x)
    type(dtl_context), intent(in) :: ctx
    real(real64), intent(inout) :: x(*)
    type(dtl_vector) :: vec
    integer(c_int) :: status
    call vec%create(ctx, ctx%size())
    call vec%copy_to_host(x, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, ' is an array of assumed size, or one without elements')
    call vec%copy_from_host(x, status)
    call refused(status, DTL_ERROR_INVALID_ARGUMENT, ' is an array of assumed size, or one without elements')
    call vec%copy_to_host(x(1:1))
  end subroutine bound
end module refusals_tests

program refusals
  use refusals_tests
  implicit none
  integer, parameter :: ranks(2) = [1, 2]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), no_elements)
    call on_ranks(ranks(i), different_types)
    call on_ranks(ranks(i), limited_types)
    call on_ranks(ranks(i), default_logicals)
    call on_ranks(ranks(i), numbers)
    call on_ranks(ranks(i), assumed_size)
  end do
  call finish('refusals')
end program refusals
