#!/usr/bin/env python3
"""pack_image.py IMAGE > INPUT: a disk image as tests/fuzz/fuzz_image.c wants it."""
# SPDX-License-Identifier: BSD-2-Clause
import os
import struct
import sys

SECTOR = 512
MOST = 65024  # bytes of one run

with open(sys.argv[1], "rb") as f:
    size = os.fstat(f.fileno()).st_size
    out = [struct.pack("<H", (size + (1 << 20) - 1 >> 20) - 1)]
    at = 0
    run = bytearray()
    while chunk := f.read(1 << 20):
        for i in range(0, len(chunk), SECTOR):
            sector = chunk[i:i + SECTOR]
            used = any(sector)
            if run and (not used or len(run) == MOST):
                out.append(struct.pack("<IH", start, len(run)) + run)
                run = bytearray()
            if used:
                if not run:
                    start = at + i // SECTOR
                run += sector
        at += len(chunk) // SECTOR
    if run:
        out.append(struct.pack("<IH", start, len(run)) + run)
sys.stdout.buffer.write(b"".join(out))
