#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""deny.py CGROUP: what the sockets of this control group receive is dropped, as by
IPAddressDeny=any of systemd; for as long as the group is there."""
import ctypes
import os
import struct
import sys

SYS_BPF, PROG_LOAD, PROG_ATTACH = 321, 5, 8
TYPE_CGROUP_SKB, CGROUP_INET_INGRESS = 8, 0
# r0 = 0; exit
PROGRAM = struct.pack("=BBhi", 0xb7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0)


def bpf(command, attributes):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(SYS_BPF, command, attributes, len(attributes))
    if result < 0:
        sys.exit("bpf: " + os.strerror(ctypes.get_errno()))
    return result


def main():
    program = ctypes.create_string_buffer(PROGRAM)
    license_name = ctypes.create_string_buffer(b"GPL")
    loaded = bpf(PROG_LOAD, struct.pack(
        "=IIQQIIQII", TYPE_CGROUP_SKB, len(PROGRAM) // 8, ctypes.addressof(program),
        ctypes.addressof(license_name), 0, 0, 0, 0, 0))
    group = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
    bpf(PROG_ATTACH, struct.pack("=IIII", group, loaded, CGROUP_INET_INGRESS, 0))


main()
