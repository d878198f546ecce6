#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""requests.py SPEC ROLE SEED SECONDS INTERFACE...: requests to the family "wg".

What may be said is read from the netlink specification: valid requests, requests
with something wrong, bytes at random; dumps that pause, that are left, that are
read at once by several; groups that are joined and not read; links that are made,
renamed, brought up and down, moved to another namespace and deleted. ROLE is
admin, owner (of namespaces that this makes for itself, as a user without rights) or
nobody (who must be refused all). On other devices than those named it deletes;
those stay.

At its end it prints what was reached: for each operation how often it was accepted,
and refused by which error; for each attribute how often it was part of a request
that was accepted; for each thing that the kernel said of a refusal, how often. One
line of JSON. A reply that the specification does not allow ends it with status 1.
"""
import collections
import errno
import ipaddress
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time

import yaml

import genl

NLM_F_DUMP, NLM_F_CREATE, NLM_F_EXCL = 0x300, 0x400, 0x200
NLM_F_DUMP_INTR = 0x10
NLMSG_DONE = 3
RTM_NEWLINK, RTM_DELLINK = 16, 17
IFLA_IFNAME, IFLA_MTU, IFLA_LINKINFO, IFLA_NET_NS_FD, IFLA_INFO_KIND = 3, 4, 18, 28, 1
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SCALARS = {"u8": "=B", "u16": "=H", "u32": "=I", "u64": "=Q", "s64": "=q"}
THREADS = 3
ENOUGH = 40  # requests that are accepted, of each


class Spec:
    """The specification, with numbers where it leaves them to be counted."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            spec = yaml.safe_load(file)
        self.constants = {one["name"]: one["value"] for one in spec["definitions"]
                          if one["type"] == "const"}
        self.flags = {one["name"]: [entry["value"] for entry in one["entries"]]
                      for one in spec["definitions"] if one["type"] == "flags"}
        self.sets = {one["name"]: self.numbered(one["attributes"])
                     for one in spec["attribute-sets"]}
        self.operations = {one["name"]: one for one in spec["operations"]["list"]}
        self.groups = [one["name"] for one in spec["mcast-groups"]["list"]]

    @staticmethod
    def numbered(attributes):
        result, number = {}, -1
        for attribute in attributes:
            number = attribute.get("value", number + 1)
            result[attribute["name"]] = dict(attribute, value=number)
        return result

    def bounds(self, attribute):
        """Least and greatest length."""
        checks = attribute.get("checks", {})
        low, high = (self.constants.get(checks.get(name), checks.get(name))
                     for name in ("min-len", "max-len"))
        exact = checks.get("exact-len")
        exact = self.constants.get(exact, exact)
        return (exact or low or 0, exact or high or 64)

    def is_reported(self, name, attribute):
        """Has a request no place for it? Of a nest only the text says so."""
        if name == "device":
            return attribute["name"] not in \
                self.operations["set-device"]["do"]["request"]["attributes"]
        return "Only reported" in attribute.get("doc", "")


