# btrfs that lies, with sums that fit: who reads it meets the lies, not the sums.
#
#   IMAGE SEED...       IMAGE.SEED for each: nodes that are in use lie in a few places
#   IMAGE STATEMENTS    d is the disk, sb its superblock, places() where nodes are,
#                       items(AT, TYPE) where items are, fit(AT) mends a sum
#
# SPDX-License-Identifier: BSD-2-Clause
import mmap
import random
import struct
import subprocess
import sys

SUPER, HEAD = 65536, 101
LEAF_KEY, INNER_KEY = 25, 33
# Offsets in the superblock of numbers that are believed, and their bytes.
SUPER_FIELDS = ((72, 8), (80, 8), (88, 8), (0x88, 8), (0x90, 4), (0x94, 4),
    (0xa0, 4), (0xa4, 8), (0xbc, 8), (0xc4, 2), (0xc6, 1), (0xc7, 1),
    (0xc9, 8))

table = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82f63b78 if n & 1 else 0)
    table.append(n)


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    return crc ^ 0xffffffff


def lie(dice, block, at, n):
    if at + n > len(block):
        return
    now = int.from_bytes(block[at:at + n], "little")
    top = 1 << 8 * n
    value = dice.choice((0, 1, top - 1, top // 2, dice.randrange(top),
        now + 1, now - 1, now ^ 1 << dice.randrange(8 * n),
        now + 4096, now * 2, dice.randrange(256), dice.randrange(65536)))
    block[at:at + n] = (value % top).to_bytes(n, "little")


def lie_in_node(dice, node, others):
    n = max(1, struct.unpack_from("<I", node, 96)[0])
    leaf = node[100] == 0
    i = dice.randrange(min(n, 1000))
    key = HEAD + i * (LEAF_KEY if leaf else INNER_KEY)
    what = dice.randrange(10)
    if what == 0:
        lie(dice, node, *dice.choice(((48, 8), (80, 8), (96, 4), (100, 1))))
    elif what == 1:
        lie(dice, node, key + dice.choice((0, 9)), 8)
    elif what == 2:
        lie(dice, node, key + 8, 1)
    elif what == 3 or (not leaf and what < 8):
        lie(dice, node, key + 17, 4 if leaf else 8)
    elif what == 4:
        lie(dice, node, key + 21, 4)
    elif what == 9:
        # What another node has, as itself: its own place and level.
        other = dice.choice(others)
        node[HEAD:] = other[HEAD:]
        node[96:101] = other[96:101]
    elif leaf and key + LEAF_KEY <= len(node):
        off, size = struct.unpack_from("<II", node, key + 17)
        if size > 0 and HEAD + off < len(node):
            at = HEAD + off + dice.randrange(min(size, 200))
            lie(dice, node, at, dice.choice((1, 2, 4, 8)))


def number(d, at, n=8):
    return int.from_bytes(d[at:at + n], "little")


class Disk:
    def __init__(self, d):
        self.d = d
        self.size = number(d, SUPER + 0x94, 4)
        self.fsid = d[SUPER + 32:SUPER + 48]

    # All of them, copies and old ones as well.
    def places(self):
        return [at for at in range(0, len(self.d) - self.size + 1, 4096)
            if at != SUPER and self.d[at + 32:at + 48] == self.fsid]

    def fit(self, at):
        end = at + (4096 if at == SUPER else self.size)
        self.d[at:at + 4] = struct.pack("<I", crc32c(self.d[at + 32:end]))

    def items(self, at, kind):
        leaf = self.d[at + 100] == 0
        for key in range(at + HEAD, at + HEAD + leaf * LEAF_KEY *
            number(self.d, at + 96, 4), LEAF_KEY):
            if self.d[key + 8] == kind:
                yield at + HEAD + number(self.d, key + 17, 4)

    # Those that a reader comes to.
    def live(self):
        d = self.d
        where = {(number(d, at + 48), number(d, at + 80)): at
            for at in self.places()}
        todo = [(number(d, SUPER + 80), number(d, SUPER + 72)),
            (number(d, SUPER + 88), number(d, SUPER + 0xa4))]
        found = []
        while todo:
            at = where.pop(todo.pop(), None)
            if at is None:
                continue
            found.append(at)
            todo += [(number(d, root + 176), number(d, root + 160))
                for root in self.items(at, 132)]
            if d[at + 100] > 0:
                todo += [(number(d, key + 17), number(d, key + 25))
                    for key in range(at + HEAD, at + HEAD + INNER_KEY *
                    number(d, at + 96, 4), INNER_KEY)]
        return sorted(found)


def lie_somewhere(disk, places, dice):
    nodes = [bytearray(disk.d[at:at + disk.size]) for at in places]
    changed = set()
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        i = dice.randrange(len(nodes))
        lie_in_node(dice, nodes[i], nodes)
        disk.d[places[i]:places[i] + disk.size] = nodes[i]
        changed.add(places[i])
    if dice.randrange(8) == 0:
        sb = bytearray(disk.d[SUPER:SUPER + 4096])
        lie(dice, sb, *dice.choice(SUPER_FIELDS + tuple(
            (at, 8) for at in range(0x32b, 0x3a0))))
        disk.d[SUPER:SUPER + 4096] = sb
        changed.add(SUPER)
    for at in sorted(changed):
        if dice.randrange(20) != 0:
            disk.fit(at)


def change(name, how):
    with open(name, "r+b") as f, mmap.mmap(f.fileno(), 0) as d:
        return how(Disk(d))


def main():
    name = sys.argv[1]
    if not sys.argv[2].isdigit():
        change(name, lambda disk: exec(sys.argv[2], dict(d=disk.d, sb=SUPER,
            places=disk.places, items=disk.items, fit=disk.fit)))
        return
    places = change(name, Disk.live)
    for seed in sys.argv[2:]:
        copy = name + "." + seed
        subprocess.run(["cp", "--sparse=always", name, copy], check=True)
        dice = random.Random(int(seed))
        change(copy, lambda disk: lie_somewhere(disk, places, dice))


main()
