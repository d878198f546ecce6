#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Record WireGuard messages from an interface and send them again, changed.

Works on whole Ethernet frames, one per line in hexadecimal, so that a frame
that is sent again is the recorded one down to the last byte, its source
address included. Needs nothing but the standard library: BLAKE2s, which mac1
is made of, is in hashlib; what needs X25519 or ChaCha20 is recorded instead.

  forge.py send INTERFACE FILE [EDITS]      send each recorded frame
  forge.py pick PCAP FILE TYPE [COUNT]      frames of one message type
  forge.py inner INTERFACE PROTOCOL HEX     one packet into a tunnel device
  forge.py ask ADDRESS SECONDS              send a datagram, wait for an error;
                                            prints its number and the wait
  forge.py serve                            commands line by line, each
                                            answered with a line "done"
  forge.py flood INTERFACE PCAP KEY SOURCES RATE
           initiations to the holder of public KEY with a valid mac1 and
           nothing else valid, modelled on the first one in PCAP, without end
"""
import argparse
import base64
import hashlib
import os
import random
import select
import socket
import struct
import sys
import time

ETH, UDP = 14, 8
IP_RECVERR = 11
INITIATION = 1
INITIATION_LENGTH = 148
MAC1, MAC2 = 116, 132  # offsets in an initiation


def mac1(message, receiver):
    """The 16 bytes that prove knowledge of the receiver's public key."""
    key = hashlib.blake2s(b"mac1----" + receiver).digest()
    return hashlib.blake2s(message, key=key, digest_size=16).digest()


def checksum(data):
    """The one's complement sum of the Internet protocols."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Frame:
    """An Ethernet frame that holds UDP over IPv4, taken apart."""

    def __init__(self, raw):
        header = (raw[ETH] & 15) * 4
        length = struct.unpack_from("!H", raw, ETH + 2)[0]
        raw = raw[: ETH + length]  # without the padding of short frames
        self.ethernet = raw[:ETH]
        self.ip = bytearray(raw[ETH : ETH + header])
        self.udp = bytearray(raw[ETH + header : ETH + header + UDP])
        self.message = bytearray(raw[ETH + header + UDP :])

    def turn_round(self):
        """Send it back to where it came from."""
        self.ethernet = (self.ethernet[6:12] + self.ethernet[:6] +
                         self.ethernet[12:])
        self.ip[12:16], self.ip[16:20] = self.ip[16:20], self.ip[12:16]
        self.udp[0:2], self.udp[2:4] = self.udp[2:4], self.udp[0:2]

    def come_from(self, address, port):
        self.ip[12:16] = socket.inet_aton(address)
        struct.pack_into("!H", self.udp, 0, port)

    def raw(self):
        """The frame with lengths and checksums that fit its message."""
        length = len(self.ip) + UDP + len(self.message)
        struct.pack_into("!H", self.ip, 2, length)
        struct.pack_into("!H", self.ip, 10, 0)
        struct.pack_into("!H", self.ip, 10, checksum(bytes(self.ip)))
        # over IPv4 the checksum of UDP may be left out
        struct.pack_into("!HH", self.udp, 4, UDP + len(self.message), 0)
        return bytes(self.ethernet + self.ip + self.udp + self.message)


def read_pcap(path):
    """The frames of a capture file, as raw bytes."""
    with open(path, "rb") as capture:
        magic = capture.read(24)[:4]
        order = "<" if magic[:1] in b"\xd4\x4d" else ">"
        while len(head := capture.read(16)) == 16:
            yield capture.read(struct.unpack(order + "4I", head)[2])


def messages(path, kind):
    """The frames in a capture whose message is of type KIND."""
    for raw in read_pcap(path):
        if len(raw) < ETH + 28 or raw[12:14] != b"\x08\x00" or raw[ETH + 9] != 17:
            continue
        frame = Frame(raw)
        if frame.message[:4] == struct.pack("<I", kind):
            yield frame


def raw_socket(interface):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((interface, 0))
    return sock


def edit(frame, args):
    message = frame.message
    for change in args.set or ():
        offset, value = change.split("=")
        value = bytes.fromhex(value)
        message[int(offset) : int(offset) + len(value)] = value
    for offset in args.flip or ():
        message[offset] ^= 1
    if args.length is not None:
        grow = args.length - len(message)
        frame.message = message[: args.length] + bytes(max(grow, 0))
    if args.mac1:
        frame.message[MAC1:MAC2] = mac1(bytes(frame.message[:MAC1]),
                                        base64.b64decode(args.mac1))
    if args.back:
        frame.turn_round()
    if args.source:
        address, port = args.source.split(":")
        frame.come_from(address, int(port))
    if args.to:
        frame.ip[16:20] = socket.inet_aton(args.to)
    return frame


def send(args):
    sock = raw_socket(args.interface)
    with open(args.file, encoding="ascii") as lines:
        for line in lines:
            frame = edit(Frame(bytes.fromhex(line)), args)
            for _ in range(args.times):
                sock.send(frame.raw())


def pick(args):
    count = 0
    with open(args.file, "w", encoding="ascii") as out:
        for frame in messages(args.pcap, args.type):
            if args.longer and len(frame.message) <= args.longer:
                continue
            out.write(frame.raw().hex() + "\n")
            count += 1
            if count == args.count:
                break
    if not count:
        sys.exit("forge: no message of type %d in %s" % (args.type, args.pcap))


def inner(args):
    """Hand a device without link header a packet that IP never made."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    sock.sendto(bytes.fromhex(args.hex), (args.interface, int(args.protocol, 0)))


