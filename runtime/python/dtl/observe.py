"""What the library has done in this process: calls, messages, bytes and waits of each operation, as numbers and as a table.

    from dtl import observe

    observe.reset()
    ...
    print(observe.snapshot())
"""

from typing import Dict, NamedTuple

from dtl._dtl import observe_bucket as bucket
from dtl._dtl import observe_counter as counter
from dtl._dtl import observe_gauge as gauge
from dtl._dtl import observe_operations as operations
from dtl._dtl import observe_reset as reset
from dtl._dtl import observe_table as table
from dtl._enums import Counter, Gauge, Histogram

__all__ = ["Snapshot", "bucket", "counter", "gauge", "operations", "reset", "snapshot", "table"]

_BUCKETS = 65


class Snapshot(NamedTuple):
    """All that is observed, as it was at one time; printed as a table."""

    counters: Dict[str, Dict[str, int]]
    """For each operation that was called, its numbers by name: ``counters["allreduce"]["bytes_sent"]``."""
    gauges: Dict[str, int]
    """How many there were of what may be more or less: ``gauges["objects"]``."""
    histograms: Dict[str, Dict[int, int]]
    """How often numbers of each magnitude occurred, by the smallest of that magnitude: 0, 1, 2, 4, 8 and so on."""

    def __str__(self) -> str:
        heads = [counter.value for counter in Counter]
        width = max([len("operation"), *map(len, self.counters)])
        lines = ["  ".join(["operation".ljust(width), *heads])]
        for name, numbers in self.counters.items():
            lines.append("  ".join([name.ljust(width), *(str(numbers[head]).rjust(len(head)) for head in heads)]))
        lines.extend(f"{name}: {number}" for name, number in self.gauges.items())
        for name, times in self.histograms.items():
            shown = ", ".join(f"{time} from {least} on" for least, time in times.items())
            lines.append(f"{name}: {shown or 'none'}")
        return "\n".join(lines)


def snapshot() -> Snapshot:
    """Everything that is observed, as it is now."""
    return Snapshot(
        {name: {item.value: counter(item, name) for item in Counter} for name in operations().splitlines()},
        {item.value: gauge(item) for item in Gauge},
        {item.value: _magnitudes(item) for item in Histogram},
    )


def _magnitudes(histogram: Histogram) -> Dict[int, int]:
    times = {(1 << number) >> 1: bucket(histogram, number) for number in range(_BUCKETS)}
    return {least: time for least, time in times.items() if time}
