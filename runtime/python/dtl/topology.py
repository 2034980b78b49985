"""Where the ranks of the job run: on which machine, CPU and GPU.

Ranks are those of a context of all processes, which have told each other where they run when it was made. So any rank may ask
alone, and nothing here waits. ``dtl.Topology`` is this module too.
"""

from dtl._dtl import topology_cpu_affinity as cpu_affinity
from dtl._dtl import topology_gpu_id as gpu_id
from dtl._dtl import topology_is_local as is_local
from dtl._dtl import topology_node_id as node_id
from dtl._dtl import topology_num_cpus as num_cpus
from dtl._dtl import topology_num_gpus as num_gpus

__all__ = ["cpu_affinity", "gpu_id", "is_local", "node_id", "num_cpus", "num_gpus"]
