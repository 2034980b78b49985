! Where ranks run, in a world of any size, all of whose processes the tests start on one machine.

module topology_tests
  use, intrinsic :: iso_fortran_env, only: error_unit
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine every_rank(size)
    integer, intent(in) :: size
    integer :: rank, cpu, gpu, node
    logical :: is_local
    do rank = 0, size - 1
      call dtl_topology_cpu_affinity(rank, cpu)
      call check(cpu >= 0, 'a CPU')
      call dtl_topology_gpu_id(rank, gpu)
      call check(gpu == DTL_NO_DEVICE, 'no GPU')
      call dtl_topology_node_id(rank, node)
      call check(node == 0, 'the first machine')
      call dtl_topology_is_local(rank, size - 1 - rank, is_local)
      call check(is_local, 'on one machine')
    end do
  end subroutine every_rank

  subroutine no_such_rank(size)
    integer, intent(in) :: size
    integer :: answer, status
    logical :: flag
    call dtl_topology_cpu_affinity(size, answer, status)
    call check(status == DTL_ERROR_INVALID_RANK, 'no CPU of a rank that is not there')
    call dtl_topology_gpu_id(-1, answer, status)
    call check(status == DTL_ERROR_INVALID_RANK, 'nor a GPU')
    call dtl_topology_node_id(size, answer, status)
    call check(status == DTL_ERROR_INVALID_RANK, 'nor a machine')
    call dtl_topology_is_local(0, size, flag, status)
    call check(status == DTL_ERROR_INVALID_RANK, 'nor a neighbour')
  end subroutine no_such_rank

  subroutine world_of_any_size()
    type(dtl_context) :: world
    integer :: cpus, gpus
    call world%create()
    call dtl_topology_num_cpus(cpus)
    call check(cpus >= 1, 'CPUs')
    call dtl_topology_num_gpus(gpus)
    call check(gpus == 0, 'no GPUs')
    call every_rank(world%size())
    call no_such_rank(world%size())
  end subroutine world_of_any_size
end module topology_tests

program topology
  use topology_tests
  implicit none
  call world_of_any_size()
  call finish('topology')
end program topology
