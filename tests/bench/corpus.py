#!/usr/bin/env python3
"""Corpora of the benchmarks: lists of files of many hosts and nights.

  corpus.py versions LIST DIR HOSTS NIGHTS [PATHS]
      From a sorted LIST of paths: DIR/hNNN/base.tsv (night 0: TYPE SIZE
      MTIME_NS PATH, tab separated, sorted) and DIR/hNNN/dNNN.delta of each
      later night ("+ TYPE SIZE MTIME PATH", "~ ..." changed, "- PATH"): 1 %
      added, 0.5 % removed, 1 % modified a night, 80 % of the paths shared
      between hosts.
  corpus.py tree BASE ROOT      make the files, sparse
  corpus.py step DELTA ROOT     do one night's changes to them
  corpus.py night DIR N OUT     a host's list of night N, as base.tsv
  corpus.py paths TSV           its paths alone

Everything follows from the input: no clock, no chance.

SPDX-License-Identifier: BSD-2-Clause
"""
import os
import random
import sys

DAY = 86400 * 10**9
START = 1704067200 * 10**9


def read_tsv(name):
    with open(name, 'rb') as f:
        for line in f.read().split(b'\n'):
            if line:
                kind, size, mtime, path = line.split(b'\t', 3)
                yield path, (kind, int(size), int(mtime))


def write_tsv(name, files):
    with open(name, 'wb') as f:
        for path in sorted(files):
            f.write(b'%s\t%d\t%d\t%s\n' % (files[path] + (path,)))


def step_of(files, delta):
    with open(delta, 'rb') as f:
        for line in f.read().split(b'\n'):
            if line[:1] == b'-':
                files.pop(line[2:], None)
            elif line:
                _, kind, size, mtime, path = line.split(b'\t', 4)
                files[path] = (kind, int(size), int(mtime))


def parents(path):
    while (i := path.rfind(b'/')) > 0:
        path = path[:i]
        yield path


class Host:
    """One host's files, night after night."""

    def __init__(self, seed, common, own, n):
        self.rng = random.Random(seed)
        self.files, self.changes = {}, {}
        shared = common[:int(n * 0.8)]
        for path in shared:
            self.put(path, START)
        self.spare = [p for p in own]
        self.rng.shuffle(self.spare)
        while len(self.files) < n and self.spare:
            self.put(self.spare.pop(), START)
        self.plain = [p for p, e in self.files.items() if e[0] == b'f']

    def put(self, path, now):
        when = now - self.rng.randrange(DAY if self.changes else 900 * DAY)
        for p in parents(path):
            old = self.files.get(p)
            if old is None:
                self.changes.setdefault(p, None)
                self.files[p] = (b'd', 4096, when)
            elif old[0] != b'd':
                return False
        if path in self.files:
            return False
        self.changes.setdefault(path, None)
        size = min(int(self.rng.lognormvariate(8, 2.2)), 1 << 36)
        self.files[path] = (b'f', size, when)
        return True

    def change(self, path, entry):
        self.changes.setdefault(path, self.files.get(path))
        if entry is None:
            del self.files[path]
        else:
            self.files[path] = entry

    def pick(self):
        while True:
            i = self.rng.randrange(len(self.plain))
            path = self.plain[i]
            if path in self.files and self.files[path][0] == b'f':
                return path
            self.plain[i] = self.plain[-1]
            self.plain.pop()

    def touch_parent(self, path, when):
        p = path[:path.rfind(b'/')]
        if p and p in self.files:
            self.change(p, (b'd', 4096, max(when, self.files[p][2])))

    def night(self, k, out):
        self.changes = {b'': None}
        now, n = START + k * DAY, len(self.files)
        for _ in range(int(n * 0.005)):
            path = self.pick()
            self.change(path, None)
            self.touch_parent(path, now - self.rng.randrange(DAY))
        added = 0
        while added < int(n * 0.01):
            if self.spare and self.rng.random() < 0.7:
                path = self.spare.pop()
            else:
                old = self.pick()
                path = b'%s.%d' % (old[:4000], self.rng.randrange(10**6))
                if len(path) - path.rfind(b'/') > 250:
                    continue
            if self.put(path, now):
                self.plain.append(path)
                self.touch_parent(path, now - self.rng.randrange(DAY))
                added += 1
        for _ in range(int(n * 0.01)):
            path = self.pick()
            _, size, _ = self.files[path]
            self.change(path, (b'f', max(0, int(size *
                self.rng.lognormvariate(0, 0.3))),
                now - self.rng.randrange(DAY)))
        with open(out, 'wb') as f:
            for path in sorted(self.changes):
                was, now_is = self.changes[path], self.files.get(path)
                if now_is is None and was is not None:
                    f.write(b'-\t%s\n' % path)
                elif now_is is not None and now_is != was:
                    f.write(b'%s\t%s\t%d\t%d\t%s\n' %
                            ((b'~' if was else b'+',) + now_is + (path,)))


