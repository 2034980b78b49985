! What belongs to no object: versions, and the names and texts of numbers.

module names_tests
  use, intrinsic :: iso_fortran_env, only: error_unit
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine numbers_have_names()
    call check(dtl_dtype_name(DTL_DTYPE_COMPLEX64) == 'complex64', 'dtypes')
    call check(dtl_reduce_op_name(DTL_OP_MAXLOC) == 'maxloc', 'operators')
    call check(dtl_partition_policy_name(DTL_PARTITION_BLOCK_CYCLIC) == 'block_cyclic', 'partitions')
    call check(dtl_placement_policy_name(DTL_PLACEMENT_DEVICE_PREFERRED) == 'device_preferred', 'placements')
    call check(dtl_execution_policy_name(DTL_EXEC_ASYNC) == 'async', 'execution policies')
    call check(dtl_consistency_policy_name(DTL_CONSISTENCY_RELEASE_ACQUIRE) == 'release_acquire', 'consistency')
    call check(dtl_error_policy_name(DTL_ERROR_POLICY_TERMINATE) == 'terminate', 'error policies')
    call check(dtl_determinism_mode_name(DTL_DETERMINISM_THROUGHPUT) == 'throughput', 'determinism')
    call check(dtl_reduction_schedule_policy_name(DTL_REDUCTION_SCHEDULE_FIXED_TREE) == 'fixed_tree', 'schedules')
    call check(dtl_progress_ordering_policy_name(DTL_PROGRESS_ORDERING_RANK_ORDERED) == 'rank_ordered', 'progress')
    call check(dtl_halo_boundary_name(DTL_BOUNDARY_REFLECT) == 'reflect', 'boundaries')
    call check(dtl_stencil_name(DTL_STENCIL_BOX) == 'box', 'stencils')
    call check(dtl_nccl_operation_mode_name(DTL_NCCL_MODE_NATIVE_ONLY) == 'native_only', 'modes of NCCL')
    call check(dtl_nccl_operation_name(DTL_NCCL_OP_LOGICAL_REDUCTION) == 'logical_reduction', 'operations of NCCL')
    call check(dtl_lock_mode_name(DTL_LOCK_SHARED) == 'shared', 'locks')
    call check(dtl_counter_name(DTL_COUNTER_BYTES_SENT) == 'bytes_sent', 'counters')
    call check(dtl_gauge_name(DTL_GAUGE_REQUESTS) == 'requests', 'gauges')
    call check(dtl_histogram_name(DTL_HISTOGRAM_MESSAGE_BYTES) == 'message_bytes', 'histograms')
    call check(dtl_lock_mode_name(9999) == 'unknown', 'no number')
  end subroutine numbers_have_names

  subroutine statuses_are_described()
    call check(dtl_status_name(DTL_ERROR_TIMEOUT) == 'timeout', 'a name')
    call check(len(dtl_status_message(DTL_ERROR_TIMEOUT)) > 0, 'a sentence')
    call check(len(dtl_status_remedy(DTL_ERROR_TIMEOUT)) > 0, 'a cure')
    call check(dtl_status_remedy(DTL_SUCCESS) == '', 'success needs no cure')
  end subroutine statuses_are_described

  subroutine versions()
    call check(index(dtl_version_string(), '0.1.0') == 1, 'the version')
    call check(dtl_placement_available(DTL_PLACEMENT_HOST), 'memory of the host is everywhere')
    call check(index(dtl_describe_mpi(), 'MPI') > 0, 'which MPI there is')
  end subroutine versions
end module names_tests

program names
  use names_tests
  implicit none
  call numbers_have_names()
  call statuses_are_described()
  call versions()
  call finish('names')
end program names