class Maker:
    """Attributes that are right, or nearly."""

    def __init__(self, spec, chance, names):
        self.spec, self.chance, self.names = spec, chance, names
        self.keys = [chance.randbytes(32) for _ in range(64)] + [bytes(32)]
        self.used = set()

    def one_in(self, n):
        return self.chance.randrange(n) == 0

    def is_off(self, n):
        """Is this one in so many that are wrong? Not where all is to be accepted."""
        return not self.is_good() and self.one_in(n)

    def is_good(self):
        """Is this request to be accepted? Then nothing is left to chance that may not be."""
        return self.odds > 1000

    def number(self, attribute):
        if attribute["name"] == "protocol-version" and self.is_good():
            return 1
        if "max" in attribute.get("checks", {}) and self.is_good():
            return int(self.one_in(8))  # what is on may have others refused
        width = 8 * struct.calcsize(SCALARS[attribute["type"]])
        flags = self.spec.flags.get(attribute.get("enum"))
        if flags and not self.is_off(8):
            return sum(1 << bit for bit in flags if self.one_in(4))
        return self.chance.choice([0, 1, 2, 10, 24, 25, 32, 128, 51820,
                                   self.chance.getrandbits(width)]) % (1 << width)

    def text(self, attribute):
        if attribute["name"] == "ifname":
            return self.chance.choice(self.names).encode() + b"\0"
        if attribute["name"] == "bind-device" and (self.is_good() or not self.one_in(8)):
            return self.chance.choice([b"\0", b"lo\0"])
        if self.is_good():
            return self.chance.randbytes(8).hex().encode() + b"\0"
        length = self.chance.randrange(self.spec.bounds(attribute)[1] + 2)
        return bytes(self.chance.choices(b"abc-. \xc3\xa4\n\0" if self.one_in(3) else
                                         b"abcdef", k=length)) + b"\0"

    def binary(self, attribute):
        name = attribute["name"]
        low, high = self.spec.bounds(attribute)
        if name.endswith("key"):
            return self.chance.choice(self.keys)
        if name == "endpoint":
            family = self.chance.choice([socket.AF_INET, socket.AF_INET6])
            rest = {socket.AF_INET: 14, socket.AF_INET6: 26}[family]
            if self.is_good():
                return struct.pack("=H", family) + b"\x12\x34" + bytes(rest - 2)
            return struct.pack("=H", family) + self.chance.randbytes(rest)
        if name == "bind-address" and not self.one_in(8):
            return ipaddress.IPv6Address(self.chance.choice(
                ["::", "::1", "::ffff:127.0.0.1"])).packed
        if name == "ipaddr":
            return bytes([10, 9, 1, self.chance.randrange(256)])
        return self.chance.randbytes(self.chance.randint(low, high))

    def payload(self, attribute, depth):
        kind = attribute["type"]
        if kind in SCALARS:
            return struct.pack(SCALARS[kind], self.number(attribute))
        if kind == "string":
            return self.text(attribute)
        if kind in ("nest", "indexed-array"):
            inner = attribute["nested-attributes"]
            if kind == "nest":
                return self.some(inner, depth + 1)
            count = self.chance.choice([0, 1, 1, 2, 5, 40])
            return b"".join(genl.attribute(i % 3 | genl.NESTED, self.some(inner, depth + 1))
                            for i in range(count))
        return self.binary(attribute)

    def spoiled(self, payload):
        """Too short, too long, or other bytes."""
        how = self.chance.randrange(4)
        if how == 0:
            return payload[:self.chance.randrange(len(payload) + 1)]
        if how == 1:
            return payload + self.chance.randbytes(self.chance.randrange(1, 70))
        return self.chance.randbytes(len(payload))

    def attribute(self, attribute, depth):
        payload = self.payload(attribute, depth)
        number = attribute["value"]
        if attribute["type"] in ("nest", "indexed-array") and not self.is_off(40):
            number |= genl.NESTED
        if self.one_in(self.odds):
            payload = self.spoiled(payload)
        if self.one_in(self.odds):
            number = self.chance.choice([0, 63, 64, 200, 0x3fff, number ^ 1])
        self.used.add(attribute["name"])
        encoded = genl.attribute(number, payload)
        if self.one_in(self.odds * 4):  # a length that is not that of the payload
            encoded = struct.pack("=H", self.chance.randrange(65536)) + encoded[2:]
        return encoded

    def some(self, name, depth=0):
        """Some attributes of a set, most of those that have to be there."""
        wanted = {"peer": ["public-key"],
                  "allowedip": ["family", "ipaddr", "cidr-mask"]}.get(name, [])
        parts = []
        for attribute in self.spec.sets[name].values():
            if attribute["type"] in ("unused", "pad") or \
                    self.is_good() and self.spec.is_reported(name, attribute):
                continue
            is_wanted = attribute["name"] in wanted
            if is_wanted and not self.is_off(30) or \
                    not is_wanted and self.one_in(4):
                value = self.attribute(attribute, depth)
                if attribute["name"] == "family" and not self.is_off(10):
                    value = genl.attribute(attribute["value"],
                                           struct.pack("=H", socket.AF_INET))
                if attribute["name"] == "cidr-mask" and not self.is_off(10):
                    value = genl.attribute(attribute["value"],
                                           bytes([self.chance.choice([24, 31, 32])]))
                parts.append(value)
        if self.one_in(12):
            self.chance.shuffle(parts)
        return b"".join(parts)

    def device(self):
        """A request to set a device: half of them are meant well."""
        self.used = set()
        self.odds = self.chance.choice([10 ** 9, 60, 8])
        names = genl.attribute(self.spec.sets["device"]["ifname"]["value"],
                               self.chance.choice(self.names).encode() + b"\0")
        if self.one_in(50):
            names = b""
        return names + self.some("device")


