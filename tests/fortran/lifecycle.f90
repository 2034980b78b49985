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

  !> One that holds several.
  type :: fields
    type(dtl_vector), allocatable :: values(:)
  end type fields

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

  !> Arrays that end otherwise than with the procedure that declares them.
  subroutine arrays_end()
    type(dtl_context) :: ctx
    type(dtl_vector) :: fixed(3)
    type(dtl_vector), allocatable :: some(:), others(:)
    call ctx%create()
    call create_all(ctx, fixed)
    call lose_all(fixed)
    call check(dtl_live_objects() == 1, 'intent(out) frees what was there')
    allocate (some(2), others(3))
    call create_all(ctx, some)
    call create_all(ctx, others)
    call check(dtl_live_objects() == 6, 'two arrays')
    some = others(2:3)
    call check(dtl_live_objects() == 4 .and. some(2)%global_size() == 3, 'a section is assigned')
    call move_alloc(some, others)
    call check(dtl_live_objects() == 3 .and. size(others) == 2, 'move_alloc frees what was there')
    call lose_array(others)
    call check(dtl_live_objects() == 1 .and. .not. allocated(others), 'so does intent(out) of an allocatable')
    block
      type(dtl_vector) :: inner(2)
      type(dtl_vector), allocatable :: more(:)
      allocate (more(3))
      call create_all(ctx, inner)
      call create_all(ctx, more)
      call check(dtl_live_objects() == 6, 'arrays of a block')
    end block
    call check(dtl_live_objects() == 1, 'the end of a block frees its arrays')
  end subroutine arrays_end

  subroutine create_all(ctx, vecs)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector), intent(inout) :: vecs(:)
    integer :: i
    do i = 1, size(vecs)
      call vecs(i)%create(ctx, i)
    end do
  end subroutine create_all

  subroutine lose_all(vecs)
    type(dtl_vector), intent(out) :: vecs(:)
    call check(.not. any([vecs(1)%is_valid(), vecs(size(vecs))%is_valid()]), 'what is intent(out) holds nothing')
  end subroutine lose_all

  subroutine lose_array(vecs)
    type(dtl_vector), allocatable, intent(out) :: vecs(:)
    call check(.not. allocated(vecs), 'what is allocatable and intent(out) is not allocated')
  end subroutine lose_array

  subroutine components()
    type(dtl_context) :: ctx
    type(field) :: one
    type(field), allocatable :: several(:)
    type(fields) :: first
    call ctx%create()
    call one%values%create(ctx, 4)
    one%steps = one%steps + 1
    call check(dtl_live_objects() == 2, 'a component holds a vector')
    allocate (several(2))
    several = one
    call several(2)%values%create(ctx, 5)
    call check(dtl_live_objects() == 3 .and. several(1)%values%global_size() == 4, 'an array of such')
    deallocate (several)
    call check(dtl_live_objects() == 2, 'it is gone, with what it held alone')
    allocate (first%values(3))
    call create_all(ctx, first%values)
    call check(dtl_live_objects() == 5, 'an array of a component')
    deallocate (first%values)
    call check(dtl_live_objects() == 2, 'it is freed')
    allocate (first%values(2))
    call create_all(ctx, first%values)
    call check(dtl_live_objects() == 4, 'it is freed with its variable, too')
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
  call arrays_end()
  call check(dtl_live_objects() == 0, 'arrays that end otherwise')
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
