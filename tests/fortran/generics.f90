! One name for every element type, for scalars, arrays of any rank and sections, and for truth values of both kinds.

module generics_tests
  use, intrinsic :: iso_c_binding, only: c_bool
  use, intrinsic :: iso_fortran_env, only: error_unit, int8, int16, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine types(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int8) :: i8
    integer(int16) :: i16
    integer(int32) :: i32
    integer(int64) :: i64
    real(real32) :: r32
    real(real64) :: r64
    complex(real32) :: c32
    complex(real64) :: c64
    integer :: n
    n = ctx%size()
    call dtl_allreduce(ctx, 2_int8, i8)
    call check(i8 == 2 * n, 'int8')
    call dtl_allreduce(ctx, 300_int16, i16)
    call check(i16 == 300 * n, 'int16')
    call dtl_allreduce(ctx, 70000_int32, i32)
    call check(i32 == 70000 * n, 'int32')
    call dtl_allreduce(ctx, 5000000000_int64, i64)
    call check(i64 == 5000000000_int64 * n, 'int64')
    call dtl_allreduce(ctx, 0.25_real32, r32)
    call check(nint(4 * r32) == n, 'float32')
    call dtl_allreduce(ctx, 0.25_real64, r64)
    call check(nint(4 * r64) == n, 'float64')
    call dtl_allreduce(ctx, (1.0_real32, 2.0_real32), c32)
    call check(nint(real(c32)) == n .and. nint(aimag(c32)) == 2 * n, 'complex64')
    call dtl_allreduce(ctx, (1.0_real64, 2.0_real64), c64)
    call check(nint(real(c64)) == n .and. nint(aimag(c64)) == 2 * n, 'complex128')
  end subroutine types

  subroutine ranks_and_sections(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int32) :: line(6), plane(2, 3), cube(2, 3, 2), sum_line(6), sum_plane(2, 3), sum_cube(2, 3, 2)
    integer :: i, n
    n = ctx%size()
    line = [(i, i = 1, 6)]
    plane = reshape(line, [2, 3])
    cube = reshape([line, 10 * line], [2, 3, 2])
    call dtl_allreduce(ctx, line, sum_line)
    call check(all(sum_line == n * line), 'rank 1')
    call dtl_allreduce(ctx, plane, sum_plane)
    call check(all(sum_plane == n * plane), 'rank 2')
    call dtl_allreduce(ctx, cube, sum_cube)
    call check(all(sum_cube == n * cube), 'rank 3')
    call dtl_allreduce(ctx, plane, sum_line)
    call check(all(sum_line == n * line), 'different ranks of equal size')
    call dtl_allreduce(ctx, 2 * line + 1, sum_line)
    call check(all(sum_line == n * (2 * line + 1)), 'an expression')
    sum_line = 0
    call dtl_allreduce(ctx, line(2::2), sum_line(1:5:2))
    call check(all(sum_line == n * [2, 0, 4, 0, 6, 0]), 'strided sections in and out')
    sum_cube = -1
    call dtl_allreduce(ctx, cube(2, :, :), sum_cube(1, :, :))
    call check(all(sum_cube(1, :, :) == n * cube(2, :, :)) .and. all(sum_cube(2, :, :) == -1), &
        'only the section is written')
    call dtl_allreduce(ctx, line(6:1:-1), sum_line)
    call check(all(sum_line == n * line(6:1:-1)), 'a reversed section')
    call dtl_allreduce(ctx, line(1:0), sum_line(1:0))
    call check(.true., 'no elements')
  end subroutine ranks_and_sections

  subroutine logicals(ctx)
    type(dtl_context), intent(in) :: ctx
    logical(c_bool) :: byte, bytes(2)
    logical :: word, part(2), strided(4)
    logical, allocatable :: words(:)
    integer :: i
    allocate (words(0:ctx%size() - 1))
    call dtl_allreduce(ctx, logical(ctx%rank() == 0, c_bool), byte, DTL_OP_LOR)
    call check(logical(byte), 'c_bool: some rank has it')
    call dtl_allreduce(ctx, ctx%rank() == 0, word, DTL_OP_LAND)
    call check(word .eqv. ctx%size() == 1, 'logical: every rank has it')
    call dtl_allgather(ctx, modulo(ctx%rank(), 2) == 0, words)
    call check(all(words .eqv. [(modulo(i, 2) == 0, i = 0, ctx%size() - 1)]), 'logical: allgather')
    part = [ctx%rank() == 0, .false.]
    call dtl_broadcast(ctx, part)
    call check(part(1) .and. .not. part(2), 'logical: broadcast in place')
    bytes = [logical(.true., c_bool), logical(.false., c_bool)]
    call dtl_broadcast(ctx, bytes)
    call check(logical(bytes(1) .and. .not. bytes(2)), 'c_bool: broadcast in place')
    strided = .false.
    call dtl_allreduce(ctx, [.true., .true.], strided(2:4:2), DTL_OP_LAND)
    call check(all(strided .eqv. [.false., .true., .false., .true.]), 'logical: strided result')
    if (ctx%is_root()) then
      call dtl_gather(ctx, .true., words)
      call check(all(words), 'logical: gather at the root')
    else
      call dtl_gather(ctx, .true.)
    end if
  end subroutine logicals

  subroutine widths(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    call vec%create(ctx, 12)
    call check(vec%global_size() == 12, 'default integer')
    call vec%create(ctx, 12_int64)
    call check(vec%global_size() == 12, 'int64')
    call vec%create(ctx, 12, partition=DTL_PARTITION_BLOCK_CYCLIC, block_size=5_int64)
    call check(vec%global_size() == 12, 'default integer and int64')
    call vec%create(ctx, 12_int64, DTL_DTYPE_INT32, 1_int32, DTL_PARTITION_CYCLIC, DTL_PLACEMENT_HOST, &
        DTL_EXEC_SEQ, 0, 5)
    call check(vec%partition_policy() == DTL_PARTITION_CYCLIC, 'every argument by position')
  end subroutine widths
end module generics_tests

program generics
  use generics_tests
  implicit none
  call on_ranks(1, types)
  call on_ranks(3, types)
  call on_ranks(1, ranks_and_sections)
  call on_ranks(2, ranks_and_sections)
  call on_ranks(1, logicals)
  call on_ranks(4, logicals)
  call on_ranks(2, widths)
  call finish('generics')
end program generics
