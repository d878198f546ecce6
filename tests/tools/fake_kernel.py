# SPDX-License-Identifier: GPL-2.0
"""A kernel with tunnel interfaces, as far as a configuration tool can tell.

The same state is reached in two ways: by netlink datagrams over a unix socket
(for wgctl, see fake_transport.c), and by the text protocol of userspace
implementations over /run/wireguard/NAME.sock (for the stock wg). So what one
tool sets, the other shows, and the state after either can be compared.

Netlink is taken apart and put together here with nothing but struct, from the
numbers of the header include/uapi/linux/wg.h.
"""
import copy
import os
import re
import socket
import struct
import threading

HEADER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../include/uapi/linux/wg.h")

ENOENT, ENODEV, EINVAL, EEXIST, EOPNOTSUPP, ENETUNREACH = 2, 19, 22, 17, 95, 101
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_MULTI, NLM_F_DUMP_INTR, NLM_F_CAPPED, NLM_F_ACK_TLVS = 2, 16, 0x100, 0x200
NLM_F_DUMP = 0x300
RTM_GETLINK = 18
FAMILY_IDS = {"wg": 0x20, "wireguard": 0x21}
REFUSED_IP = "203.0.113.254"  # the address that this kernel never accepts


def read_numbers():
    """All enumerators of the header, by name."""
    numbers, value = {}, 0
    text = re.sub(r"/\*.*?\*/", "", open(HEADER).read(), flags=re.S)
    for body in re.findall(r"enum \w+ \{(.*?)\}", text, flags=re.S):
        value = 0
        for item in filter(None, (i.strip() for i in body.split(","))):
            name, _, given = (part.strip() for part in item.partition("="))
            if given:
                value = eval(given.replace("U", ""))  # "1 << 16", "64"
            numbers[name] = value
            value += 1
    return numbers


N = read_numbers()


def pad(data):
    return data + bytes(-len(data) % 4)


def attr(kind, data):
    assert len(data) + 4 < 65536
    return pad(struct.pack("=HH", len(data) + 4, kind) + data)


def nest(kind, *parts):
    return attr(kind | 0x8000, b"".join(parts))


def attrs(data, base=0):
    """(type, payload, offset of the attribute) of each attribute."""
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        assert 4 <= length <= len(data) - at, "malformed attribute"
        yield kind & 0x3fff, data[at + 4:at + length], base + at
        at += (length + 3) & ~3
    assert at == len(data), "bytes after the last attribute"


def message(kind, flags, seq, payload):
    return struct.pack("=IHHII", 16 + len(payload), kind, flags, seq, 1) + payload


def genl(kind, seq, command, payload, flags=0):
    return message(kind, flags, seq, struct.pack("=BBH", command, 1, 0) + payload)


def refusal(kind, reason, seconds, endpoint, key):
    return nest(kind, attr(N["WG_REFUSAL_A_REASON"], reason.encode() + b"\0"),
                attr(N["WG_REFUSAL_A_TIME"], struct.pack("=qq", seconds, 0)),
                attr(N["WG_REFUSAL_A_ADDRESS"], pack_endpoint(endpoint)) if endpoint else b"",
                attr(N["WG_REFUSAL_A_PUBLIC_KEY"], key))


class Refused(Exception):
    def __init__(self, code, words="", offset=0):
        super().__init__(words)
        self.code, self.words, self.offset = code, words, offset


class Peer:
    def __init__(self):
        self.psk = bytes(32)
        self.endpoint = None  # (family, address text, port, scope)
        self.keepalive = 0
        self.handshake = (0, 0)
        self.rx = self.tx = 0
        self.ips = {}  # (family, bytes, length), in order
        self.name = ""
        self.disabled = self.until = 0
        self.counters = (0, 0, 0, 0)
        self.drops = {}
        self.refusal = None  # (reason, seconds, endpoint, key)
        self.received = self.sent = None  # (message, seconds)


