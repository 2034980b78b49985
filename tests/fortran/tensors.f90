! Distributed tensors: Fortran's dimensions are those of C in reverse, over the same memory.

module tensors_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> Unless told otherwise the last dimension is divided by blocks.
  subroutine columns(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: rows = 3, total = 7
    type(dtl_tensor) :: tensor
    real(real64), pointer, contiguous :: view(:, :), flat(:)
    real(real64), allocatable :: copy(:, :)
    real(real64) :: value
    integer(int64) :: first
    integer :: i, j, mine, status
    call tensor%create(ctx, [rows, total], fill=0.5_real64)
    mine = total / ctx%size() + merge(1, 0, ctx%rank() < mod(total, ctx%size()))
    call check(all(tensor%shape() == [rows, total]), 'the shape is the one asked for')
    call check(all(tensor%local_shape() == [rows, mine]), 'each rank has columns')
    call check(all(tensor%process_grid() == [1, ctx%size()]), 'the grid divides the last dimension')
    call check(tensor%ndim() == 2 .and. tensor%distributed_dim() == 2, 'dimensions')
    call check(all(tensor%partition_policies() == DTL_PARTITION_BLOCK), 'partitions')
    call extents_one_by_one(tensor, [rows, total], [1, rows])
    call tensor%local_view(view)
    call check(all(shape(view) == [rows, mine]), 'a view has the local shape')
    call check(all(abs(view - 0.5_real64) <= 0), 'every element is filled')
    associate (offsets => tensor%local_offsets())
      first = offsets(2)
    end associate
    do j = 1, mine
      view(:, j) = [(real(i + 10 * (first + j), real64), i = 1, rows)]
    end do
    allocate (copy(rows, mine))
    call tensor%copy_to_host(copy)
    call check(all(abs(copy - view) <= 0), 'a copy has the same order')
    call tensor%copy_from_host(2 * copy)
    call check(all(abs(view - 2 * copy) <= 0), 'copied in, too')
    call tensor%copy_from_host(copy)
    call tensor%get_local_nd([rows, mine], value)
    call check(abs(value - view(rows, mine)) <= 0, 'get_local_nd counts from 1, rows first')
    call tensor%set_local_nd([2_int64, 1_int64], -1.0_real64)
    call check(abs(view(2, 1) + 1) <= 0, 'so does set_local_nd')
    call tensor%set_local(2, copy(2, 1))
    call tensor%get_local(2, value)
    call check(abs(value - copy(2, 1)) <= 0, 'elements stand in the order of memory')
    call tensor%get_local_nd([rows + 1, 1], value, ierr=status)
    call check(status == DTL_ERROR_OUT_OF_BOUNDS, 'there is no such row')
    call tensor%get_local_nd([1], value, ierr=status)
    call check(status == DTL_ERROR_DIMENSION_MISMATCH, 'one index is too few')
    call tensor%local_view(flat, ierr=status)
    call check(status == DTL_ERROR_DIMENSION_MISMATCH .and. .not. associated(flat), &
        'a pointer of another rank is refused')
    nullify (view)
    call moved(tensor, ctx)
  end subroutine columns

  !> The extent and the distance in memory of each dimension.
  subroutine extents_one_by_one(tensor, extents, distances)
    type(dtl_tensor), intent(in) :: tensor
    integer, intent(in) :: extents(:), distances(:)
    integer(int64) :: extent, distance
    integer :: dim, status
    do dim = 1, size(extents)
      call tensor%dim(dim, extent)
      call tensor%stride(dim, distance)
      call check(extent == extents(dim) .and. distance == distances(dim), 'dim and stride')
    end do
    call tensor%dim(0, extent, ierr=status)
    call check(status == DTL_ERROR_OUT_OF_BOUNDS, 'dimensions are counted from 1')
  end subroutine extents_one_by_one

  !> The elements of `columns` over a grid that divides rows, cyclically: each rank then has whole rows.
  subroutine moved(tensor, ctx)
    type(dtl_tensor), intent(inout) :: tensor
    type(dtl_context), intent(in) :: ctx
    real(real64), pointer, contiguous :: view(:, :)
    integer(int32) :: owner
    integer :: i, j, row
    logical :: right
    call tensor%redistribute([DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK], grid=[0, 1])
    call check(all(tensor%process_grid() == [ctx%size(), 1]), 'the free extent of the grid is chosen')
    call check(all(tensor%partition_policies() == [DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK]), 'partitions')
    call tensor%local_view(view)
    right = .true.
    do j = 1, size(view, 2)
      do i = 1, size(view, 1)
        row = ctx%rank() + 1 + (i - 1) * ctx%size()
        right = right .and. abs(view(i, j) - (row + 10 * j)) <= 0
        call tensor%owner([row, j], owner)
        right = right .and. owner == ctx%rank()
      end do
    end do
    call check(right, 'every element is where the partition puts it')
    call check(size(view, 2) == 7, 'columns are whole')
    nullify (view)
    call copied(tensor, ctx)
  end subroutine moved

  !> Elements from any rank: rows 2 and 4 and columns 1 to 3 of a matrix of 5 rows and 4 columns.
  subroutine selected(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: tensor
    integer(int32), pointer, contiguous :: view(:, :)
    integer(int32) :: whole(5, 4), found(5, 4), block(2, 3), row(4)
    integer(int32) :: owner
    integer :: i, j, status, mine
    whole = reshape([((10 * i + j, i = 1, 5), j = 1, 4)], [5, 4])
    call tensor%create(ctx, [5, 4], DTL_DTYPE_INT32, partition=[DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK], &
        grid=[0, 0])
    call tensor%set([1, 1], shape(whole), whole)
    block = -1
    call tensor%get([2, 1], [2, 3], block, [2, 1])
    call check(all(block == whole(2:4:2, 1:3)), 'get reads rows first, from any rank')
    call tensor%get([3_int64, 1_int64], [1_int64, 4_int64], row)
    call check(all(row == whole(3, :)), 'one row fits an array of one dimension')
    call tensor%set([2, 1], [2, 3], -block, [2_int64, 1_int64])
    whole(2:4:2, 1:3) = -block
    call tensor%get([1, 1], [5, 4], found)
    call check(all(found == whole), 'set writes on every rank')
    call tensor%local_view(view)
    mine = 0
    do j = 1, 3
      do i = 2, 4, 2
        call tensor%owner([i, j], owner)
        if (owner == ctx%rank()) mine = mine + 1
      end do
    end do
    call check(count(view < 0) == mine, 'each rank stores what it has')
    call tensor%get([5, 2], [1, 4], row, ierr=status)
    call check(status == DTL_ERROR_OUT_OF_BOUNDS, 'there is no such column')
    call check_error('first is (5, 2), counted from 1', 'the error counts from 1')
    call tensor%get([1, 1], [2, 3], row, ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH, 'a row does not hold six elements')
    call check_error('product of count', 'the error says how many there are')
    call tensor%get([1], [4], row, ierr=status)
    call check(status == DTL_ERROR_DIMENSION_MISMATCH, 'a matrix has two dimensions')
    call tensor%get([1, merge(-1, 1, ctx%rank() == 0)], [1, 4], row, ierr=status)
    call check(status == DTL_ERROR_OUT_OF_BOUNDS, 'all ranks are told')
    call tensor%set([1, 1], [1, 4], row, step=[1, 0], ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'a step is not zero')
  end subroutine selected

  !> What a tensor says of itself, and what is asked of all its elements.
  subroutine as_a_whole(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: tensor, like, other
    integer(int32), parameter :: whole(2, 3) = reshape([4, -3, 2, 5, 1, 6], [2, 3])
    integer(int32) :: value
    real(real64) :: mean
    logical :: flag, is_described
    integer :: status
    call tensor%create(ctx, [2, 3], DTL_DTYPE_INT32, execution=DTL_EXEC_PAR)
    call tensor%from_global(whole)
    call check(tensor%global_size() == 6 .and. tensor%size() == 6 .and. .not. tensor%empty(), 'sizes')
    call check(tensor%dtype() == DTL_DTYPE_INT32 .and. tensor%itemsize() == 4 .and. tensor%nbytes() == 24, 'bytes')
    call check(tensor%rank() == ctx%rank() .and. tensor%num_ranks() == ctx%size(), 'ranks')
    call check(tensor%partition_policy() == DTL_PARTITION_BLOCK, 'partition')
    call check(tensor%placement_policy() == DTL_PLACEMENT_HOST .and. tensor%device_id() == DTL_NO_DEVICE, 'placement')
    call check(tensor%is_host_accessible() .and. .not. tensor%is_device_accessible(), 'who can read it')
    call check(tensor%execution_policy() == DTL_EXEC_PAR, 'execution')
    call check(tensor%consistency_policy() == DTL_CONSISTENCY_BULK_SYNCHRONOUS, 'consistency')
    call check(tensor%error_policy() == DTL_ERROR_POLICY_RETURN_STATUS, 'errors')
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_described = index(tensor%describe(), 'shape (2, 3), int32') > 0 .and. &
        index(tensor%layout_text(), 'rank 0') > 0 .and. index(tensor%layout_svg(), '<svg') > 0
    !$omp end critical (texts)
    call check(is_described, 'texts and pictures')
    call tensor%sum(value)
    call check(value == 15, 'the sum')
    call tensor%prod(value)
    call check(value == -720, 'the product')
    call tensor%min(value)
    call check(value == -3, 'the smallest')
    call tensor%max(value)
    call check(value == 6, 'the largest')
    call tensor%like(DTL_DTYPE_FLOAT64, like)
    call like%fill(0.25_real64)
    call like%mean(mean)
    call check(abs(mean - 0.25_real64) <= 0 .and. all(like%shape() == [2, 3]), 'one like it, and its mean')
    call tensor%all(flag)
    call check(flag, 'none is zero')
    call tensor%fill(0_int32)
    call tensor%any(flag)
    call check(.not. flag, 'all are zero')
    call tensor%sum(mean, ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'a sum has the type of the elements')
    call tensor%barrier()
    other = tensor
    call tensor%create(ctx, [1])
    call check(other%ndim() == 2 .and. tensor%ndim() == 1, 'the other variable keeps what it holds')
  end subroutine as_a_whole

  !> Every rank has all elements; those of rank 0 win.
  subroutine replicated(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: tensor
    integer(int32), pointer, contiguous :: view(:, :)
    call tensor%create(ctx, [2, 2], DTL_DTYPE_INT32, partition=[DTL_PARTITION_REPLICATED, DTL_PARTITION_REPLICATED])
    call tensor%local_view(view)
    if (ctx%rank() == 0) call tensor%fill(7_int32)
    call check(tensor%is_dirty() .eqv. (ctx%rank() == 0 .and. ctx%size() > 1), 'who has written is dirty')
    call tensor%sync()
    call check(all(view == 7) .and. tensor%is_clean(), 'the copies of rank 0 win')
  end subroutine replicated

  !> The elements of `moved` in a tensor that divides columns.
  subroutine copied(tensor, ctx)
    type(dtl_tensor), intent(in) :: tensor
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: other
    real(real64), pointer, contiguous :: view(:, :)
    integer(int64) :: first(2)
    integer :: i, j
    logical :: right
    call other%create(ctx, int(tensor%shape()), fill=-1.0_real64)
    call other%local_view(view)
    call dtl_copy(tensor, other)
    first = other%local_offsets()
    right = .true.
    do j = 1, size(view, 2)
      do i = 1, size(view, 1)
        right = right .and. abs(view(i, j) - (i + 10 * (first(2) + j))) <= 0
      end do
    end do
    call check(right, 'each element is copied by its indices')
  end subroutine copied

  subroutine many_dimensions(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: tensor
    integer(int32), pointer, contiguous :: view(:, :, :, :)
    integer :: status
    call tensor%create(ctx, [2_int64, 3_int64, 4_int64, 5_int64], DTL_DTYPE_INT32)
    call tensor%local_view(view)
    call check(all(shape(view, int64) == tensor%local_shape()), 'four dimensions')
    call check(is_contiguous(view) .and. size(view) == tensor%local_size(), 'without gaps')
    call tensor%create(ctx, [2, merge(-1, 3, ctx%rank() == 0)], ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'a negative extent on one rank is an error on all')
    call tensor%create(ctx, [1, 1, 1, 1, 1, 1, 1, 1, 1], ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'nine dimensions are too many')
    call tensor%create(ctx, [4, 4], partition=[DTL_PARTITION_BLOCK, DTL_PARTITION_BLOCK, DTL_PARTITION_BLOCK], &
        ierr=status)
    call check(status == DTL_ERROR_DIMENSION_MISMATCH, 'partitions for other dimensions')
    call check(tensor%is_valid(), 'what could not be made anew is still there')
  end subroutine many_dimensions
end module tensors_tests

program tensors
  use tensors_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), columns)
    call on_ranks(ranks(i), selected)
    call on_ranks(ranks(i), as_a_whole)
    call on_ranks(ranks(i), replicated)
    call on_ranks(ranks(i), many_dimensions)
  end do
  call finish('tensors')
end program tensors
