#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What no tool does with the family "wg".

  genl.py set INTERFACE < REQUEST   sends the request as one message; prints
                                    "ok", or the error and what the kernel
                                    says of it; ends with 1 on an error
  genl.py join GROUP                joins a group and prints "joined", or the
                                    error; then ends
  genl.py listen GROUP              joins and prints the command of each message

A request is a list of attributes in JSON, each [number, type, value]; the
types are u8, u16, u32, hex, str, in4 (address and port), and nest (a list of
attributes). ["repeat", count, attribute] stands for that many copies, in which
the text "%d" is the number of the copy.
"""
import errno
import json
import os
import socket
import struct
import sys

NETLINK_GENERIC = 16
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 1, 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLM_F_ACK_TLVS = 1, 4, 0x200
NLMSG_ERROR = 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_MCAST_GROUPS = 1, 2, 7
CTRL_ATTR_MCAST_GRP_NAME, CTRL_ATTR_MCAST_GRP_ID = 1, 2
NLMSGERR_ATTR_MSG = 1
NESTED = 0x8000
WG_CMD_SET_DEVICE, WG_DEVICE_A_IFNAME = 1, 2
HEADER = 16


def attribute(number, payload):
    """One attribute; its length field has 16 bits, whatever the payload."""
    length = 4 + len(payload)
    return struct.pack("=HH", length & 0xFFFF, number) + payload + bytes(-length % 4)


def encode(item, copy=0):
    number, kind, value = item
    if isinstance(value, str):
        value = value.replace("%d", str(copy))
    if kind in ("u8", "u16", "u32"):
        payload = struct.pack({"u8": "=B", "u16": "=H", "u32": "=I"}[kind], int(value))
    elif kind == "hex":
        payload = bytes.fromhex(value)
    elif kind == "key":  # 32 bytes that begin with a number
        payload = struct.pack(">I", int(value)) + b"\x01" * 28
    elif kind == "address":  # the number-th of 10.0.0.0/8
        payload = struct.pack(">I", (10 << 24) + int(value))
    elif kind == "in4":
        address, port = value.split(":")
        payload = (struct.pack("=H", socket.AF_INET) + struct.pack(">H", int(port)) +
                   socket.inet_aton(address) + bytes(8))
    elif kind == "str":
        payload = value.encode() + b"\0"
    else:
        number |= NESTED
        payload = b"".join(expand(value, copy))
    return attribute(number, payload)


def expand(items, copy=0):
    """The encoded attributes of a list, repetitions written out."""
    for item in items:
        if item[0] == "repeat":
            for number in range(*item[1]):
                yield encode(item[2], number)
        else:
            yield encode(item, copy)


def split(nest_number, peers):
    """Peers in as many nests as it takes: each holds less than 64 KiB."""
    chunk = b""
    for peer in peers:
        if len(chunk) + len(peer) > 60000:
            yield attribute(nest_number | NESTED, chunk)
            chunk = b""
        chunk += peer
    yield attribute(nest_number | NESTED, chunk)


def message(kind, flags, command, payload):
    body = struct.pack("=BBH", command, 1, 0) + payload
    return struct.pack("=IHHII", HEADER + len(body), kind,
                       NLM_F_REQUEST | flags, 1, 0) + body


def attributes(data):
    while len(data) >= 4:
        length, number = struct.unpack_from("=HH", data)
        yield number & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3:]


def family(sock, name):
    """The attributes of a family."""
    sock.send(message(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY,
                      attribute(CTRL_ATTR_FAMILY_NAME, name.encode() + b"\0")))
    result = dict(attributes(sock.recv(65536)[HEADER + 4:]))
    if CTRL_ATTR_FAMILY_ID not in result:
        sys.exit("genl: no family " + name)
    return result


def group_ids(described):
    """Names and numbers of a family's groups."""
    for _, entry in attributes(described[CTRL_ATTR_MCAST_GROUPS]):
        group = dict(attributes(entry))
        yield (group[CTRL_ATTR_MCAST_GRP_NAME].rstrip(b"\0").decode(),
               struct.unpack("=I", group[CTRL_ATTR_MCAST_GRP_ID])[0])


def join(sock, group):
    number = dict(group_ids(family(sock, "wg")))[group]
    try:
        sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, number)
        print("joined", flush=True)
    except OSError as error:
        print(errno.errorcode[error.errno])
        sys.exit(1)


def listen(sock, group):
    join(sock, group)
    while True:
        print(sock.recv(65536)[HEADER], flush=True)


def set_device(sock, name):
    sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
    sock.setsockopt(socket.SOL_SOCKET, 32, 64 << 20)  # SO_SNDBUFFORCE
    payload = attribute(WG_DEVICE_A_IFNAME, name.encode() + b"\0")
    for item in json.load(sys.stdin):
        if item[0] == "peers":
            payload += b"".join(split(8, expand(item[1])))
        else:
            payload += encode(item)
    number = struct.unpack("=H", family(sock, "wg")[CTRL_ATTR_FAMILY_ID])[0]
    sock.send(message(number, NLM_F_ACK, WG_CMD_SET_DEVICE, payload))
    answer = sock.recv(65536)
    kind, flags = struct.unpack_from("=HH", answer, 4)
    error = struct.unpack_from("=i", answer, HEADER)[0]
    if kind != NLMSG_ERROR:
        sys.exit("genl: an answer of type %d" % kind)
    if not error:
        print("ok")
        return
    said = ""
    if flags & NLM_F_ACK_TLVS:
        for number, value in attributes(answer[HEADER + 20:]):
            if number == NLMSGERR_ATTR_MSG:
                said = value.rstrip(b"\0").decode()
    print("%s: %s" % (errno.errorcode.get(-error, os.strerror(-error)), said))
    sys.exit(1)


def main():
    actions = {"set": set_device, "join": join, "listen": listen}
    if len(sys.argv) != 3 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    sock.bind((0, 0))
    actions[sys.argv[1]](sock, sys.argv[2])


if __name__ == "__main__":
    main()
