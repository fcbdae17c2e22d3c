# Tars as no program writes them: for tests of archives, made byte by byte.
#
# SPDX-License-Identifier: BSD-2-Clause
end = b"\0" * 1024


def number(n, width):
    if n < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, n)
    return b"\x80" + n.to_bytes(width - 1, "big")


def header(name, size=0, kind=b"0", mode=0o644, link=b"", rest=b""):
    h = name[:100].ljust(100, b"\0") + number(mode, 8) + number(0, 8) * 2
    h += number(size, 12) + number(1700000000, 12) + b" " * 8 + kind
    h += link[:100].ljust(100, b"\0") + b"ustar  \0" + rest
    h = h.ljust(512, b"\0")
    return h[:148] + b"%06o\0 " % sum(h) + h[156:]


def body(data):
    return data + b"\0" * (-len(data) % 512)


def member(name, data=b"", **kw):
    if len(name) > 100:
        return (header(b"././@LongLink", len(name) + 1, b"L")
                + body(name + b"\0") + member(name[:100], data, **kw))
    return header(name, len(data), **kw) + body(data)
