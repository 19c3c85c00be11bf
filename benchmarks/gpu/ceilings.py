#!/usr/bin/env python3
"""ceilings.py cuda|cpu: what the machine does at its best, through PyTorch: a large copy, and a large matrix product of each type. Prints JSON.

GB/s count the bytes read and the bytes written. On a CPU the sizes are small: a rehearsal.
"""

import json
import statistics
import sys
import time

import torch

REPEATS = 15
WARM = 5
# Elements of the copy (float32) and side of the product.
SIZES = {"cuda": (1 << 30, 8192), "cpu": (1 << 20, 256)}
PRODUCTS = {"bf16": (torch.bfloat16, False), "tf32": (torch.float32, True), "fp32": (torch.float32, False)}


def seconds(call, device):
    """The time of each of several calls, by events on a GPU."""
    for _ in range(WARM):
        call()
    times = []
    for _ in range(REPEATS):
        if device == "cuda":
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            call()
            end.record()
            torch.cuda.synchronize()
            times.append(start.elapsed_time(end) * 1e-3)
        else:
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
    return times


def rates(work, times):
    """Median, least and most of work over time."""
    found = sorted(work / t for t in times)
    return {"median": round(statistics.median(found), 3), "min": round(found[0], 3), "max": round(found[-1], 3), "count": len(found)}


def copy(device, count):
    """GB/s of a copy within the device."""
    source, target = torch.randn(count, device=device), torch.empty(count, device=device)
    return rates(2e-9 * source.nbytes, seconds(lambda: target.copy_(source), device))


def product(device, side, dtype, tf32):
    """TFLOP/s of a square product of random numbers."""
    torch.backends.cuda.matmul.allow_tf32 = tf32
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    out = torch.empty(side, side, device=device, dtype=dtype)
    return rates(2e-12 * side**3, seconds(lambda: torch.mm(a, b, out=out), device))


def main(device):
    """One JSON line."""
    count, side = SIZES[device]
    with torch.inference_mode():
        found = {
            "torch": torch.__version__,
            "copy_bytes": 4 * count,
            "side": side,
            "copy": copy(device, count),
            "products": {name: product(device, side, *kind) for name, kind in PRODUCTS.items()},
        }
    print(json.dumps(found))


main(sys.argv[1])
