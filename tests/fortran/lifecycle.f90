! Objects live as long as variables hold them: copies, arrays, allocatables, early returns.

module lifecycle_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

  !> A type of a program that holds a vector.
  type :: field
    type(dtl_vector) :: values
    integer :: steps = 0
  end type field

contains

  include 'checks.inc'

  subroutine scalars()
    type(dtl_context) :: ctx
    type(dtl_vector) :: vec
    call check(dtl_live_objects() == 0, 'nothing is alive at the start')
    call check(.not. ctx%is_valid(), 'a variable holds nothing at first')
    call ctx%create()
    call check(ctx%is_valid() .and. dtl_live_objects() == 1, 'a context is alive')
    call vec%create(ctx, 5)
    call check(dtl_live_objects() == 2, 'a vector is alive')
    call vec%create(ctx, 6_int64)
    call check(vec%global_size() == 6 .and. dtl_live_objects() == 2, 'creating again frees the old one')
  end subroutine scalars

  subroutine copies()
    type(dtl_context) :: ctx
    type(dtl_vector) :: first, second, other
    real(real64), pointer, contiguous :: view(:), same(:)
    call ctx%create()
    call first%create(ctx, 3, fill=1.0_real64)
    second = first
    call check(dtl_live_objects() == 2, 'a copy is the same vector')
    call first%local_view(view)
    view = 7
    call second%local_view(same)
    call check(all(abs(same - 7) <= 0), 'what is written through one is seen through the other')
    call itself(first)
    call check(first%is_valid() .and. dtl_live_objects() == 2, 'a variable may be assigned to itself')
    call other%create(ctx, 9)
    call check(dtl_live_objects() == 3, 'another vector')
    second = other
    call check(second%global_size() == 9 .and. first%global_size() == 3, 'a copy can hold another one')
    first = other
    call check(dtl_live_objects() == 2, 'the first vector is gone with its last variable')
    call clear(other)
    call clear(first)
    call check(.not. first%is_valid() .and. second%is_valid(), 'one variable lets go')
    call clear(second)
    call check(dtl_live_objects() == 1, 'the second vector is gone too')
  end subroutine copies

  subroutine itself(vec)
    type(dtl_vector), intent(inout) :: vec
    vec = vec
  end subroutine itself

  subroutine clear(vec)
    type(dtl_vector), intent(inout) :: vec
    type(dtl_vector) :: nothing
    vec = nothing
  end subroutine clear

  subroutine arrays()
    type(dtl_context) :: ctx
    type(dtl_vector) :: fixed(3), matrix(2, 2)
    type(dtl_vector), allocatable :: some(:), one
    integer :: i
    call ctx%create()
    do i = 1, 3
      call fixed(i)%create(ctx, i)
    end do
    call check(dtl_live_objects() == 4, 'three vectors in an array')
    matrix = fixed(2)
    call check(all([matrix(1, 1)%global_size(), matrix(2, 2)%global_size()] == 2), 'one in every element')
    allocate (some(3))
    some = fixed
    allocate (one)
    one = fixed(1)
    call check(dtl_live_objects() == 4, 'copies in allocatables')
    fixed(1) = some(3)
    call check(dtl_live_objects() == 4, 'others hold it still')
    deallocate (one)
    call check(dtl_live_objects() == 4, 'some(1) holds it still')
    deallocate (some)
    call check(dtl_live_objects() == 3, 'the first vector is gone')
  end subroutine arrays

  subroutine components()
    type(dtl_context) :: ctx
    type(field) :: one
    call ctx%create()
    call one%values%create(ctx, 4)
    one%steps = one%steps + 1
    call check(dtl_live_objects() == 2, 'a component holds a vector')
  end subroutine components

  subroutine leaves_early(leave)
    logical, intent(in) :: leave
    type(dtl_context) :: ctx
    type(dtl_vector) :: vec
    call ctx%create()
    call vec%create(ctx, 4)
    if (leave) return
    call check(vec%global_size() == 4, 'not left')
  end subroutine leaves_early

  subroutine outlives_its_context()
    type(dtl_vector) :: vec
    call make(vec)
    call check(vec%local_size() == 8 .and. dtl_live_objects() == 2, 'a vector keeps its context')
  end subroutine outlives_its_context

  subroutine make(vec)
    type(dtl_vector), intent(out) :: vec
    type(dtl_context) :: ctx
    call ctx%create()
    call vec%create(ctx, 8)
  end subroutine make

  subroutine failing()
    type(dtl_context) :: ctx
    type(dtl_vector) :: vec
    integer :: ierr
    call ctx%create()
    call vec%create(ctx, 8)
    call vec%create(ctx, -1, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT .and. vec%global_size() == 8, &
        'a variable keeps what it holds when creating fails')
  end subroutine failing

  subroutine many_contexts()
    type(dtl_context), allocatable :: contexts(:)
    call dtl_context_threads(3, contexts)
    call check(size(contexts) == 3 .and. dtl_live_objects() == 3, 'three contexts')
    call dtl_context_threads(2, contexts)
    call check(size(contexts) == 2 .and. dtl_live_objects() == 2, 'two in the place of three')
  end subroutine many_contexts
end module lifecycle_tests

program lifecycle
  use dtl, only: dtl_live_objects
  use lifecycle_tests
  implicit none
  call scalars()
  call check(dtl_live_objects() == 0, 'scalars')
  call copies()
  call check(dtl_live_objects() == 0, 'copies')
  call arrays()
  call check(dtl_live_objects() == 0, 'arrays')
  call components()
  call check(dtl_live_objects() == 0, 'components')
  call leaves_early(.true.)
  call leaves_early(.false.)
  call check(dtl_live_objects() == 0, 'early return')
  call outlives_its_context()
  call check(dtl_live_objects() == 0, 'a vector outlives the variable of its context')
  call failing()
  call check(dtl_live_objects() == 0, 'failing')
  call many_contexts()
  call check(dtl_live_objects() == 0, 'contexts of threads')
  call finish('lifecycle')
end program lifecycle