def reply_faults(spec, name, data):
    """What the specification does not allow in a set of attributes."""
    by_number = {one["value"]: one for one in spec.sets[name].values()}
    for number, value in genl.attributes(data):
        attribute = by_number.get(number)
        if attribute is None or attribute["type"] == "unused":
            yield f"{name}: attribute {number}"
            continue
        kind = attribute["type"]
        low, high = spec.bounds(attribute)
        if kind in SCALARS and len(value) != struct.calcsize(SCALARS[kind]):
            yield f"{attribute['name']}: {len(value)} bytes"
        elif kind == "binary" and not low <= len(value) <= high:
            yield f"{attribute['name']}: {len(value)} bytes"
        elif kind == "nest":
            yield from reply_faults(spec, attribute["nested-attributes"], value)
        elif kind == "indexed-array":
            for _, entry in genl.attributes(value):
                yield from reply_faults(spec, attribute["nested-attributes"], entry)


def dump_faults(spec, parts):
    """What a dump in which nothing changed cannot say: an allowed IP of two peers, or
    another number of peers than it shows."""
    if any(flags & NLM_F_DUMP_INTR for flags, _ in parts):
        return
    device = {name: one["value"] for name, one in spec.sets["device"].items()}
    peer = {name: one["value"] for name, one in spec.sets["peer"].items()}
    told = [pair for _, part in parts for pair in genl.attributes(part)]
    peers = [list(genl.attributes(entry)) for number, nest in told
             if number == device["peers"] for _, entry in genl.attributes(nest)]
    ips = collections.Counter(
        ip for one in peers for number, nest in one if number == peer["allowedips"]
        for _, ip in genl.attributes(nest))
    yield from (f"two peers have {ip.hex()}" for ip, count in ips.items() if count > 1)
    keys = {key for one in peers for number, key in one if number == peer["public-key"]}
    for number, count in told:
        if number == device["peer-count"] and count != struct.pack("=I", len(keys)):
            yield f"{len(keys)} peers are shown as {count.hex()}"


