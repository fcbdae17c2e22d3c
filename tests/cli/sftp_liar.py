# An SFTP server that lies: sftp_liar.py LIE, on its standard input and output.
# It says that /r is a directory; what is in it depends on the lie.
#
# SPDX-License-Identifier: BSD-2-Clause
import os, signal, struct, sys

lie = sys.argv[1]
asked, given = sys.stdin.buffer, sys.stdout.buffer
DIR, FILE = 0o40755, 0o100644
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105


def u32(n):
    return struct.pack(">I", n)


def string(s):
    return u32(len(s)) + s


def attrs(mode):
    return u32(0xF) + u32(0) + u32(9) + bytes(8) + u32(mode) + bytes(8)


def name(s, mode=FILE):
    return string(s) + string(b"-") + attrs(mode)


def names(*of):
    return NAME, u32(len(of)) + b"".join(of)


def status(n):
    return STATUS, u32(n) + string(b"words \x1b[31m") + string(b"")


def send(type, id, body):
    given.write(u32(5 + len(body)) + bytes([type]) + u32(id) + body)
    given.flush()


def wait():
    asked.read()
    sys.exit()


said = {}
opened = []


def read_dir(path):
    n = said[path] = said.get(path, 0) + 1
    if lie == "deep":
        return names(name(b"d", DIR)) if n == 1 else status(1)
    if lie == "endless":
        return names(name(b".", DIR))
    if lie == "empty":
        return names()
    if lie == "bad for ever":
        return names(name(b"a/b"))
    if lie == "wide" and n <= 300:
        return names(*(name(b"n%d-%d" % (n, i)) for i in range(1000)))
    if n > 1:
        return status(1)
    if lie == "names":
        bad = b"", b"a/b", b"../x", b"/etc/passwd", b"a\0b", b"n" * 70000
        return names(name(b"good"), *map(name, bad), name(b"also"))
    if lie == "count":
        return NAME, u32(0xFFFFFFFF) + name(b"a")
    if lie == "length":
        return NAME, u32(1) + u32(0xFFFFFFFF) + b"a"
    if lie == "misfit":
        return HANDLE, string(b"h")
    if lie == "no mode":
        return names(string(b"what") + string(b"") + u32(0))
    if lie == "silent":
        wait()
    if lie == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if lie == "hangs up":
        os.kill(os.getppid(), signal.SIGKILL)
        wait()
    return names(name(b"a"))


def answer(type, body):
    s = body[4 : 4 + struct.unpack(">I", body[:4])[0]]
    if type == 16:
        return names(name(b"r/../x" if lie == "root" else b"/r"))
    if type in (7, 8):
        return ATTRS, attrs(DIR if s == b"/r" else FILE)
    if type == 3 and s.startswith(b"/proc"):
        return status(2)
    if type == 5:
        return DATA, string(b"x" * (200000 if lie == "more" else 1))
    if type == 12:
        return read_dir(opened[int(s)])
    if type in (3, 11):
        opened.append(s)
        return HANDLE, string(b"%d" % (len(opened) - 1))
    return status(0)


if lie == "greets":
    given.write(b"Welcome to this machine\n")
    given.flush()
    wait()
if lie == "mute":
    wait()
while len(head := asked.read(4)) == 4:
    message = asked.read(struct.unpack(">I", head)[0])
    type, id = message[0], struct.unpack(">I", message[1:5])[0]
    if type == 1:
        given.write(u32(5) + b"\2" + u32(6 if lie == "version" else 3))
        given.flush()
        continue
    if lie == "large":
        given.write(u32(0x7FFFFFFF))
        given.flush()
        wait()
    kind, text = answer(type, message[5:])
    send(kind, id + 256 * (lie == "id" and type == 12), text)
