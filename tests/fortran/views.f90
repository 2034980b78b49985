! Local elements: views without a copy, copies in and out, fill, for every element type.

module views_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_loc
  use, intrinsic :: iso_fortran_env, only: error_unit, int8, int16, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine is_no_copy(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    real(real64), pointer, contiguous :: view(:), again(:)
    real(real64), allocatable, target :: copy(:)
    integer :: i
    call vec%create(ctx, 10, fill=0.5_real64)
    call vec%local_view(view)
    call check(size(view) == vec%local_size(), 'a view has the local elements')
    call check(is(view, 0.5_real64), 'fill sets every element')
    view = [(real(i, real64), i = 1, size(view))]
    call vec%local_view(again)
    call check(size(view) == 0 .or. associated(again, view), 'two views are the same memory')
    allocate (copy(vec%local_size()))
    call vec%copy_to_host(copy)
    call check(is(copy - view, 0.0_real64), 'a copy holds what was written through the view')
    copy = -copy
    call vec%copy_from_host(copy)
    call check(is(copy - view, 0.0_real64), 'the view shows what was copied in')
    call vec%fill(2.0_real64)
    call check(is(view, 2.0_real64), 'the view shows what was filled in')
  end subroutine is_no_copy

  subroutine empty_parts(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    integer(int32), pointer, contiguous :: view(:)
    integer(int64), allocatable :: indices(:)
    integer(int32) :: none(0)
    call vec%create(ctx, 0, dtype=DTL_DTYPE_INT32)
    call vec%local_view(view)
    call vec%global_indices(indices)
    call vec%copy_to_host(none)
    call check(vec%empty() .and. size(view) == 0 .and. size(indices) == 0, 'a vector without elements')
    call vec%create(ctx, 1, dtype=DTL_DTYPE_INT32, fill=3_int32)
    call vec%local_view(view)
    call check(all(view == 3) .and. (size(view) == 1 .eqv. ctx%rank() == 0), 'one element on rank 0')
  end subroutine empty_parts

  subroutine every_type(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    integer(int8), pointer, contiguous :: i8(:)
    integer(int16), pointer, contiguous :: i16(:)
    integer(int32), pointer, contiguous :: i32(:)
    integer(int64), pointer, contiguous :: i64(:)
    real(real32), pointer, contiguous :: r32(:)
    real(real64), pointer, contiguous :: r64(:)
    complex(real32), pointer, contiguous :: c32(:)
    complex(real64), pointer, contiguous :: c64(:)
    logical(c_bool), pointer, contiguous :: bool(:)
    logical :: truth(2)
    call vec%create(ctx, 2, dtype=DTL_DTYPE_INT8, fill=-8_int8)
    call vec%local_view(i8)
    call check(all(i8 == -8), 'int8')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_INT16, fill=-16_int16)
    call vec%local_view(i16)
    call check(all(i16 == -16), 'int16')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_INT32, fill=-32_int32)
    call vec%local_view(i32)
    call check(all(i32 == -32), 'int32')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_INT64, fill=-64_int64)
    call vec%local_view(i64)
    call check(all(i64 == -64), 'int64')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_FLOAT32, fill=3.25_real32)
    call vec%local_view(r32)
    call check(all(nint(4 * r32) == 13), 'float32')
    call vec%create(ctx, 2, fill=6.5_real64)
    call vec%local_view(r64)
    call check(vec%dtype() == DTL_DTYPE_FLOAT64 .and. all(nint(2 * r64) == 13), 'float64 is the default')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_COMPLEX64, fill=(1.0_real32, -2.0_real32))
    call vec%local_view(c32)
    call check(all(nint(real(c32)) == 1) .and. all(nint(aimag(c32)) == -2), 'complex64')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_COMPLEX128, fill=(3.0_real64, 4.0_real64))
    call vec%local_view(c64)
    call check(all(nint(abs(c64)) == 5), 'complex128')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_BOOL, fill=.true._c_bool)
    call vec%local_view(bool)
    call check(logical(all(bool)), 'bool')
    bool(2) = .false._c_bool
    call vec%copy_to_host(truth)
    call check(truth(1) .and. .not. truth(2), 'bool as default logicals')
    call vec%copy_from_host([.false., .true.])
    call check(logical(bool(2) .and. .not. bool(1)), 'default logicals to bool')
    call vec%fill(.true.)
    call check(logical(all(bool)), 'bool filled with a default logical')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_UINT32, fill=-1_int32)
    call vec%local_view(i32)
    call check(all(i32 == -1), 'uint32 is seen as int32')
    call vec%create(ctx, 2, dtype=DTL_DTYPE_BYTE, fill=7_int8)
    call vec%local_view(i8)
    call check(all(i8 == 7), 'byte is seen as int8')
  end subroutine every_type

  subroutine sections(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    real(real64) :: matrix(3, 4), cube(2, 3, 2), every_second(12)
    integer :: i
    call vec%create(ctx, 12)
    matrix = reshape([(real(i, real64), i = 1, 12)], [3, 4])
    call vec%copy_from_host(matrix)
    call vec%copy_to_host(cube)
    call check(is(reshape(cube, [12]) - reshape(matrix, [12]), 0.0_real64), 'rank 2 in, rank 3 out')
    call vec%create(ctx, 4)
    call vec%copy_from_host(matrix(2, :))
    every_second = 0
    call vec%copy_to_host(every_second(2:8:2))
    call check(all(nint(every_second) == [0, 2, 0, 5, 0, 8, 0, 11, 0, 0, 0, 0]), 'rows and every second element')
    call vec%create(ctx, 1)
    call vec%copy_from_host(42.0_real64)
    call vec%copy_to_host(every_second(1))
    call check(nint(every_second(1)) == 42, 'scalars')
  end subroutine sections

  pure function is(values, expected)
    real(real64), intent(in) :: values(:), expected
    logical :: is
    is = all(abs(values - expected) <= 0)
  end function is
end module views_tests

program views
  use views_tests
  implicit none
  call on_ranks(1, is_no_copy)
  call on_ranks(2, is_no_copy)
  call on_ranks(4, empty_parts)
  call on_ranks(1, every_type)
  call on_ranks(1, sections)
  call finish('views')
end program views
