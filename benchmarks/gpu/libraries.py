#!/usr/bin/env python3
"""libraries.py: folders, as LD_LIBRARY_PATH has them, of those of CUDA's libraries that the system's loader does not find: the toolkit's, or those that came with PyTorch."""

import ctypes
import importlib.util
from pathlib import Path

# Any of a line's will do.
WANTED = [("libcublasLt.so.13", "libcublasLt.so.12"), ("libcudnn.so.9",)]


def loads(name):
    """Whether the loader finds a library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def places():
    """Where libraries may lie."""
    yield Path("/usr/local/cuda/lib64")
    spec = importlib.util.find_spec("nvidia")
    for root in spec.submodule_search_locations if spec else ():
        yield from sorted(Path(root).glob("**/lib"))


def main():
    """Prints the folders."""
    folders = []
    for names in WANTED:
        if not any(loads(name) for name in names):
            found = (place for name in names for place in places() if (place / name).exists())
            folders.extend(str(place) for place in found)
    print(":".join(dict.fromkeys(folders)))


main()
