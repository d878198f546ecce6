# SPDX-License-Identifier: GPL-2.0
"""Everything that a tun device with a virtio header can write at one UDP port.

    aggregates.py PORT SEED WRITERS GO COUNT

Makes the device tun0, which its caller gives addresses, waits until the file GO
is there, then writes until it is gone: random datagrams, each with a header that
claims something about segments, checksums and lengths, and many times in a row.
Whatever the kernel does not take is not our affair. Each writer appends to COUNT
a byte for every thousand that it did.
"""

import fcntl
import ipaddress
import os
import random
import socket
import struct
import sys
import time

TUNSETIFF = 0x400454CA
TUN, MULTI_QUEUE, NO_PI, VNET_HDR = 0x1, 0x100, 0x1000, 0x4000
NEEDS_CSUM = 1
NONE, TCP4, UFO, TCP6, UDP_L4, ECN = 0, 1, 3, 4, 5, 0x80
SIZES = (1, 2, 16, 31, 32, 33, 60, 64, 92, 96, 148, 149, 1000, 1420, 9000, 65535)
LENGTHS = (0, 1, 31, 32, 64, 92, 148, 1452, 2960, 8880, 20000, 64000)


def open_queue():
    fd = os.open("/dev/net/tun", os.O_RDWR)
    flags = TUN | MULTI_QUEUE | NO_PI | VNET_HDR
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"tun0", flags))
    return fd


def fold(data, total=0):
    """The Internet checksum of @data, not inverted."""
    if len(data) % 2:
        data += b"\0"
    total += sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def message(rng, size):
    """@size bytes that look like a message to some depth."""
    kind = rng.choice((1, 2, 3, 4, 4, 4, rng.randrange(256)))
    start = struct.pack("<II", kind, rng.getrandbits(32))
    return (start + bytes(size))[:size]


def payload(rng, size):
    length = rng.choice(LENGTHS + (rng.randrange(65000),))
    out = b""
    while len(out) < length:
        # a thousand different ones are as good as any number
        part = b"".join(message(rng, size) for _ in range(min(20, 1 + length // size)))
        out += part * (1 + length // (10 * len(part)))
    return out[:length]


def claims(rng, family, size):
    """A struct virtio_net_hdr: mostly possible, sometimes not."""
    start = 20 if family == 4 else 40
    kind = rng.choice((NONE, UFO, UDP_L4, UDP_L4, UDP_L4, TCP4, TCP6, UDP_L4 | ECN))
    return struct.pack("=BBHHHH", rng.choice((0, NEEDS_CSUM, NEEDS_CSUM, rng.randrange(8))),
                       kind, rng.choice((0, start + 8, start + 8, rng.randrange(65536))), size,
                       rng.choice((start, start, start, rng.randrange(128))),
                       rng.choice((6, 6, 6, 16, rng.randrange(64))))


def datagram(rng, port, size):
    """An IP packet to @port, from one of few sources, and its family."""
    data = payload(rng, size)
    family = rng.choice((4, 4, 6))
    # the frame may be longer than its headers say, and is cut then
    length = 8 + rng.choice((len(data),) * 8 + (0, 0, rng.randrange(len(data) + 1)))
    head = struct.pack("!HHH", rng.choice((51801, 1000, rng.randrange(1, 65536))), port, length)
    if family == 4:
        source = ipaddress.ip_address(rng.choice(("10.77.0.2", "10.77.0.3", "10.0.0.1"))).packed
        target = ipaddress.ip_address("10.77.0.1").packed
    else:
        source = ipaddress.ip_address(rng.choice(("fd77::2", "fd77::3"))).packed
        target = ipaddress.ip_address("fd77::1").packed
    pseudo = fold(source + target + struct.pack("!HH", socket.IPPROTO_UDP, length))
    check = rng.choice((pseudo, pseudo, (0xFFFF - fold(head + bytes(2) + data, pseudo)) or 0xFFFF,
                        0, rng.randrange(65536)))
    udp = head + struct.pack("!H", check) + data
    if family == 6:
        return 6, struct.pack("!IHBB", 6 << 28, length & 0xFFFF, socket.IPPROTO_UDP, 64) + \
            source + target + udp
    total = min(20 + length, 65535)
    fragment = rng.choice((0,) * 20 + (0x2000, 0x2010))
    ip = struct.pack("!BBHHHBBH", 0x45, 0, total, rng.randrange(65536), fragment, 64,
                     socket.IPPROTO_UDP, 0) + source + target
    return 4, ip[:10] + struct.pack("!H", 0xFFFF - fold(ip)) + ip[12:] + udp


def write_all(fd, port, seed, go, count):
    rng = random.Random(seed)
    written = 0
    while os.path.exists(go):
        size = rng.choice(SIZES + (rng.randrange(1, 2000),))
        family, packet = datagram(rng, port, size)
        for _ in range(10):
            frame = claims(rng, family, size) + packet
            for _ in range(10):
                try:
                    os.write(fd, frame)
                except OSError:
                    break
                written += 1
                if not written % 1000:
                    os.write(count, b".")


def main():
    port, seed, writers, go = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    count = os.open(sys.argv[5], os.O_WRONLY | os.O_APPEND)
    queues = [open_queue() for _ in range(writers)]
    print("ready", flush=True)
    while not os.path.exists(go):
        time.sleep(0.05)
    for i, fd in enumerate(queues):
        if not os.fork():
            os.sched_setaffinity(0, {i % os.cpu_count()})
            write_all(fd, port, seed + i, go, count)
            os._exit(0)
    for _ in queues:
        os.wait()


main()
