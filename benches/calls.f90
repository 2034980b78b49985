! What single calls cost from Fortran, in a process that is alone. `cargo xtask bench calls` runs it after the calls from Python.

program calls
  use, intrinsic :: iso_fortran_env, only: int32, int64, real64
  use dtl
  implicit none
  integer, parameter :: repeats = 200, number = 2000
  type(dtl_context) :: ctx
  type(dtl_vector) :: vec
  type(dtl_map) :: map
  real(real64) :: x(1), y(1), line(16), sums(8), value
  real(real64), pointer, contiguous :: view(:)
  integer(int32) :: keys(1), counts(1), owner
  logical :: flag, all_of_them

  call ctx%create()
  call vec%create(ctx, 1000, fill=1.0_real64)
  call map%create(ctx, DTL_DTYPE_INT32, DTL_DTYPE_FLOAT64)
  x = 1
  y = 0
  line = 1
  keys = 1
  counts = 1
  flag = .true.
  print '(a)', 'Fortran, one rank'
  call measure('vec%local_view(view)', local_view)
  call measure('vec%owner(5, owner)', owner_of)
  call measure('vec%get_local(5, value)', get_local)
  call measure('vec%set_local(5, 1.0)', set_local)
  call measure('vec%sum(value)', sum_of)
  call measure('map%insert(keys, x), 1 element', insert)
  call measure('dtl_allreduce(ctx, x, y), 1 element', allreduce)
  call measure('dtl_allreduce(ctx, 1.0, value)', allreduce_scalar)
  call measure('dtl_allreduce(ctx, flag, all, DTL_OP_LAND)', allreduce_logical)
  call measure('dtl_allreduce(ctx, line(::2), sums)', allreduce_section)
  call measure('dtl_allgatherv(ctx, x, y, counts)', allgatherv)
  call measure('dtl_broadcast(ctx, x)', broadcast)

contains

  !> The fastest of many short runs: what the call costs when nothing disturbs it.
  subroutine measure(name, body)
    character(len=*), intent(in) :: name
    interface
      subroutine body()
      end subroutine body
    end interface
    integer(int64) :: start, finish, rate, best
    integer :: repeat, run
    best = huge(best)
    do repeat = 1, repeats
      call system_clock(start, rate)
      do run = 1, number
        call body()
      end do
      call system_clock(finish)
      best = min(best, finish - start)
    end do
    print '(a,t43,f8.0)', name, real(best, real64) / real(rate, real64) / number * 1e9_real64
  end subroutine measure

  subroutine local_view()
    call vec%local_view(view)
  end subroutine local_view

  subroutine owner_of()
    call vec%owner(5, owner)
  end subroutine owner_of

  subroutine get_local()
    call vec%get_local(5, value)
  end subroutine get_local

  subroutine set_local()
    call vec%set_local(5, 1.0_real64)
  end subroutine set_local

  subroutine sum_of()
    call vec%sum(value)
  end subroutine sum_of

  subroutine insert()
    call map%insert(keys, x)
  end subroutine insert

  subroutine allreduce()
    call dtl_allreduce(ctx, x, y)
  end subroutine allreduce

  subroutine allreduce_scalar()
    call dtl_allreduce(ctx, 1.0_real64, value)
  end subroutine allreduce_scalar

  subroutine allreduce_logical()
    call dtl_allreduce(ctx, flag, all_of_them, DTL_OP_LAND)
  end subroutine allreduce_logical

  subroutine allreduce_section()
    call dtl_allreduce(ctx, line(::2), sums)
  end subroutine allreduce_section

  subroutine allgatherv()
    call dtl_allgatherv(ctx, x, y, counts)
  end subroutine allgatherv

  subroutine broadcast()
    call dtl_broadcast(ctx, x)
  end subroutine broadcast
end program calls