class Worker(threading.Thread):
    """One that asks, on sockets of its own."""

    def __init__(self, spec, seed, end, names, fixed, is_nobody):
        super().__init__()
        self.spec, self.end, self.fixed = spec, end, fixed
        self.chance = random.Random(seed)
        self.maker = Maker(spec, self.chance, names)
        self.is_nobody, self.names = is_nobody, names
        self.results = collections.Counter()
        self.accepted = collections.Counter()
        self.said = collections.Counter()
        self.faults = []
        self.sock = self.generic()
        described = genl.family(self.sock, "wg")
        self.family = struct.unpack("=H", described[genl.CTRL_ATTR_FAMILY_ID])[0]
        self.group_ids = dict(genl.group_ids(described))
        self.listeners = []

    @staticmethod
    def generic():
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, genl.NETLINK_GENERIC)
        sock.setsockopt(genl.SOL_NETLINK, genl.NETLINK_EXT_ACK, 1)
        sock.setsockopt(genl.SOL_NETLINK, genl.NETLINK_CAP_ACK, 1)
        sock.settimeout(60)
        sock.bind((0, 0))
        return sock

    def note(self, what, error):
        self.results[what, errno.errorcode.get(error, str(error)) if error else "ok"] += 1
        if self.is_nobody and not error:
            self.faults.append(f"nobody may {what}")

    def answer(self, sock, what):
        """The error of an answer, and what was said of it."""
        data = sock.recv(1 << 17)
        kind, flags = struct.unpack_from("=HH", data, 4)
        if kind != genl.NLMSG_ERROR:
            self.faults.append(f"{what}: an answer of type {kind}")
            return 0
        error = -struct.unpack_from("=i", data, genl.HEADER)[0]
        if flags & genl.NLM_F_ACK_TLVS:
            for number, value in genl.attributes(data[genl.HEADER + 20:]):
                if number == genl.NLMSGERR_ATTR_MSG:
                    self.said[value.rstrip(b"\0").decode()] += 1
        self.note(what, error)
        return error

    def set_device(self):
        payload = self.maker.device()
        used = set(self.maker.used)
        command = self.spec.operations["set-device"]["value"]
        self.sock.send(genl.message(self.family, genl.NLM_F_ACK, command, payload))
        if not self.answer(self.sock, "set-device"):
            self.accepted.update(used)

    def noise(self):
        """Any command, any bytes."""
        payload = self.chance.randbytes(self.chance.randrange(200))
        command = self.chance.choice([0, 1, 2, 64, 255])
        flags = self.chance.choice([0, NLM_F_DUMP]) | genl.NLM_F_ACK
        sock = self.generic()
        with sock:
            sock.send(genl.message(self.family, flags, command, payload))
            sock.recv(1 << 17)
        self.results["noise", "sent"] += 1

    def dump(self):
        """Messages of a dump; it pauses, or is left."""
        name = genl.attribute(self.spec.sets["device"]["ifname"]["value"],
                              self.chance.choice(self.names).encode() + b"\0")
        sock = self.generic()
        room = self.chance.choice([1 << 13, 1 << 17])  # with less there are more parts
        parts = []
        with sock:
            sock.send(genl.message(self.family, NLM_F_DUMP,
                                   self.spec.operations["get-device"]["value"], name))
            for _ in range(self.chance.choice([1, 2, 100])):
                if not self.dump_message(sock, room, parts):
                    break
                if self.chance.randrange(3) == 0:
                    time.sleep(self.chance.random() / 20)

    def dump_message(self, sock, room, parts):
        """Return: whether there is more. A part is its flags and what it says."""
        data = sock.recv(room)
        while len(data) >= genl.HEADER:
            length, kind, flags = struct.unpack_from("=IHH", data)
            parts.append((flags, data[genl.HEADER + 4:length]))
            if kind in (genl.NLMSG_ERROR, NLMSG_DONE):
                error = -struct.unpack_from("=i", data, genl.HEADER)[0]
                if not error:  # else it ended in the midst: the device went
                    self.faults += dump_faults(self.spec, parts)
                self.note("get-device", error)
                return False
            self.faults += reply_faults(self.spec, "device", parts[-1][1])
            data = data[(length + 3) & ~3:]
        return True

    def listen(self):
        """Join a group; read what came in another now and then, or leave it."""
        sock = self.generic()
        try:
            sock.setsockopt(genl.SOL_NETLINK, genl.NETLINK_ADD_MEMBERSHIP,
                            self.group_ids[self.chance.choice(self.spec.groups)])
            self.note("join", 0)
        except OSError as error:
            self.note("join", error.errno)
        self.listeners.append(sock)
        if len(self.listeners) > 6:
            self.read_events(self.listeners.pop(self.chance.randrange(6)))

    def read_events(self, sock):
        with sock:
            sock.setblocking(False)
            try:
                while True:
                    data = sock.recv(1 << 17)
                    self.faults += reply_faults(self.spec, "notification",
                                                data[genl.HEADER + 4:])
                    self.results["event", str(data[genl.HEADER])] += 1
            except OSError:
                pass

    def link(self):
        """Something with a link, of those that need not stay."""
        loose = [name for name in self.names if name not in self.fixed]
        name = self.chance.choice(loose).encode() + b"\0"
        kind = genl.attribute(IFLA_LINKINFO,
                              genl.attribute(IFLA_INFO_KIND, b"wg\0"))
        what, number, flags, change, attributes = self.chance.choice([
            ("make", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, kind),
            ("make", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0, kind),
            ("up", RTM_NEWLINK, 0, 1, b""),
            ("down", RTM_NEWLINK, 0, 0, b""),
            ("mtu", RTM_NEWLINK, 0, None, genl.attribute(
                IFLA_MTU, struct.pack("=I", self.chance.choice([0, 576, 1420, 1 << 31])))),
            ("move", RTM_NEWLINK, 0, None, b"move"),
            ("delete", RTM_DELLINK, 0, None, b"")])
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
            sock.settimeout(60)
            if attributes == b"move":
                self.move(sock, name)
                return
            mask = 0 if change is None or number != RTM_NEWLINK or flags else 1
            self.send_link(sock, number, flags, change or 0, mask,
                           genl.attribute(IFLA_IFNAME, name) + attributes)
            self.answer(sock, what)

    @staticmethod
    def send_link(sock, number, flags, up, mask, attributes):
        body = struct.pack("=BxHiII", 0, 0, 0, up, mask) + attributes
        sock.send(struct.pack("=IHHII", genl.HEADER + len(body), number,
                              genl.NLM_F_REQUEST | genl.NLM_F_ACK | flags, 1, 0) + body)

    def move(self, sock, name):
        """Into a namespace that goes with this function."""
        with subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read -r _"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as other:
            if not other.stdout.readline():
                return
            with open(f"/proc/{other.pid}/ns/net", "rb") as space:
                self.send_link(sock, RTM_NEWLINK, 0, 0, 0,
                               genl.attribute(IFLA_IFNAME, name) + genl.attribute(
                                   IFLA_NET_NS_FD, struct.pack("=I", space.fileno())))
                self.answer(sock, "move")

    def goes_on(self):
        """A slow machine takes longer: too few say nothing of all settings."""
        late = time.monotonic() - self.end
        return late < 0 or late < 120 and not self.is_nobody and \
            self.results["set-device", "ok"] < ENOUGH

    def run(self):
        # nobody's namespace has devices: what is refused there is refused
        doings = [self.set_device] * 6 + [self.dump] * 2 + [self.noise, self.listen]
        if not self.is_nobody:
            doings.append(self.link)
        while self.goes_on() and not self.faults:
            try:
                self.chance.choice(doings)()
            except TimeoutError:
                self.faults.append("no answer within a minute")
        for sock in self.listeners:
            self.read_events(sock)


