"""How a process asks the machine for memory, and gives it back: a run's, or a command's.

It reads a table, makes another of it, and goes on to the next: at a time it holds little. By
default several allocators each save for later what the others need now. How much a computation
holds is its own affair.
"""

import ctypes
import gc

import pyarrow as pa

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_LARGE = 128 * 1024

_YOUNG = 5_000
"""After so many new objects garbage is looked for, where Python does it after 700: definitions are
hundreds of thousands of objects that stay."""


def frugal() -> None:
    """Let this process give back what it no longer uses; any number of times."""
    # One allocator for Arrow and all else, and one store for all threads, which wait for each other
    # anyway. What is large goes back at once.
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:  # only the C library of most Linuxes has it
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        pa.set_memory_pool(pa.system_memory_pool())
    # What has been imported by now stays: nobody need search it for garbage again and again.
    gc.freeze()
    gc.set_threshold(_YOUNG)
