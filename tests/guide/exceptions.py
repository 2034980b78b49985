# The guide's section "Exception Handling", as written; the lines that print classes are ours.
import builtins

import dtl

ctx = dtl.Context()

try:
    vec = dtl.DistributedVector(ctx, -1)  # Invalid size
except dtl.InvalidArgumentError as e:
    print(f"Invalid argument: {e}")
except dtl.DTLError as e:
    print(f"DTL error: {e}")

print(issubclass(dtl.DTLError, Exception))
print(issubclass(dtl.CommunicationError, dtl.DTLError))
print(issubclass(dtl.MemoryError, (dtl.DTLError, builtins.MemoryError)))
print(issubclass(dtl.BoundsError, dtl.DTLError), issubclass(dtl.BoundsError, IndexError))
print(issubclass(dtl.InvalidArgumentError, dtl.DTLError), issubclass(dtl.InvalidArgumentError, ValueError))
print(issubclass(dtl.BackendError, dtl.DTLError))