class Device:
    def __init__(self, kind):
        self.kind = kind
        self.private_key = bytes(32)
        self.public_key = bytes(32)
        self.port = self.fwmark = self.exclusive = 0
        self.bind_device, self.bind_address = "", bytes(16)
        self.peers = {}
        self.counters = (0, 0, 0, 0)
        self.drops = {}
        self.refusals = []

    def add_ip(self, peer, family, address, length):
        bits = len(address) * 8
        value = int.from_bytes(address, "big") >> (bits - length) << (bits - length)
        ip = (family, value.to_bytes(bits // 8, "big"), length)
        for other in self.peers.values():
            if other is not peer:
                other.ips.pop(ip, None)
        peer.ips[ip] = None

    def remove_ip(self, peer, family, address, length):
        peer.ips.pop((family, address, length), None)

    def state(self):
        """Everything that configuration can change, for comparison."""
        return (self.private_key, self.port, self.fwmark, self.exclusive,
                self.bind_device, self.bind_address,
                {key: (p.psk, p.endpoint, p.keepalive, sorted(p.ips), p.name, p.disabled, p.until)
                 for key, p in self.peers.items()})


def public_of(private_key):
    """X25519 of the base point (RFC 7748), slow and plain."""
    if not any(private_key):
        return bytes(32)
    p = 2**255 - 19
    scalar = bytearray(private_key)
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    k = int.from_bytes(scalar, "little")
    x1, x2, z2, x3, z3, swap = 9, 1, 0, 9, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % p, b * b % p, d * a % p, c * b % p
        e = aa - bb
        x3, z3 = (da + cb)**2 % p, x1 * (da - cb)**2 % p
        x2, z2 = aa * bb % p, e * (aa + 121665 * e) % p
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, p - 2, p) % p).to_bytes(32, "little")