def unshare(flags):
    """Python 3.11 has none."""
    import ctypes
    return ctypes.CDLL(None, use_errno=True).unshare(flags)


def own_namespaces():
    """A user without rights makes namespaces, of which they are root."""
    uid = os.getuid()
    if unshare(CLONE_NEWUSER | CLONE_NEWNET):
        sys.exit("no namespaces for users here")
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"),
                       ("gid_map", f"0 {os.getgid()} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def main():
    if len(sys.argv) < 6:
        sys.exit(__doc__)
    spec, role, seed, seconds = Spec(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    fixed = sys.argv[5:]
    if role == "owner":
        own_namespaces()
        fixed = []
    end = time.monotonic() + float(seconds)
    names = fixed + ["fuzz0", "fuzz1"]
    workers = [Worker(spec, f"{seed} {role} {i}", end, names, fixed, role == "nobody")
               for i in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    report = {"role": role, "operations": {}, "attributes": {}, "said": {}, "faults": []}
    for worker in workers:
        for (what, how), count in worker.results.items():
            hows = report["operations"].setdefault(what, {})
            hows[how] = hows.get(how, 0) + count
        for name, count in worker.accepted.items():
            report["attributes"][name] = report["attributes"].get(name, 0) + count
        for what, count in worker.said.items():
            report["said"][what] = report["said"].get(what, 0) + count
        report["faults"] += worker.faults
    print(json.dumps(report, sort_keys=True))
    return bool(report["faults"])


if __name__ == "__main__":
    sys.exit(main())