def versions(name, to, hosts, nights, n='1000000'):
    with open(name, 'rb') as f:
        pool = [p for p in f.read().split(b'\n') if p]
    dirs = {q for p in pool for q in parents(p)}
    pool = [p for p in pool if p not in dirs]
    # Whole directories are shared or not, as packages are.
    rng = random.Random(1)
    folders = sorted({p[:p.rfind(b'/')] for p in pool})
    rank = dict(zip(folders, rng.sample(range(len(folders)), len(folders))))
    pool.sort(key=lambda p: (rank[p[:p.rfind(b'/')]], p))
    common, own = pool[:int(n)], pool[int(int(n) * 0.8):]
    for h in range(int(hosts)):
        d = os.path.join(to, 'h%03d' % h)
        os.makedirs(d, exist_ok=True)
        host = Host(h, common, own, int(n))
        write_tsv(os.path.join(d, 'base.tsv'), host.files)
        for k in range(1, int(nights)):
            host.night(k, os.path.join(d, 'd%03d.delta' % k))
        print(f'{d}: {len(host.files)} paths')


def make(path, entry):
    kind, size, mtime = entry
    if kind == b'd':
        os.makedirs(path, exist_ok=True)
        return
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
    os.ftruncate(fd, size)
    os.utime(fd, ns=(mtime, mtime))
    os.close(fd)


def tree(base, root):
    root, dirs = os.fsencode(root), []
    os.makedirs(root, exist_ok=True)
    for path, entry in read_tsv(base):
        make(root + path, entry)
        if entry[0] == b'd':
            dirs.append((root + path, entry[2]))
    for path, mtime in reversed(dirs):
        os.utime(path, ns=(mtime, mtime))


def step(delta, root):
    root, dirs, gone, files = os.fsencode(root), [], [], {}
    step_of(files, delta)
    with open(delta, 'rb') as f:
        gone = [l[2:] for l in f.read().split(b'\n') if l[:1] == b'-']
    for path in sorted(files):
        make(root + path, files[path])
        if files[path][0] == b'd':
            dirs.append((root + path, files[path][2]))
    for path in reversed(gone):
        path = root + path
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
    for path, mtime in reversed(dirs):
        os.utime(path, ns=(mtime, mtime))


def night(d, n, out):
    files = dict(read_tsv(os.path.join(d, 'base.tsv')))
    for k in range(1, int(n) + 1):
        step_of(files, os.path.join(d, 'd%03d.delta' % k))
    write_tsv(out, files)


def paths(name):
    sys.stdout.buffer.write(b'\n'.join(p for p, _ in read_tsv(name)) + b'\n')


if __name__ == '__main__':
    verbs = {f.__name__: f
             for f in (versions, tree, step, night, paths)}
    if len(sys.argv) < 3 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[1]](*sys.argv[2:])