class Kernel:
    def __init__(self, directory):
        self.devices = {}
        self.requests = []  # (family, length, count of peers attributes)
        self.interrupt_dumps = 0  # that many dumps say they were interrupted
        self.dump_room = 4000  # bytes of peers in one message of a dump
        self.uapi = {}
        self.listeners = []  # (protocol, stream) of who joined a group
        self.joined = []  # the groups
        self.path = os.path.join(directory, "kernel.sock")
        self.serve(self.path, self.netlink_connection)

    def add(self, name, kind="wg"):
        self.devices[name] = Device(kind)
        os.makedirs("/run/wireguard", exist_ok=True)
        path = f"/run/wireguard/{name}.sock"
        self.uapi[name] = self.serve(
            path, lambda connection: self.uapi_connection(connection, name))
        return self.devices[name]

    def remove(self, name):
        del self.devices[name]
        self.uapi.pop(name).close()
        os.unlink(f"/run/wireguard/{name}.sock")

    @staticmethod
    def serve(path, handle):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(16)

        def handle_and_close(connection):
            with connection:
                try:
                    handle(connection)
                except ConnectionError:
                    pass  # it went, and left something unread

        def loop():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle_and_close, args=(connection,), daemon=True).start()
        threading.Thread(target=loop, daemon=True).start()
        return listener

    # netlink

    def netlink_connection(self, connection):
        stream = connection.makefile("rwb")

        def read():
            head = stream.read(4)
            return stream.read(struct.unpack("=I", head)[0]) if len(head) == 4 else b""

        protocol = struct.unpack("=i", read())[0]
        while request := read():
            if len(request) == 4:
                self.listeners.append((protocol, stream))
                self.joined.append(struct.unpack("=I", request)[0])
                continue
            for answer in self.ask(protocol, request):
                stream.write(struct.pack("=I", len(answer)) + answer)
            stream.flush()

    def tell(self, command, name="wg0", **given):
        """A notification; of rtnetlink where it is one of no command."""
        said = attr(N["WG_NTF_A_IFNAME"], name.encode() + b"\0")
        for word, value in given.items():
            said += attr(N["WG_NTF_A_" + word.upper()], value)
        if command is None:
            self.send(0, self.link(1, name, "wg", 0))
        else:
            self.send(16, genl(FAMILY_IDS["wg"], 0, N[command], said))

    def send(self, protocol, data):
        """To who listens; no bytes: some were lost."""
        for of in {id(stream): stream for p, stream in self.listeners if p == protocol}.values():
            of.write(struct.pack("=I", len(data)) + data)
            of.flush()

    def ask(self, protocol, request):
        length, kind, flags, seq, _ = struct.unpack_from("=IHHII", request)
        assert length == len(request)
        body = request[16:]
        try:
            if protocol == 0:
                return self.rtnl(kind, seq, flags, body)
            if kind == 0x10:
                return self.find_family(seq, body)
            family = {v: k for k, v in FAMILY_IDS.items()}[kind]
            if body[0] == N["WG_CMD_GET_DEVICE"]:
                return self.get(family, kind, seq, body[4:])
            return self.set(family, seq, body)
        except Refused as why:
            words = b""
            if why.words:
                words += attr(1, why.words.encode() + b"\0")
            if why.offset:
                words += attr(2, struct.pack("=I", why.offset))
            return [message(NLMSG_ERROR, NLM_F_CAPPED | (NLM_F_ACK_TLVS if words else 0), seq,
                            struct.pack("=i", -why.code) + request[:16] + words)]

    @staticmethod
    def ack(seq):
        return message(NLMSG_ERROR, NLM_F_CAPPED, seq, struct.pack("=i", 0) + bytes(16))

    def link(self, index, name, kind, seq):
        is_up = getattr(self.devices.get(name), "is_up", True)
        info = struct.pack("=BxHiII", 0, 1, index, is_up, 0) + attr(3, name.encode() + b"\0")
        return message(16, NLM_F_MULTI, seq, info +
                       (nest(18, attr(1, kind.encode() + b"\0")) if kind else b""))

    def rtnl(self, asked, seq, flags, body):
        def link(index, name, kind):
            return self.link(index, name, kind, seq)
        links = [link(1, "lo", None), link(2, "br0", "bridge")]
        links += [link(3 + i, n, d.kind) for i, (n, d) in enumerate(self.devices.items())]
        if flags & NLM_F_DUMP == NLM_F_DUMP:  # of addresses, routes and rules there are none
            found = links if asked == RTM_GETLINK else []
            return found + [message(NLMSG_DONE, NLM_F_MULTI, seq, bytes(4))]
        if asked != RTM_GETLINK:
            raise Refused(ENETUNREACH)
        for kind, data, _ in attrs(body[16:]):
            if kind != 3:
                continue
            names = ["lo", "br0"] + list(self.devices)
            name = data.rstrip(b"\0").decode()
            if name not in names:
                raise Refused(ENODEV)
            return [links[names.index(name)], self.ack(seq)]
        raise Refused(EINVAL)

    def find_family(self, seq, body):
        name = dict((k, d) for k, d, _ in attrs(body[4:]))[2].rstrip(b"\0").decode()
        kinds = {d.kind for d in self.devices.values()}
        if name not in FAMILY_IDS or name not in kinds:
            raise Refused(ENOENT)
        return [genl(0x10, seq, 1, attr(1, struct.pack("=H", FAMILY_IDS[name])) +
                     attr(5, struct.pack("=I", 8 if name == "wireguard" else 73)) +
                     nest(7, *(nest(i, attr(1, group + b"\0"), attr(2, struct.pack("=I", 100 + i)))
                               for i, group in enumerate((b"config", b"peers", b"diag"))))),
                self.ack(seq)]

    def device_named(self, family, given):
        name = given.get(N["WG_DEVICE_A_IFNAME"], b"").rstrip(b"\0").decode()
        device = self.devices.get(name)
        if not device or device.kind != family:
            raise Refused(ENODEV)
        return name, device

    @staticmethod
    def counters(kind, values):
        return nest(kind, *(attr(i + 1, struct.pack("=Q", v)) for i, v in enumerate(values)))

    @staticmethod
    def drops(kind, drops):
        return b"".join(nest(kind, attr(N["WG_DROP_A_REASON"], r.encode() + b"\0"),
                             attr(N["WG_DROP_A_PACKETS"], struct.pack("=Q", n)))
                        for r, n in drops.items())

    def peer_head(self, key, peer, ours):
        out = attr(N["WG_PEER_A_PUBLIC_KEY"], key) + attr(N["WG_PEER_A_PRESHARED_KEY"], peer.psk)
        out += attr(N["WG_PEER_A_LAST_HANDSHAKE_TIME"], struct.pack("=qq", *peer.handshake))
        out += attr(N["WG_PEER_A_PERSISTENT_KEEPALIVE"], struct.pack("=H", peer.keepalive))
        out += attr(N["WG_PEER_A_RX_BYTES"], struct.pack("=Q", peer.rx))
        out += attr(N["WG_PEER_A_TX_BYTES"], struct.pack("=Q", peer.tx))
        out += attr(N["WG_PEER_A_PROTOCOL_VERSION"], struct.pack("=I", 1))
        if peer.endpoint:
            out += attr(N["WG_PEER_A_ENDPOINT"], pack_endpoint(peer.endpoint))
        if ours:
            out += attr(N["WG_PEER_A_NAME"], peer.name.encode() + b"\0") if peer.name else b""
            out += attr(N["WG_PEER_A_DISABLED"], b"\1") if peer.disabled else b""
            out += attr(N["WG_PEER_A_UNTIL"], struct.pack("=Q", peer.until)) if peer.until else b""
            out += self.counters(N["WG_PEER_A_COUNTERS"], peer.counters)
            out += self.drops(N["WG_PEER_A_DROPS"], peer.drops)
            if peer.refusal:
                out += refusal(N["WG_PEER_A_REFUSAL"], *peer.refusal)
            for kind, last in (("RECEIVED", peer.received), ("SENT", peer.sent)):
                if last:
                    out += nest(N["WG_PEER_A_LAST_" + kind],
                                attr(N["WG_LAST_A_MESSAGE"], last[0].encode() + b"\0"),
                                attr(N["WG_LAST_A_TIME"], struct.pack("=qq", last[1], 0)))
        return out

    def peer_entries(self, device, ours):
        """Entries small enough for one message each; long peers in several."""
        for key, peer in device.peers.items():
            head = self.peer_head(key, peer, ours)
            ips = [nest(0, attr(N["WG_ALLOWEDIP_A_FAMILY"], struct.pack("=H", f)),
                        attr(N["WG_ALLOWEDIP_A_CIDR_MASK"], struct.pack("=B", n)),
                        attr(N["WG_ALLOWEDIP_A_IPADDR"], a)) for f, a, n in peer.ips]
            step = max(1, (self.dump_room - 600) // 48)
            yield nest(0, head, nest(N["WG_PEER_A_ALLOWEDIPS"], *ips[:step]) if ips else b"")
            for at in range(step, len(ips), step):
                yield nest(0, attr(N["WG_PEER_A_PUBLIC_KEY"], key),
                           nest(N["WG_PEER_A_ALLOWEDIPS"], *ips[at:at + step]))

    def get(self, family, kind, seq, body):
        name, device = self.device_named(family, {k: d for k, d, _ in attrs(body)})
        head = attr(N["WG_DEVICE_A_LISTEN_PORT"], struct.pack("=H", device.port))
        head += attr(N["WG_DEVICE_A_FWMARK"], struct.pack("=I", device.fwmark))
        head += attr(N["WG_DEVICE_A_IFINDEX"], struct.pack("=I", 3))
        head += attr(N["WG_DEVICE_A_IFNAME"], name.encode() + b"\0")
        if any(device.private_key):
            head += attr(N["WG_DEVICE_A_PRIVATE_KEY"], device.private_key)
            head += attr(N["WG_DEVICE_A_PUBLIC_KEY"], device.public_key)
        if family == "wg":
            if device.exclusive:
                head += attr(N["WG_DEVICE_A_EXCLUSIVE"], b"\1")
            if device.bind_device:
                head += attr(N["WG_DEVICE_A_BIND_DEVICE"], device.bind_device.encode() + b"\0")
            if any(device.bind_address):
                head += attr(N["WG_DEVICE_A_BIND_ADDRESS"], device.bind_address)
            head += self.counters(N["WG_DEVICE_A_COUNTERS"], device.counters)
            head += self.drops(N["WG_DEVICE_A_DROPS"], device.drops)
            head += b"".join(refusal(N["WG_DEVICE_A_REFUSALS"], *given) for given in device.refusals)
        flags = NLM_F_MULTI
        if self.interrupt_dumps:
            self.interrupt_dumps -= 1
            flags |= NLM_F_DUMP_INTR
        out, batch = [], []
        for entry in self.peer_entries(device, family == "wg"):
            if batch and sum(map(len, batch)) + len(entry) > self.dump_room:
                out.append(genl(kind, seq, 0, head + nest(N["WG_DEVICE_A_PEERS"], *batch), flags))
                head, batch = b"", []
            batch.append(entry)
        peers = nest(N["WG_DEVICE_A_PEERS"], *batch) if batch else b""
        out.append(genl(kind, seq, 0, head + peers, flags))
        return out + [message(NLMSG_DONE, flags, seq, bytes(4))]

    def set(self, family, seq, body):
        given = list(attrs(body[4:], 20))
        name, device = self.device_named(family, {k: d for k, d, _ in given})
        peers = [(d, o) for k, d, o in given if k == N["WG_DEVICE_A_PEERS"]]
        self.requests.append((family, len(body) + 16, len(peers)))
        if family == "wireguard":
            peers = peers[-1:]  # the in-tree module sees the last one only
        changed = copy.deepcopy(device)
        exclusive = dict((k, d) for k, d, _ in given).get(N["WG_DEVICE_A_EXCLUSIVE"])
        if exclusive and family == "wg":
            changed.exclusive = exclusive[0]
        changed.is_exclusive = changed.exclusive
        for kind, data, offset in given:
            if kind == N["WG_DEVICE_A_PRIVATE_KEY"]:
                changed.private_key, changed.public_key = data, public_of(data)
            elif kind == N["WG_DEVICE_A_LISTEN_PORT"]:
                changed.port = struct.unpack("=H", data)[0]
            elif kind == N["WG_DEVICE_A_FWMARK"]:
                changed.fwmark = struct.unpack("=I", data)[0]
            elif kind == N["WG_DEVICE_A_FLAGS"]:
                changed.is_exclusive |= struct.unpack("=I", data)[0] & N["WG_DEVICE_F_EXCLUSIVE_IPS"]
                if changed.is_exclusive and family == "wireguard":
                    raise Refused(EOPNOTSUPP, offset=offset)
                if struct.unpack("=I", data)[0] & N["WG_DEVICE_F_REPLACE_PEERS"]:
                    changed.peers = {}
            elif kind >= 64 and family == "wireguard":
                raise Refused(EINVAL, "Unknown attribute type", offset)
            elif kind == N["WG_DEVICE_A_BIND_DEVICE"]:
                changed.bind_device = data.rstrip(b"\0").decode()
            elif kind == N["WG_DEVICE_A_BIND_ADDRESS"]:
                changed.bind_address = data
                assert len(data) == 16
        for data, offset in peers:
            for _, peer, at in attrs(data, offset + 4):
                self.set_peer(changed, family, peer, at + 4)
        self.devices[name] = changed
        return [self.ack(seq)]

    def set_peer(self, device, family, data, base):
        given = list(attrs(data, base))
        of = {k: d for k, d, _ in given}
        key = of[N["WG_PEER_A_PUBLIC_KEY"]]
        assert len(key) == 32
        flags = struct.unpack("=I", of.get(N["WG_PEER_A_FLAGS"], bytes(4)))[0]
        if flags & N["WG_PEER_F_REMOVE_ME"]:
            device.peers.pop(key, None)
            return
        if key not in device.peers and flags & N["WG_PEER_F_UPDATE_ONLY"]:
            return
        peer = device.peers.setdefault(key, Peer())
        if flags & N["WG_PEER_F_REPLACE_ALLOWEDIPS"]:
            peer.ips = {}
        for kind, value, offset in given:
            if kind >= 64 and family == "wireguard":
                raise Refused(EINVAL, "Unknown attribute type", offset)
            if kind == N["WG_PEER_A_PRESHARED_KEY"]:
                peer.psk = value
            elif kind == N["WG_PEER_A_ENDPOINT"]:
                peer.endpoint = unpack_endpoint(value)
            elif kind == N["WG_PEER_A_PERSISTENT_KEEPALIVE"]:
                peer.keepalive = struct.unpack("=H", value)[0]
            elif kind == N["WG_PEER_A_NAME"]:
                peer.name = value.rstrip(b"\0").decode()
            elif kind == N["WG_PEER_A_DISABLED"]:
                peer.disabled = value[0]
            elif kind == N["WG_PEER_A_UNTIL"]:
                peer.until = struct.unpack("=Q", value)[0]
            elif kind == N["WG_PEER_A_ALLOWEDIPS"]:
                for _, ip, at in attrs(value, offset + 4):
                    self.set_ip(device, peer, ip, at)

    @staticmethod
    def set_ip(device, peer, data, offset):
        of = {k: d for k, d, _ in attrs(data)}
        family = struct.unpack("=H", of[N["WG_ALLOWEDIP_A_FAMILY"]])[0]
        address = of[N["WG_ALLOWEDIP_A_IPADDR"]]
        length = of[N["WG_ALLOWEDIP_A_CIDR_MASK"]][0]
        assert len(address) == {socket.AF_INET: 4, socket.AF_INET6: 16}[family]
        if family == socket.AF_INET and socket.inet_ntoa(address) == REFUSED_IP:
            raise Refused(EEXIST, "allowed IP belongs to another peer", offset)
        if device.is_exclusive and any((family, address, length) in other.ips
                                       for other in device.peers.values() if other is not peer):
            raise Refused(EEXIST, "allowed IP belongs to another peer", offset)
        flags = struct.unpack("=I", of.get(N["WG_ALLOWEDIP_A_FLAGS"], bytes(4)))[0]
        if flags & N["WG_ALLOWEDIP_F_REMOVE_ME"]:
            device.remove_ip(peer, family, address, length)
        else:
            device.add_ip(peer, family, address, length)

    # the text protocol

    def uapi_connection(self, connection, name):
        stream = connection.makefile("rw", encoding="ascii")
        lines = []
        while (line := stream.readline()) and line != "\n":
            lines.append(line.rstrip("\n").partition("=")[::2])
        if not lines:
            return
        device = self.devices[name]
        if lines[0][0] == "get":
            stream.write("".join(f"{k}={v}\n" for k, v in uapi_dump(device)))
        else:
            changed = copy.deepcopy(device)
            uapi_apply(changed, lines[1:])
            self.devices[name] = changed
        stream.write("errno=0\n\n")
        stream.flush()


def pack_endpoint(endpoint):
    family, address, port, scope = endpoint
    raw = socket.inet_pton(family, address)
    if family == socket.AF_INET:
        return struct.pack("=H", family) + struct.pack(">H", port) + raw + bytes(8)
    return (struct.pack("=H", family) + struct.pack(">H", port) + bytes(4) + raw +
            struct.pack("=I", scope))


def unpack_endpoint(data):
    family = struct.unpack_from("=H", data)[0]
    port = struct.unpack_from(">H", data, 2)[0]
    if family == socket.AF_INET:
        assert len(data) == 16
        return family, socket.inet_ntop(family, data[4:8]), port, 0
    assert len(data) == 28
    scope = struct.unpack_from("=I", data, 24)[0]
    return family, socket.inet_ntop(family, data[8:24]), port, scope


def uapi_dump(device):
    if any(device.private_key):
        yield "private_key", device.private_key.hex()
    if device.port:
        yield "listen_port", device.port
    if device.fwmark:
        yield "fwmark", device.fwmark
    for key, peer in device.peers.items():
        yield "public_key", key.hex()
        yield "preshared_key", peer.psk.hex()
        if peer.endpoint:
            family, address, port, scope = peer.endpoint
            host = address if family == socket.AF_INET else \
                f"[{address}{'%' + str(scope) if scope else ''}]"
            yield "endpoint", f"{host}:{port}"
        yield "last_handshake_time_sec", peer.handshake[0]
        yield "last_handshake_time_nsec", peer.handshake[1]
        yield "tx_bytes", peer.tx
        yield "rx_bytes", peer.rx
        yield "persistent_keepalive_interval", peer.keepalive
        for family, address, length in peer.ips:
            yield "allowed_ip", f"{socket.inet_ntop(family, address)}/{length}"
        yield "protocol_version", 1


def uapi_apply(device, lines):
    peer = key = None
    for word, value in lines:
        if word == "private_key":
            device.private_key = bytes.fromhex(value)
            device.public_key = public_of(device.private_key)
        elif word == "listen_port":
            device.port = int(value)
        elif word == "fwmark":
            device.fwmark = int(value, 0)
        elif word == "replace_peers":
            device.peers = {}
        elif word == "public_key":
            key = bytes.fromhex(value)
            peer = device.peers.setdefault(key, Peer())
        elif word == "remove":
            device.peers.pop(key)
        elif word == "preshared_key":
            peer.psk = bytes.fromhex(value)
        elif word == "endpoint":
            host, _, port = value.rpartition(":")
            family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
            peer.endpoint = (family, host.strip("[]"), int(port), 0)
        elif word == "persistent_keepalive_interval":
            peer.keepalive = int(value)
        elif word == "replace_allowed_ips":
            peer.ips = {}
        elif word == "allowed_ip":
            address, _, length = value.lstrip("-").partition("/")
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            change = device.remove_ip if value.startswith("-") else device.add_ip
            change(peer, family, socket.inet_pton(family, address), int(length))
        else:
            raise AssertionError(f"unknown word {word}")