def ask(args):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    sock.connect((args.address, 9))
    begin = time.monotonic()
    try:
        sock.send(b"anybody there?")
    except OSError:
        pass  # said at once; the ICMP answer comes all the same
    select.select([sock], [], [], args.seconds)
    print(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
          int(time.monotonic() - begin))


def flood(args):
    """Initiations from many addresses of 198.18.0.0/15, at a steady rate."""
    key = base64.b64decode(args.key)
    frame = next(messages(args.pcap, INITIATION))
    chance = random.Random(1)
    frames = []
    for number in range(args.sources):
        message = bytearray(frame.message[:4] + os.urandom(INITIATION_LENGTH - 4))
        message[MAC2:] = bytes(16)
        message[MAC1:MAC2] = mac1(bytes(message[:MAC1]), key)
        frame.message = message
        frame.come_from("198.%d.%d.%d" % (18 + (number >> 16), number >> 8 & 255,
                                          number & 255), chance.randrange(1024, 65536))
        frames.append(frame.raw())
    sock = raw_socket(args.interface)
    begin = time.monotonic()
    sent = 0
    while True:
        for _ in range(int((time.monotonic() - begin) * args.rate) - sent):
            sock.send(frames[sent % len(frames)])
            sent += 1
        time.sleep(0.002)


def serve(_):
    for line in sys.stdin:
        args = commands().parse_args(line.split())
        args.run(args)
        print("done", flush=True)


def commands():
    parser = argparse.ArgumentParser(prog="forge.py")
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("send")
    verb.add_argument("interface")
    verb.add_argument("file")
    verb.add_argument("--set", action="append", metavar="OFFSET=HEX")
    verb.add_argument("--flip", action="append", type=int, metavar="OFFSET")
    verb.add_argument("--length", type=int, help="cut or extend with zeros")
    verb.add_argument("--mac1", metavar="KEY", help="made anew for KEY")
    verb.add_argument("--back", action="store_true", help="swap the addresses")
    verb.add_argument("--source", metavar="ADDRESS:PORT")
    verb.add_argument("--to", metavar="ADDRESS")
    verb.add_argument("--times", type=int, default=1)
    verb.set_defaults(run=send)
    verb = verbs.add_parser("pick")
    verb.add_argument("pcap")
    verb.add_argument("file")
    verb.add_argument("type", type=int)
    verb.add_argument("count", type=int, nargs="?", default=1)
    verb.add_argument("--longer", type=int, help="than so many bytes")
    verb.set_defaults(run=pick)
    verb = verbs.add_parser("inner")
    verb.add_argument("interface")
    verb.add_argument("protocol")
    verb.add_argument("hex")
    verb.set_defaults(run=inner)
    verb = verbs.add_parser("ask")
    verb.add_argument("address")
    verb.add_argument("seconds", type=float)
    verb.set_defaults(run=ask)
    verb = verbs.add_parser("flood")
    verb.add_argument("interface")
    verb.add_argument("pcap")
    verb.add_argument("key")
    verb.add_argument("sources", type=int)
    verb.add_argument("rate", type=int)
    verb.set_defaults(run=flood)
    verbs.add_parser("serve").set_defaults(run=serve)
    return parser


def main():
    args = commands().parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
