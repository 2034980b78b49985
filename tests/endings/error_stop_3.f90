! The last rank stops with error code 3 while the others wait for it.
program error_stop_3
  use dtl
  type(dtl_context) :: ctx
  call ctx%create()
  if (ctx%rank() == ctx%size() - 1) error stop 3
  call ctx%barrier()
end program error_stop_3
