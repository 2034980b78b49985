! Positions of elements, counted from 1, against a list of all elements that the test makes itself.

module indices_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine all_partitions(ctx)
    type(dtl_context), intent(in) :: ctx
    integer :: size
    do size = 0, 13
      call compare(ctx, size, DTL_PARTITION_BLOCK, 1)
      call compare(ctx, size, DTL_PARTITION_CYCLIC, 1)
      call compare(ctx, size, DTL_PARTITION_BLOCK_CYCLIC, 3)
      call hashed(ctx, size)
      call replicated(ctx, size)
    end do
  end subroutine all_partitions

  !> Which rank owns an element of a hashed vector is dtl's own affair; but all ranks say the same, and one of them has it.
  subroutine hashed(ctx, size)
    type(dtl_context), intent(in) :: ctx
    integer, intent(in) :: size
    type(dtl_vector) :: vec
    integer(int64), allocatable :: indices(:)
    integer(int32) :: times(size), all_times(size), owners(size), smallest(size)
    integer :: i
    call vec%create(ctx, size, partition=DTL_PARTITION_HASH)
    call vec%global_indices(indices)
    times = 0
    times(indices) = 1
    call dtl_allreduce(ctx, times, all_times)
    call check(all(all_times == 1), 'hash: every element is on one rank')
    do i = 1, size
      call vec%owner(i, owners(i))
    end do
    call check(all((owners == ctx%rank()) .eqv. (times == 1)), 'hash: owners have their elements')
    call dtl_allreduce(ctx, owners, smallest, DTL_OP_MIN)
    call check(all(owners == smallest), 'hash: all ranks name the same owners')
  end subroutine hashed

  subroutine replicated(ctx, size)
    type(dtl_context), intent(in) :: ctx
    integer, intent(in) :: size
    type(dtl_vector) :: vec
    integer(int64), allocatable :: indices(:)
    integer :: i
    call vec%create(ctx, size, partition=DTL_PARTITION_REPLICATED)
    call vec%global_indices(indices)
    call check(vec%local_size() == size .and. all(indices == [(int(i, int64), i = 1, size)]), &
        'replicated: every rank has all elements')
  end subroutine replicated

  !> Rank of each element, by dealing the elements out one after the other.
  pure function dealt(size, ranks, partition, block) result(owners)
    integer, intent(in) :: size, ranks, partition, block
    integer :: owners(size)
    integer :: i, rank, left
    rank = 0
    left = 0
    select case (partition)
    case (DTL_PARTITION_BLOCK)
      do i = 1, size
        if (left == 0) left = size / ranks + merge(1, 0, rank < mod(size, ranks))
        owners(i) = rank
        left = left - 1
        if (left == 0) rank = rank + 1
      end do
    case default
      do i = 1, size
        owners(i) = rank
        left = left + 1
        if (left == block) then
          left = 0
          rank = mod(rank + 1, ranks)
        end if
      end do
    end select
  end function dealt

  subroutine compare(ctx, size, partition, block)
    type(dtl_context), intent(in) :: ctx
    integer, intent(in) :: size, partition, block
    type(dtl_vector) :: vec
    integer :: owners(size), owner, i, ierr, mine
    integer(int64) :: local, global
    integer(int64), allocatable :: indices(:)
    logical :: here, right
    character(len=60) :: what
    owners = dealt(size, ctx%size(), partition, block)
    call vec%create(ctx, size, partition=partition, block_size=block)
    write (what, '(3(a,i0))') 'partition ', partition, ', size ', size, ', ranks ', ctx%size()
    mine = count(owners == ctx%rank())
    call check(vec%local_size() == mine, trim(what) // ': local size')
    call vec%global_indices(indices)
    call check(all(indices == pack([(int(i, int64), i = 1, size)], owners == ctx%rank())), &
        trim(what) // ': global indices')
    right = vec%local_offset() == size
    if (mine > 0) right = vec%local_offset() == indices(1) - 1
    call check(right, trim(what) // ': local offset')
    right = .true.
    local = 0
    do i = 1, size
      call vec%owner(i, owner)
      call vec%is_local(i, here)
      right = right .and. owner == owners(i) .and. (here .eqv. owners(i) == ctx%rank())
      if (here) then
        local = local + 1
        call vec%to_local(i, global)
        right = right .and. global == local
        call vec%to_global(local, global)
        right = right .and. global == i
      else
        call vec%to_local(i, global, ierr)
        right = right .and. ierr == DTL_ERROR_INVALID_INDEX .and. global == 0
      end if
    end do
    call check(right, trim(what) // ': owner, is_local, to_local, to_global')
    call vec%owner(0, owner, ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, trim(what) // ': index 0')
    call vec%owner(size + 1_int64, owner, ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, trim(what) // ': index n + 1')
  end subroutine compare
end module indices_tests

program indices
  use indices_tests
  implicit none
  call on_ranks(1, all_partitions)
  call on_ranks(2, all_partitions)
  call on_ranks(4, all_partitions)
  call finish('indices')
end program indices
