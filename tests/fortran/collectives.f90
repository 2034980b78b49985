! The collective operations on 1, 2 and 4 ranks, against values that the test computes itself from all ranks' inputs.

module collectives_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> What rank `rank` contributes.
  pure function input(rank) result(values)
    integer, intent(in) :: rank
    integer(int64) :: values(3)
    values = [3_int64 + rank, 7_int64 - 2 * rank, int(modulo(5 * rank, 3), int64)]
  end function input

  !> The values of all ranks combined, one rank after the other.
  pure function combined(op, ranks) result(values)
    integer, intent(in) :: op, ranks
    integer(int64) :: values(3)
    integer :: rank
    values = input(0)
    select case (op)
    case (DTL_OP_LAND, DTL_OP_LOR, DTL_OP_LXOR)
      values = merge(1, 0, values /= 0)
    end select
    do rank = 1, ranks - 1
      select case (op)
      case (DTL_OP_SUM); values = values + input(rank)
      case (DTL_OP_PROD); values = values * input(rank)
      case (DTL_OP_MIN); values = min(values, input(rank))
      case (DTL_OP_MAX); values = max(values, input(rank))
      case (DTL_OP_LAND); values = merge(1, 0, values /= 0 .and. input(rank) /= 0)
      case (DTL_OP_LOR); values = merge(1, 0, values /= 0 .or. input(rank) /= 0)
      case (DTL_OP_LXOR); values = merge(1, 0, (values /= 0) .neqv. (input(rank) /= 0))
      case (DTL_OP_BAND); values = iand(values, input(rank))
      case (DTL_OP_BOR); values = ior(values, input(rank))
      case (DTL_OP_BXOR); values = ieor(values, input(rank))
      end select
    end do
  end function combined

  !> What changes nothing when it is combined with another value.
  pure function identity(op) result(value)
    integer, intent(in) :: op
    integer(int64) :: value
    select case (op)
    case (DTL_OP_PROD, DTL_OP_LAND); value = 1
    case (DTL_OP_MIN); value = huge(value)
    case (DTL_OP_MAX); value = -huge(value) - 1
    case (DTL_OP_BAND); value = -1
    case default; value = 0
    end select
  end function identity

  subroutine reductions(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: ops(*) = [DTL_OP_SUM, DTL_OP_PROD, DTL_OP_MIN, DTL_OP_MAX, DTL_OP_LAND, &
        DTL_OP_LOR, DTL_OP_BAND, DTL_OP_BOR, DTL_OP_LXOR, DTL_OP_BXOR]
    integer(int64) :: data(3), result(3), expected(3)
    character(len=:), allocatable :: name
    integer :: i, root
    data = input(ctx%rank())
    do i = 1, size(ops)
      ! gfortran keeps the length of what such a function gives in one place for all threads.
      !$omp critical (texts)
      name = dtl_reduce_op_name(ops(i))
      !$omp end critical (texts)
      expected = combined(ops(i), ctx%size())
      call dtl_allreduce(ctx, data, result, ops(i))
      call check(all(result == expected), 'allreduce ' // name)
      call dtl_scan(ctx, data, result, ops(i))
      call check(all(result == combined(ops(i), ctx%rank() + 1)), 'scan ' // name)
      call dtl_exscan(ctx, data, result, ops(i))
      expected = merge(combined(ops(i), ctx%rank()), identity(ops(i)), ctx%rank() > 0)
      call check(all(result == expected), 'exscan ' // name)
      expected = combined(ops(i), ctx%size())
      do root = 0, ctx%size() - 1
        result = -99
        if (ctx%rank() == root) then
          call dtl_reduce(ctx, data, result, op=ops(i), root=root)
          call check(all(result == expected), 'reduce ' // name)
        else
          call dtl_reduce(ctx, data, op=ops(i), root=root)
        end if
      end do
    end do
    call dtl_allreduce(ctx, data, result)
    call check(all(result == combined(DTL_OP_SUM, ctx%size())), 'allreduce adds by default')
    call dtl_reduce(ctx, data, result)
    if (ctx%is_root()) call check(all(result == combined(DTL_OP_SUM, ctx%size())), 'reduce adds at rank 0 by default')
  end subroutine reductions

  subroutine movements(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), allocatable :: all_data(:, :), result(:, :)
    integer(int64) :: mine(3)
    integer :: root, rank, ierr
    allocate (all_data(3, 0:ctx%size() - 1), result(3, 0:ctx%size() - 1))
    do rank = 0, ctx%size() - 1
      all_data(:, rank) = input(rank)
    end do
    mine = input(ctx%rank())
    result = -99
    call dtl_allgather(ctx, mine, result)
    call check(all(result == all_data), 'allgather')
    do root = 0, ctx%size() - 1
      result = -99
      if (ctx%rank() == root) then
        call dtl_gather(ctx, mine, result, root)
        call check(all(result == all_data), 'gather')
      else
        call dtl_gather(ctx, mine, root=root)
      end if

      mine = merge(input(root), -1_int64, ctx%rank() == root)
      call dtl_broadcast(ctx, mine, root)
      call check(all(mine == input(root)), 'broadcast')

      mine = -99
      if (ctx%rank() == root) then
        call dtl_scatter(ctx, all_data, mine, root)
      else
        call dtl_scatter(ctx, result=mine, root=root)
      end if
      call check(all(mine == input(ctx%rank())), 'scatter')
    end do
    ! Column `to` on rank `from` is that of rank `from + 2 * to`.
    do rank = 0, ctx%size() - 1
      all_data(:, rank) = input(ctx%rank() + 2 * rank)
    end do
    call dtl_alltoall(ctx, all_data, result)
    call dtl_reduce_scatter(ctx, all_data, mine)
    do rank = 0, ctx%size() - 1
      call check(all(result(:, rank) == input(rank + 2 * ctx%rank())), 'alltoall')
    end do
    call check(all(mine == sum(result, dim=2)), 'reduce_scatter')
    call dtl_alltoall(ctx, all_data, all_data)
    call check(all(all_data == result), 'alltoall in place')
    if (ctx%size() > 1) then
      call dtl_alltoall(ctx, all_data(1, 1:), result(1, 1:), ierr)
      call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'alltoall of too few columns')
    end if
    do rank = 0, ctx%size() - 1
      all_data(:, rank) = input(rank)
    end do
    ! What ranks other than the root pass to scatter is ignored, even of a size that no rank could share.
    mine = -99
    if (ctx%rank() == 0) then
      call dtl_scatter(ctx, all_data, mine)
    else
      call dtl_scatter(ctx, all_data(1:1, 0), mine)
    end if
    call check(all(mine == input(ctx%rank())), 'scatter with placeholders')
  end subroutine movements

  !> Rank `rank` has `rank + 1` elements; blocks are moved one after another, and with a gap before each.
  subroutine varying(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, allocatable :: counts(:), displs(:)
    integer(int64), allocatable :: wide(:), mine(:), from(:), all_data(:), result(:), spaced(:), columns(:)
    integer :: rank, root, at, total
    total = ctx%size() * (ctx%size() + 1) / 2
    allocate (counts(0:ctx%size() - 1), displs(0:ctx%size() - 1), all_data(total), result(total), spaced(2 * total))
    allocate (from(ctx%rank() + 1), columns((ctx%rank() + 1) * ctx%size()))
    counts = [(rank + 1, rank = 0, ctx%size() - 1)]
    wide = counts
    at = 1
    do rank = 0, ctx%size() - 1
      displs(rank) = at + rank
      all_data(at:at + rank) = values_of(rank)
      at = at + rank + 1
    end do
    mine = values_of(ctx%rank())

    result = -99
    call dtl_allgatherv(ctx, mine, result, counts)
    call check(all(result == all_data), 'allgatherv')
    spaced = -99
    call dtl_allgatherv(ctx, mine, spaced, wide, int(displs, int64))
    do rank = 0, ctx%size() - 1
      call check(all(spaced(displs(rank) + 1:displs(rank) + rank + 1) == values_of(rank)), 'allgatherv with displs')
    end do
    call check(count(spaced /= -99) == total, 'allgatherv writes nothing else')

    do root = 0, ctx%size() - 1
      result = -99
      from = -99
      if (ctx%rank() == root) then
        call dtl_gatherv(ctx, mine, result, root, wide)
        call check(all(result == all_data), 'gatherv')
        call dtl_scatterv(ctx, all_data, counts, result=from, root=root)
      else
        call dtl_gatherv(ctx, mine, root=root)
        call dtl_scatterv(ctx, result=from, root=root)
      end if
      call check(all(from == mine), 'scatterv')
    end do

    ! Everybody sends rank j the j + 1 elements of j, out of the array with gaps or without.
    columns = -99
    call dtl_alltoallv(ctx, all_data, counts, result=columns, recvcounts=spread(ctx%rank() + 1, 1, ctx%size()))
    call check(all(columns == reshape(spread(mine, 2, ctx%size()), shape(columns))), 'alltoallv')
    columns = -99
    call dtl_alltoallv(ctx, spaced, wide, int(displs, int64), columns, &
        spread(ctx%rank() + 1_int64, 1, ctx%size()), (ctx%rank() + 1) * [(int(rank, int64), rank = 0, ctx%size() - 1)])
    call check(all(columns == reshape(spread(mine, 2, ctx%size()), shape(columns))), 'alltoallv with displs')

  contains

    pure function values_of(rank) result(values)
      integer, intent(in) :: rank
      integer(int64) :: values(rank + 1)
      integer :: i
      values = [(100_int64 * rank + i, i = 0, rank)]
    end function values_of
  end subroutine varying

  !> What is wrong with numbers for each rank is found before C reads them, and every rank learns of it.
  subroutine wrong_counts(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), allocatable :: all_data(:)
    integer, allocatable :: counts(:)
    integer(int64) :: mine(1)
    integer :: ierr
    mine = ctx%rank()
    allocate (all_data(ctx%size()))
    allocate (counts(ctx%size()), source=1)
    call dtl_allgatherv(ctx, mine, all_data, [counts, 1], ierr=ierr)
    call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'one number too many')
    call check_error('recvcounts has', 'the error names it')
    call dtl_allgatherv(ctx, mine, all_data, counts, counts - 2, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a negative displacement')
    call check_error('displs has the element -1. Pass numbers that are not negative.', 'the error names it')
    call dtl_allgatherv(ctx, mine, all_data(:ctx%size() - 1), counts, ierr=ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, 'a result that is too small')
    call check_error('after the first', 'the error names it')
    call dtl_alltoallv(ctx, all_data, counts, ctx%size() * counts, all_data, counts, ierr=ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS, 'blocks beyond the end of the array')
    if (ctx%is_root()) then
      call dtl_gatherv(ctx, mine, all_data, ierr=ierr)
    else
      call dtl_gatherv(ctx, mine, ierr=ierr)
    end if
    call check(ierr == DTL_ERROR_NULL_POINTER, 'the root does not say how many elements come')
    call check_error('recvcounts is null', 'the error names it')
    if (ctx%size() > 1) then
      ! One rank is wrong, and all have the error.
      if (ctx%rank() == 1) counts(1) = -1
      call dtl_allgatherv(ctx, mine, all_data, counts, ierr=ierr)
      call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a negative number on one rank')
      call check_error('recvcounts has the element -1', 'the error names it')
    end if
    counts = 1
    call dtl_allgatherv(ctx, mine, all_data, counts)
    call check(all_data(ctx%size()) == ctx%size() - 1, 'the context is as before')
  end subroutine wrong_counts

  subroutine barriers(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: copy, half
    type(dtl_vector) :: vec
    integer(int32) :: number
    call dtl_barrier(ctx)
    call ctx%barrier()
    call ctx%fence()
    call vec%create(ctx, 3)
    call vec%barrier()
    call ctx%dup(copy)
    call check(copy%size() == ctx%size() .and. copy%rank() == ctx%rank(), 'dup has the same ranks')
    call ctx%split(modulo(ctx%rank(), 2), half, key=-ctx%rank())
    number = 1
    call dtl_allreduce(half, number, number)
    call check(number == half%size() .and. number == (ctx%size() + 1 - modulo(ctx%rank(), 2)) / 2, &
        'split divides the ranks')
    call check(half%rank() == half%size() - 1 - ctx%rank() / 2, 'split orders by key')
    call ctx%split(DTL_UNDEFINED, half)
    call check(.not. half%is_valid(), 'an undefined colour joins no group')
    call copy%close()
    call check(.not. copy%is_valid() .and. ctx%is_valid(), 'close ends one context')
  end subroutine barriers

  subroutine large(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: n = 100000
    real(real64), allocatable :: data(:), result(:)
    integer :: i
    allocate (data(n), result(n))
    data = [(real(i, real64), i = 1, n)] * (ctx%rank() + 1)
    call dtl_allreduce(ctx, data, result)
    call check(all(nint(result, int64) == [(int(i, int64), i = 1, n)] * ctx%size() * (ctx%size() + 1) / 2), &
        'a large array')
  end subroutine large
end module collectives_tests

program collectives
  use collectives_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), reductions)
    call on_ranks(ranks(i), movements)
    call on_ranks(ranks(i), varying)
    call on_ranks(ranks(i), wrong_counts)
    call on_ranks(ranks(i), barriers)
    call on_ranks(ranks(i), large)
  end do
  call finish('collectives')
end program collectives
