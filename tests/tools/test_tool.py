# SPDX-License-Identifier: GPL-2.0
"""wgctl against a kernel in this process, and against the stock wg.

To be run in a mount namespace of its own with an empty /run (see Makefile).
"""
import base64
import fcntl
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import tempfile
import time
import unittest

import inputs
from fake_kernel import REFUSED_IP, Kernel, Peer, public_of

WGCTL = os.environ["WGCTL"]
WG = inputs.WG
DIRECTORY = tempfile.mkdtemp(prefix="wgctl-")
KERNEL = Kernel(DIRECTORY)

# Of the example in wg(8).
KEY_A = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
KEY_B = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
KEY_C = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA="
PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PSK = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="


def raw(key):
    return base64.b64decode(key)


def run(program, *args, stdin="", env=None):
    environment = {"PATH": os.environ["PATH"], "FAKE_KERNEL": KERNEL.path, "LANG": "C",
                   "WG_ENDPOINT_RESOLUTION_RETRIES": "0"}
    environment.update(env or {})
    return subprocess.run([program, *args], input=stdin.encode(), env=environment,
                          capture_output=True, timeout=900, cwd=DIRECTORY)


def wgctl(*args, **more):
    return run(WGCTL, *args, **more)


def wg(*args, **more):
    return run(WG, *args, **more)


def write(name, text):
    path = os.path.join(DIRECTORY, name)
    with open(path, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
    return path


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.device = KERNEL.add("wg0")
        KERNEL.requests.clear()

    def tearDown(self):
        for name in list(KERNEL.devices):
            KERNEL.remove(name)

    def works(self, result):
        self.assertEqual((result.returncode, result.stderr.decode()), (0, ""))
        return result.stdout.decode()

    def fails(self, result, message):
        self.assertEqual((result.stdout.decode(), result.returncode), ("", 1))
        self.assertEqual(result.stderr.decode(), message)

    def state(self, name="wg0"):
        return KERNEL.devices[name].state()

    def peer(self, key, name="wg0"):
        return KERNEL.devices[name].peers[raw(key)]


def fill(device):
    """A device in which every field of the output occurs."""
    now = int(time.time())
    device.private_key, device.public_key = raw(PRIVATE), public_of(raw(PRIVATE))
    device.port, device.fwmark = 51820, 0x4d2
    for key, endpoint, ips, ago in (
            (KEY_A, (socket.AF_INET, "192.95.5.67", 1234, 0), ["10.192.122.3/32", "10.192.124.0/24"], 86400 * 400 + 3661),
            (KEY_B, (socket.AF_INET6, "2607:5300:60:6b0::c05f:543", 2468, 0), ["0.0.0.0/0", "::/0"], 5000),
            (PSK, None, [], None)):
        peer = device.peers.setdefault(raw(key), Peer())
        peer.endpoint = endpoint
        for ip in ips:
            address, _, length = ip.partition("/")
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            device.add_ip(peer, family, socket.inet_pton(family, address), int(length))
        if ago:
            peer.handshake = (now - ago, 5)
            peer.rx, peer.tx = ago * 1000003, ago
            peer.keepalive = ago % 65536
            peer.psk = raw(PSK)


class Saving(Case):
    def test_a_setting_does_not_come_to_stand_above_another_peer(self):
        KERNEL.add("wg3")
        for between in ("", "# the second\n"):
            path = write("wg3.conf", f"[Peer]\nPublicKey = {KEY_A}\n# Disabled = true\nPersistentKeepalive = 5\n"
                         f"{between}[Peer]\n# Name = bert\nPublicKey = {KEY_B}\n")
            os.chmod(path, 0o600)
            self.works(wgctl("setconf", "wg3", path))
            self.works(wgctl("set", "wg3", "peer", KEY_A, "persistent-keepalive", "off"))
            wanted = self.state("wg3")
            self.works(wgctl("save", path))
            self.works(wgctl("setconf", "wg3", path))
            self.assertEqual(self.state("wg3"), wanted)

    def test_a_peer_that_goes_meanwhile_does_not_come_back(self):
        """Who has the lock of the file may be taking it away."""
        device, directory = self.device, os.path.join(DIRECTORY, "saved")
        fill(device)
        os.mkdir(directory)
        path = write("saved/wg0.conf", f"[Interface]\nPrivateKey = {PRIVATE}\n")
        os.chmod(path, 0o600)
        other = os.open(directory, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        with subprocess.Popen([WGCTL, "save", path], env={"FAKE_KERNEL": KERNEL.path},
                              stdout=subprocess.PIPE) as waiting:
            fds = pathlib.Path(f"/proc/{waiting.pid}/fd")
            while waiting.poll() is None and directory not in [os.readlink(fd) for fd in fds.iterdir() if fd.is_symlink()]:
                time.sleep(0.01)
            del device.peers[raw(KEY_A)]
            os.close(other)
            waiting.communicate(timeout=900)
        self.assertEqual(waiting.returncode, 0)
        with open(path, encoding="ascii") as file:
            text = file.read()
        self.assertIn(KEY_B, text)
        self.assertNotIn(KEY_A, text)


class Switching(Case):
    """What only the device has is neither lost nor saved."""

    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(DIRECTORY, "users"), exist_ok=True)
        self.path = write("users/wg0.conf", f"[Interface]\nPrivateKey = {PRIVATE}\n[Peer]\n# Name = anna\n"
                          f"PublicKey = {KEY_A}\n")
        os.chmod(self.path, 0o600)
        self.works(wgctl("setconf", "wg0", self.path))

    def user(self, verb, *options):
        return wgctl("user", verb, *(["anna"] if verb != "list" else []), *options, env={"WGCTL_DIRECTORY": os.path.dirname(self.path)})

    def test_an_end_that_only_the_device_has_stays(self):
        before = pathlib.Path(self.path).read_text()
        self.works(wgctl("set", "wg0", "peer", KEY_A, "until", "@4102444800"))
        for verb, disabled in (("disable", 1), ("enable", 0)):
            self.works(self.user(verb))
            self.assertEqual((self.peer(KEY_A).disabled, self.peer(KEY_A).until), (disabled, 4102444800))
        self.assertEqual(pathlib.Path(self.path).read_text(), before)
        self.works(self.user("enable", "--until=never"))
        self.assertEqual(self.peer(KEY_A).until, 0)

    def test_users_are_listed_as_the_device_has_them(self):
        self.works(wgctl("set", "wg0", "peer", KEY_A, "until", "@1600000000"))
        self.assertRegex(self.works(self.user("list")), r"^anna +off    until 2020-09-13T12:26:40Z\n$")

    def test_one_that_is_over_there_is_said(self):
        self.works(wgctl("set", "wg0", "peer", KEY_A, "until", "@1600000000"))
        self.fails(self.user("enable"),
                   "wgctl: the time of 'anna' is over since 2020-09-13T12:26:40Z: use --until\n")


class Output(Case):
    """Byte for byte what the stock wg prints of the same device."""

    PARTS = ("public-key", "private-key", "listen-port", "fwmark", "peers", "preshared-keys",
             "endpoints", "allowed-ips", "latest-handshakes", "transfer", "persistent-keepalive",
             "dump")

    def same(self, *args, **more):
        for _ in range(5):  # an age may change between the two runs
            ours, stock = wgctl(*args, **more), wg(*args, **more)
            if ours.stdout == stock.stdout:
                break
        self.assertEqual(ours.stdout.decode(), stock.stdout.decode())
        self.assertEqual((ours.returncode, ours.stderr), (stock.returncode, b""))
        return ours.stdout

    def test_show_is_that_of_wg(self):
        fill(self.device)
        # how many seconds depends on how fast this machine is
        self.assertRegex(self.same("show", "wg0"),
                         b"latest handshake: 1 year, 35 days, 1 hour, 1 minute, [0-9]+ seconds? ago")

    def test_show_of_an_empty_device_is_that_of_wg(self):
        for args in (("show", "wg0"), ("showconf", "wg0"), ("show", "wg0", "dump")):
            self.same(*args)

    def test_each_part_is_that_of_wg(self):
        for filled in (False, True):
            if filled:
                fill(self.device)
            for part in self.PARTS:
                for which in ("wg0", "all"):
                    # the stock tool forgets the name on all lines but the first
                    if (part, which) == ("endpoints", "all"):
                        continue
                    with self.subTest(part=part, which=which, filled=filled):
                        self.same("show", which, part)

    def test_endpoints_of_all_interfaces_begin_with_their_names(self):
        fill(self.device)
        lines = self.works(wgctl("show", "wg0", "endpoints")).splitlines()
        self.assertEqual(self.works(wgctl("show", "all", "endpoints")).splitlines(),
                         ["wg0\t" + line for line in lines])

    def test_showconf_is_that_of_wg(self):
        fill(self.device)
        self.same("showconf", "wg0")

    def test_no_verb_shows_all_interfaces(self):
        fill(self.device)
        self.same()
        self.same("show", "all")
        self.same("show", "interfaces")

    def test_keys_are_shown_only_on_request(self):
        fill(self.device)
        self.assertNotIn(PRIVATE.encode(), wgctl("show").stdout + wgctl("show", "--json").stdout)
        self.assertIn(PRIVATE.encode(), self.same("show", "wg0", env={"WG_HIDE_KEYS": "never"}))
        self.same("show", "wg0", env={"WG_HIDE_KEYS": "perhaps"})

    def test_colours_are_those_of_wg(self):
        fill(self.device)
        colours = {"WG_COLOR_MODE": "always"}
        ours = wgctl("show", "wg0", env=colours).stdout.decode()
        ours = re.sub(r"  \x1b\[1mhealth\x1b\[0m: .*\n", "", ours)
        stock = wg("show", "wg0", env=colours).stdout.decode()
        ages = r"latest handshake.*"
        self.assertEqual(re.sub(ages, "", ours), re.sub(ages, "", stock))

    def test_no_colour_without_terminal_or_with_no_color(self):
        self.assertNotIn(b"\x1b", wgctl("show").stdout)
        self.assertNotIn(b"\x1b", wgctl("show", env={"WG_COLOR_MODE": "never"}).stdout)
        on_terminal = ["script", "-qec", f"{WGCTL} show", "/dev/null"]
        environment = {"PATH": os.environ["PATH"], "FAKE_KERNEL": KERNEL.path}
        for more, has_colour in (({}, True), ({"NO_COLOR": "1"}, False),
                                 ({"WG_COLOR_MODE": "never"}, False)):
            result = subprocess.run(on_terminal, env={**environment, **more}, timeout=900,
                                    stdin=subprocess.DEVNULL, capture_output=True)
            self.assertEqual(b"\x1b[32m" in result.stdout, has_colour, more)

    def test_amounts_and_ages_are_those_of_wg(self):
        random.seed(20)
        self.device.peers[bytes(32)] = Peer()
        peers = [1, 59, 60, 61, 3599, 3600, 86399, 86400, 31535999, 31536000, 1700000000]
        for i, ago in enumerate(peers):
            peer = self.device.peers.setdefault(bytes([i + 1] * 32), Peer())
            peer.handshake = (int(time.time()) - ago, 0)
            peer.rx = random.getrandbits(random.randint(1, 64))
            peer.tx = (1 << (6 * i)) - 1
            peer.keepalive = random.getrandbits(16)
        for part in ((), ("transfer",), ("dump",)):
            self.same("show", "wg0", *part)

    def test_a_clock_that_went_back_is_told_as_wg_does(self):
        fill(self.device)
        self.peer(KEY_A).handshake = (int(time.time()) + 1000, 0)
        self.assertIn(b"wound backward", self.same("show", "wg0"))


class OutputOfOurs(Case):
    def test_json_says_what_the_text_says(self):
        fill(self.device)
        self.peer(KEY_A).name = 'lap"top'
        self.device.drops = {"replay": 3}
        self.device.counters = (1, 2, 3, 2**64 - 1)
        shown = json.loads(self.works(wgctl("show", "wg0", "--json")))["interfaces"][0]
        self.assertEqual((shown["name"], shown["listen_port"], shown["fwmark"]),
                         ("wg0", 51820, 0x4d2))
        self.assertEqual(shown["private_key"], "(hidden)")
        self.assertEqual(shown["drops"], {"replay": 3})
        self.assertEqual(shown["counters"]["tx_bytes"], 2**64 - 1)
        peers = {peer["public_key"]: peer for peer in shown["peers"]}
        self.assertEqual(peers[KEY_A]["name"], 'lap"top')
        self.assertEqual(peers[KEY_A]["allowed_ips"], ["10.192.122.3/32", "10.192.124.0/24"])
        self.assertEqual(peers[KEY_B]["endpoint"], "[2607:5300:60:6b0::c05f:543]:2468")
        self.assertEqual((peers[PSK]["endpoint"], peers[PSK]["health"]), (None, "never"))

    def test_json_of_one_part_has_that_part_alone(self):
        fill(self.device)
        shown = json.loads(self.works(wgctl("show", "all", "endpoints", "--json")))["interfaces"][0]
        self.assertEqual(set(shown), {"name", "peers"})
        self.assertEqual(set(shown["peers"][0]), {"public_key", "endpoint"})

    def test_health_follows_the_age_of_the_handshake(self):
        fill(self.device)
        for ago, word in ((10, "good"), (200, "quiet"), (700, "old")):
            self.peer(KEY_A).handshake = (int(time.time()) - ago, 0)
            shown = json.loads(self.works(wgctl("show", "wg0", "--json")))
            peers = {p["public_key"]: p for p in shown["interfaces"][0]["peers"]}
            self.assertEqual(peers[KEY_A]["health"], word)

    def test_drops_and_counters_in_columns(self):
        fill(self.device)
        self.device.drops = {"unknown_index": 7}
        self.peer(KEY_A).drops = {"replay": 2, "source": 1}
        self.peer(KEY_A).counters = (1, 2, 3, 4)
        self.assertEqual(self.works(wgctl("show", "wg0", "drops")),
                         f"(device)\tunknown_index\t7\n{KEY_A}\treplay\t2\n{KEY_A}\tsource\t1\n")
        self.assertEqual(self.works(wgctl("show", "all", "counters")).splitlines()[:2],
                         ["wg0\t(device)\t0\t0\t0\t0", f"wg0\t{KEY_A}\t1\t2\t3\t4"])

    def test_what_was_refused_and_said_last(self):
        fill(self.device)
        given = ("unknown-peer", 1700000000, (socket.AF_INET, "192.0.2.7", 5, 0), raw(KEY_B))
        self.device.refusals = [given, ("no-peer", 1, (socket.AF_INET6, "2001:db8::1", 0, 0), bytes(32))]
        self.peer(KEY_A).refusal = ("handshake-replay", 7, None, raw(KEY_A))
        self.peer(KEY_A).received, self.peer(KEY_B).sent = ("data", 8), ("initiation", 9)
        self.assertEqual(self.works(wgctl("show", "wg0", "refusals")),
                         f"(device)\tunknown-peer\t1700000000\t192.0.2.7:5\t{KEY_B}\n"
                         "(device)\tno-peer\t1\t[2001:db8::1]:0\t(none)\n"
                         f"{KEY_A}\thandshake-replay\t7\t(none)\t{KEY_A}\n")
        self.assertEqual(self.works(wgctl("show", "wg0", "latest-messages")).splitlines()[:2],
                         [f"{KEY_A}\tdata\t8\t(none)\t0", f"{KEY_B}\t(none)\t0\tinitiation\t9"])
        shown = json.loads(self.works(wgctl("show", "wg0", "--json")))["interfaces"][0]
        peers = {peer["public_key"]: peer for peer in shown["peers"]}
        self.assertEqual(shown["refusals"][0], {"reason": "unknown-peer", "time": 1700000000,
                                                "address": "192.0.2.7:5", "public_key": KEY_B})
        self.assertEqual(peers[KEY_A]["last_refusal"]["address"], None)
        self.assertEqual(peers[KEY_A]["last_received"], {"message": "data", "time": 8})
        self.assertNotIn("last_sent", peers[KEY_A])

    def test_both_kinds_are_listed_and_driven(self):
        KERNEL.add("old0", kind="wireguard")
        self.assertEqual(self.works(wgctl("show", "interfaces")), "wg0 old0\n")
        self.works(wgctl("set", "old0", "listen-port", "7"))
        self.works(wgctl("set", "wg0", "listen-port", "8"))
        self.assertEqual([r[0] for r in KERNEL.requests], ["wireguard", "wg"])
        self.assertEqual(self.works(wgctl("show", "all", "listen-port")), "wg0\t8\nold0\t7\n")

    def test_a_dump_that_was_interrupted_is_read_again(self):
        fill(self.device)
        KERNEL.interrupt_dumps = 3
        self.assertEqual(len(self.works(wgctl("show", "wg0", "peers")).split()), 3)
        KERNEL.interrupt_dumps = 100
        self.fails(wgctl("show", "wg0", "peers"),
                   "wgctl: cannot read 'wg0': the configuration changed while it was read\n")
        KERNEL.interrupt_dumps = 0

    def test_intervals(self):
        for text in ("-5", "5x", "0", "", "4294967296"):
            self.fails(wgctl("show", "--watch", f"--interval={text}"),
                       f"wgctl: --interval: '{text}' is not a number of seconds\n")

    def test_output_that_cannot_be_written_is_a_failure(self):
        fill(self.device)
        with open("/dev/full", "w") as full:
            result = subprocess.run([WGCTL, "show"], stdout=full, stderr=subprocess.PIPE, timeout=900,
                                    env={"FAKE_KERNEL": KERNEL.path})
        self.assertEqual((result.returncode, result.stderr),
                         (1, b"wgctl: cannot write the output: No space left on device\n"))
        self.fails(run("bash", "-c", '"$0" genkey >&-', WGCTL),
                   "wgctl: cannot write the output: Bad file descriptor\n")


WHOLE = f"""[Interface]
PrivateKey = {PRIVATE}
ListenPort = 51820
FwMark = 0x10

[Peer]
PublicKey = {KEY_A}
PresharedKey = {PSK}
Endpoint = 192.95.5.67:1234 # not far
AllowedIPs = 10.192.122.3/32, 10.192.124.1/24

[Peer]
publickey={KEY_B}
Endpoint = [2607:5300:60:6b0::c05f:543]:2468
AllowedIPs = 10.192.122.4/32, 192.168.0.0/16
PersistentKeepalive = 25
AllowedIPs = fd00::/8
"""

# Words of `set`, each list for one call.
SETS = (
    ["listen-port", "1234"], ["fwmark", "0xca6c"], ["fwmark", "77"], ["fwmark", "off"],
    ["listen-port", "0"], ["listen-port", "5", "fwmark", "6", "private-key", "key"],
    ["private-key", "/dev/null"],
    ["peer", KEY_A], ["peer", KEY_A, "preshared-key", "psk", "endpoint", "127.0.0.1:7"],
    ["peer", KEY_A, "endpoint", "[fe80::1]:65535"],
    ["peer", KEY_A, "allowed-ips", "10.0.0.0/8,fd00::1"], ["peer", KEY_B, "allowed-ips", "10.0.0.0/8"],
    ["peer", KEY_A, "allowed-ips", "1.2.3.4, 5.6.7.8/24"], ["peer", KEY_A, "allowed-ips", ""],
    ["peer", KEY_A, "persistent-keepalive", "65535"], ["peer", KEY_A, "persistent-keepalive", "off"],
    ["peer", KEY_A, "preshared-key", "/dev/null"],
    ["peer", KEY_A, "remove", "peer", KEY_C, "allowed-ips", "0.0.0.0/0", "peer", KEY_B, "remove"],
    ["peer", KEY_A, "remove", "allowed-ips", "9.9.9.9/32"],
)


class Effect(Case):
    """The state after a command is that after the same command of wg."""

    def setUp(self):
        super().setUp()
        write("key", PRIVATE + "\n")
        write("psk", PSK)
        KERNEL.add("wg1")

    def both(self, *words):
        ours = wgctl(words[0], "wg0", *words[1:])
        stock = wg(words[0], "wg1", *words[1:])
        self.assertEqual((ours.returncode, stock.returncode), (0, 0), ours.stderr + stock.stderr)
        self.assertEqual(self.state("wg0"), self.state("wg1"), words)

    def test_set(self):
        for words in SETS:
            self.both("set", *words)

    def test_set_changes_nothing_else(self):
        for name in ("wg0", "wg1"):
            fill(KERNEL.devices[name])
        for words in SETS:
            self.both("set", *words)

    def test_setconf_and_addconf(self):
        path = write("whole.conf", WHOLE)
        more = write("more.conf", f"[Interface]\nFwMark = off\n[Peer]\nPublicKey = {KEY_A}\n"
                                  f"AllowedIPs = 1.1.1.1\n[Peer]\nPublicKey={KEY_C}\n")
        for verb, file in (("setconf", path), ("addconf", more), ("setconf", path),
                           ("addconf", write("none.conf", "")), ("setconf", more),
                           ("setconf", write("none.conf", ""))):
            self.both(verb, file)

    def test_what_showconf_prints_is_what_setconf_reads(self):
        fill(self.device)
        path = write("shown.conf", self.works(wgctl("showconf", "wg0")))
        self.works(wgctl("setconf", "wg1", path))
        self.assertEqual(self.state("wg0"), self.state("wg1"))

    def test_syncconf_reaches_the_state_of_setconf(self):
        whole = write("whole.conf", WHOLE)
        for start in ("", WHOLE.replace(KEY_B, KEY_C), WHOLE.replace("10.192.122.3/32", "1.2.3.4"),
                      WHOLE.replace("25", "0"), WHOLE.replace(f"PresharedKey = {PSK}\n", ""), WHOLE):
            self.works_with_warning(wgctl("setconf", "wg0", write("start.conf", start)))
            self.works_with_warning(wgctl("syncconf", "wg0", whole))
            self.works_with_warning(wgctl("setconf", "wg1", whole))
            self.assertEqual(self.state("wg0"), self.state("wg1"), start)

    def works_with_warning(self, result):
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_syncconf_sends_only_what_differs(self):
        whole = write("whole.conf", WHOLE)
        self.works_with_warning(wgctl("setconf", "wg0", whole))
        KERNEL.requests.clear()
        self.works_with_warning(wgctl("syncconf", "wg0", whole))
        self.assertEqual(KERNEL.requests, [], "nothing differs and something was sent")
        self.works_with_warning(wgctl("syncconf", "wg0", write("p.conf", WHOLE.replace("51820", "99"))))
        (_, length, peers), = KERNEL.requests
        self.assertEqual(peers, 0)
        self.assertLess(length, 60)

    def test_syncconf_keeps_what_the_peer_roamed_to_and_the_port(self):
        path = write("peer.conf", f"[Peer]\nPublicKey = {KEY_A}\nAllowedIPs = 1.2.3.4\n")
        self.works(wgctl("setconf", "wg0", path))
        self.device = KERNEL.devices["wg0"]
        self.device.port = 40000
        self.peer(KEY_A).endpoint = (socket.AF_INET, "9.9.9.9", 9, 0)
        self.works(wgctl("syncconf", "wg0", path))
        self.assertEqual(KERNEL.devices["wg0"].port, 40000)
        self.assertEqual(self.peer(KEY_A).endpoint[1], "9.9.9.9")


    def outcome(self, program, verb, arguments):
        self.assertEqual(wg("setconf", "wg0", "base.conf").returncode, 0)
        result = run(program, verb, "wg0", *arguments)
        return result.returncode, self.state() if not result.returncode else None

    def test_what_wg_takes_and_refuses(self):
        write("base.conf", inputs.BASE)
        for verb, given, arguments in inputs.inputs(DIRECTORY):
            ours, stock = (self.outcome(program, verb, arguments) for program in (WGCTL, WG))
            codes = inputs.codes(given)
            if codes:
                self.assertEqual((ours[0], stock[0]), codes, repr(given)[:200])
            else:
                self.assertEqual(ours, stock, repr(given)[:200])


class EffectOfOurs(Case):
    def test_signs_add_and_take_away(self):
        self.works(wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", "10.0.0.1,10.0.0.2"))
        self.works(wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", "+10.0.0.3,-10.0.0.1/32"))
        self.assertEqual(self.works(wgctl("show", "wg0", "allowed-ips")),
                         f"{KEY_A}\t10.0.0.2/32 10.0.0.3/32\n")
        self.works(wgctl("addconf", "wg0", write("a.conf", f"[Peer]\nPublicKey={KEY_A}\n"
                                                           "AllowedIPs=-10.0.0.2\nAllowedIPs=+fd00::/8\n")))
        self.assertEqual(self.works(wgctl("show", "wg0", "allowed-ips")),
                         f"{KEY_A}\t10.0.0.3/32 fd00::/8\n")

    def test_a_name_stands_for_a_key(self):
        self.works(wgctl("set", "wg0", "peer", KEY_A, "name", "büro 1"))
        self.works(wgctl("set", "wg0", "peer", "büro 1", "allowed-ips", "10.0.0.1"))
        self.assertEqual(self.works(wgctl("show", "wg0", "names")), f"{KEY_A}\tbüro 1\n")
        self.assertEqual(len(self.peer(KEY_A).ips), 1)
        self.assertIn("peer: " + KEY_A + "\n  name: büro 1\n", self.works(wgctl("show")))
        self.works(wgctl("set", "wg0", "peer", "büro 1", "remove"))
        self.assertEqual(KERNEL.devices["wg0"].peers, {})

    def test_names_live_in_files_as_comments(self):
        text = f"[Peer]\n# Name = laptop\nPublicKey = {KEY_A}\n"
        self.works(wgctl("setconf", "wg0", write("named.conf", text)))
        self.assertEqual(self.peer(KEY_A).name, "laptop")
        self.assertIn("[Peer]\n# Name = laptop\n", self.works(wgctl("showconf", "wg0")))
        self.assertEqual(wg("addconf", "wg0", write("named.conf", text)).returncode, 0)

    def test_two_peers_of_one_name_are_told_apart_by_key_only(self):
        for key in (KEY_A, KEY_B):
            self.works(wgctl("set", "wg0", "peer", key, "name", "x"))
        self.fails(wgctl("set", "wg0", "peer", "x", "remove"),
                   "wgctl: peer: 2 peers of 'wg0' are named 'x': use a public key\n")

    def test_the_in_tree_module_gets_no_names(self):
        KERNEL.add("old0", kind="wireguard")
        text = f"[Peer]\n# Name = laptop\nPublicKey = {KEY_A}\n"
        self.works(wgctl("setconf", "old0", write("named.conf", text)))
        self.fails(wgctl("set", "old0", "peer", KEY_A, "name", "x"),
                   "wgctl: cannot configure 'old0': the module behind this interface does not support names of peers\n")

    OWN = (("exclusive", "on"), ("bind", "192.0.2.1%eth0"),
           ("peer", KEY_A, "disable", "until", "2027-03-01T12:00:30Z"))
    FILE = ("[Interface]\n# Exclusive = true\n# Bind = 192.0.2.1%eth0\n\n[Peer]\n# Disabled = true\n"
            "# Until = 2027-03-01T12:00:30Z\n" f"PublicKey = {KEY_A}\n")

    def set_own(self):
        for words in self.OWN:
            self.works(wgctl("set", "wg0", *words))

    def test_switches_bindings_and_exclusivity_are_set_and_shown(self):
        self.set_own()
        peer = self.peer(KEY_A)
        self.assertEqual((peer.disabled, peer.until), (1, 1803902430))  # GNU date says so
        device = KERNEL.devices["wg0"]
        self.assertEqual((device.exclusive, device.bind_device, device.bind_address),
                         (1, "eth0", bytes(10) + bytes([255, 255, 192, 0, 2, 1])))
        text = self.works(wgctl("show", "wg0"))
        for line in ("exclusive: yes", "bind: 192.0.2.1%eth0", "disabled: yes", "until: 2027-03-01T12:00:30Z"):
            self.assertIn(f"  {line}\n", text)
        tunnel = json.loads(self.works(wgctl("show", "wg0", "--json")))["interfaces"][0]
        self.assertEqual((tunnel["exclusive"], tunnel["bind"]), (True, "192.0.2.1%eth0"))
        peer = tunnel["peers"][0]
        self.assertEqual((peer["disabled"], peer["until"], peer["health"]), (True, 1803902430, "off"))

    def test_and_taken_back(self):
        before = self.state()
        self.set_own()
        self.works(wgctl("set", "wg0", "exclusive", "off", "bind", "off", "peer", KEY_A, "enable", "until", "never"))
        self.assertEqual((self.peer(KEY_A).disabled, self.peer(KEY_A).until), (0, 0))
        self.works(wgctl("set", "wg0", "peer", KEY_A, "remove"))
        self.assertEqual(self.state(), before)

    def test_they_live_in_files_as_comments(self):
        self.set_own()
        wanted = self.state()
        self.assertEqual(self.works(wgctl("showconf", "wg0")), self.FILE)
        self.works(wg("setconf", "wg0", write("own.conf", self.FILE)))  # passes over them
        self.assertEqual((self.peer(KEY_A).disabled, self.peer(KEY_A).until), (0, 0))
        for verb in ("syncconf", "setconf"):
            self.works(wgctl(verb, "wg0", write("none.conf", f"[Peer]\nPublicKey = {KEY_A}\n")))
            self.assertNotEqual(self.state(), wanted)
            self.works(wgctl(verb, "wg0", write("own.conf", self.FILE)))
            self.assertEqual(self.state(), wanted)
        KERNEL.requests.clear()
        self.works(wgctl("syncconf", "wg0", write("own.conf", self.FILE)))
        self.assertEqual(KERNEL.requests, [])

    def ignores(self, text, *odd):
        result = wgctl("setconf", "wg0", write("odd.conf", text))
        self.assertEqual((result.returncode, result.stderr.decode().splitlines()), (0, [
            f"wgctl: warning: line {line}: '# {key}' is ignored: {why}" for line, key, why in odd]))

    UNREAD, OF_PEER = "its value cannot be read", "it belongs below [Peer]"
    OF_INTERFACE = "it belongs below [Interface]"

    def test_what_is_no_setting_in_a_comment_is_a_comment(self):
        self.ignores("# Exclusive = true\n[Interface]\n# Disabled = true\n# Exclusive = the cook's\n# Name = host\n"
                     f"[Peer]\n# until = further notice\n# Bind = eth0\n#Disabled\nPublicKey = {KEY_A}\n",
                     (1, "Exclusive", self.OF_INTERFACE), (3, "Disabled", self.OF_PEER),
                     (4, "Exclusive", self.UNREAD), (5, "Name", self.OF_PEER), (7, "until", self.UNREAD), (8, "Bind", self.OF_INTERFACE))
        self.assertEqual((self.peer(KEY_A).disabled, self.peer(KEY_A).until, KERNEL.devices["wg0"].exclusive), (0, 0, 0))

    def test_what_stands_above_a_peer_is_not_of_the_one_before(self):
        first, second = f"[Peer]\nPublicKey = {KEY_A}\n", f"[Peer]\nPublicKey = {KEY_B}\n"
        switches = "# Name = anna\n#\n# Disabled = true\n# Until = 2020-01-01\n"
        for between in ("\n", "# of May\n", ""):
            at = 3 + bool(between)
            self.ignores(first + between + switches + second, (at, "Name", self.OF_PEER),
                         (at + 2, "Disabled", self.OF_PEER), (at + 3, "Until", self.OF_PEER))
            for peer in (self.peer(KEY_A), self.peer(KEY_B)):
                self.assertEqual((peer.name, peer.disabled, peer.until), ("", 0, 0), between)
        for after in ("\n" + second, "PersistentKeepalive = 5\n" + second, "[Interface]\n", ""):
            self.ignores(first + switches + after)
            self.assertEqual((self.peer(KEY_A).name, self.peer(KEY_A).disabled), ("anna", 1), after)
        self.ignores(f"[Interface]\n# Exclusive = true\n# Name = host\n\n{first}")
        self.assertEqual(KERNEL.devices["wg0"].exclusive, 1)

    def test_a_section_that_is_a_comment_has_no_settings(self):
        gone = f"#[Peer]\n# Name = bob\n# Until = 2020-01-01\n# Disabled = true\n#PublicKey = {KEY_C}\n"
        for between in ("\n", ""):
            for head in ("#[peer]", "## [Peer]", "#[Interface]"):
                text = between + gone.replace("#[Peer]", head)
                self.ignores(f"[Peer]\nPublicKey = {KEY_A}\n{text}\n[Peer]\nPublicKey = {KEY_B}\n{text}")
                for peer in (self.peer(KEY_A), self.peer(KEY_B)):
                    self.assertEqual((peer.name, peer.disabled, peer.until), ("", 0, 0), text)
        self.ignores(f"[Peer]\n{gone}PublicKey = {KEY_A}\n# Disabled = true\n")
        self.assertEqual(self.peer(KEY_A).disabled, 1)

    def test_what_is_wrong_everywhere_is_not_said_everywhere(self):
        text = f"# Name = u\n[Peer]\nPublicKey = {KEY_A}\n" * 100
        said = wgctl("setconf", "wg0", write("odd.conf", text)).stderr.decode().splitlines()
        self.assertEqual([line.split("'")[0] for line in said[:2]], ["wgctl: warning: line 1: ",
                                                                     "wgctl: warning: line 4: "])
        self.assertIn("wgctl: warning: 90 more settings in comments are ignored", said)
        self.assertEqual(sum("is ignored" in line for line in said), 10)

    def test_what_is_no_setting_leaves_what_is_set(self):
        self.set_own()
        wanted = self.state()
        for line in ("Disabled = since he left", "Until = further notice", "Disabled =", "Until = 2027-02-30"):
            result = wgctl("addconf", "wg0", write("prose.conf", f"[Interface]\n# Exclusive = of course\n# Bind = a b\n"
                                                   f"[Peer]\n# {line}\nPublicKey = {KEY_A}\n"))
            self.assertEqual((result.returncode, self.state()), (0, wanted), line)
            self.assertIn(b"line 2: '# Exclusive' is ignored", result.stderr)

    def test_the_last_of_two_values_that_are_ones(self):
        self.works(wgctl("addconf", "wg0", write("twice.conf", "[Peer]\n# Disabled = false\n"
                                                 "# Disabled = true # he left\n# Until = 2027-03-01T12:00:30Z # the end\n"
                                                 f"PublicKey = {KEY_A}\n")))
        self.assertEqual((self.peer(KEY_A).disabled, self.peer(KEY_A).until), (1, 1803902430))
        result = wgctl("addconf", "wg0", write("prose.conf", "[Peer]\n# Disabled = true\n# Disabled = since he left\n"
                                               f"PublicKey = {KEY_A}\n"))
        self.assertEqual((result.returncode, self.peer(KEY_A).disabled), (0, 1))

    def test_the_in_tree_module_is_not_asked_to_forget_them(self):
        KERNEL.add("wg1", "wireguard")
        for words, what in ((self.OWN[0], "exclusive allowed IPs"),
                            (self.OWN[1], "sockets bound to a device or address"),
                            (self.OWN[2], "disabled peers and peers that expire")):
            self.fails(wgctl("set", "wg1", *words), "wgctl: cannot configure 'wg1': "
                       f"the module behind this interface does not support {what}\n")
        self.works(wgctl("setconf", "wg1", write("none.conf", f"[Peer]\nPublicKey = {KEY_A}\n")))

    def test_a_refused_move_names_both_peers(self):
        self.works(wgctl("set", "wg0", "exclusive", "on", "peer", KEY_A, "allowed-ips", "10.0.0.0/24,fd00::/64",
                         "name", "anna"))
        before = self.state()
        self.fails(wgctl("set", "wg0", "peer", KEY_B, "allowed-ips", "10.1.0.0/24,10.0.0.0/24"),
                   "wgctl: cannot configure 'wg0': the allowed IP 10.0.0.0/24 of peer "
                   f"{KEY_B} belongs to peer {KEY_A} (anna)\n")
        self.fails(wgctl("set", "wg0", "peer", KEY_B, "allowed-ips", "10.5.0.0/24",
                         "peer", KEY_C, "allowed-ips", "10.5.0.0/24"),
                   f"wgctl: warning: the allowed IP 10.5.0.0/24 is assigned to peer {KEY_B} "
                   f"and to peer {KEY_C}: the latter gets it\n"
                   "wgctl: cannot configure 'wg0': the allowed IP 10.5.0.0/24 of peer "
                   f"{KEY_C} belongs to peer {KEY_B}\n")
        self.assertEqual(self.state(), before)

    @staticmethod
    def exclusive_file(a, b):
        return write("x.conf", "[Interface]\n# Exclusive = true\n"
                     f"[Peer]\nPublicKey = {KEY_A}\nAllowedIPs = {a}\n[Peer]\nPublicKey = {KEY_B}\nAllowedIPs = {b}\n")

    def test_a_file_that_claims_twice_is_refused_by_the_peer_that_was_first(self):
        self.works(wgctl("set", "wg0", "exclusive", "on", "peer", KEY_C, "allowed-ips", "10.5.0.0/24"))
        before = self.state()
        # of what C has, setconf and syncconf take C away first
        for verb, ip in (("setconf", "10.6.0.0/24"), ("addconf", "10.6.0.0/24"), ("syncconf", "10.6.0.0/24"),
                         ("setconf", "10.5.0.0/24"), ("syncconf", "10.5.0.0/24")):
            self.fails(wgctl(verb, "wg0", self.exclusive_file(ip, ip)),
                       f"wgctl: warning: the allowed IP {ip} is assigned to peer {KEY_A} and to peer {KEY_B}: "
                       f"this is refused\nwgctl: cannot configure 'wg0': the allowed IP {ip} of peer {KEY_B} "
                       f"belongs to peer {KEY_A}\n")
            self.assertEqual(self.state(), before)

    def test_a_file_may_exchange_what_peers_have(self):
        for a, b in (("10.0.0.1/32", "10.0.0.2/32"), ("10.0.0.2/32", "10.0.0.1/32")):
            self.works(wgctl("syncconf", "wg0", self.exclusive_file(a, b)))
            self.assertEqual([".".join(map(str, ip[1])) + "/32" for ip in self.peer(KEY_A).ips], [a])
            self.assertEqual([".".join(map(str, ip[1])) + "/32" for ip in self.peer(KEY_B).ips], [b])

    def test_keys_come_through_pipes_and_standard_input(self):
        self.works(wgctl("set", "wg0", "private-key", "/dev/stdin", stdin=PRIVATE + "\n"))
        self.assertEqual(KERNEL.devices["wg0"].private_key, raw(PRIVATE))
        script = f'{WGCTL} set wg0 peer {KEY_A} preshared-key <(echo {PSK})'
        self.works(run("/bin/bash", "-c", script))
        self.assertEqual(self.peer(KEY_A).psk, raw(PSK))

    def key_file(self, program, place, path, **more):
        """Is the key set, kept or gone after a file was given for it?"""
        before, after = raw(KEY_C), {raw(KEY_C): "kept", bytes(32): "gone", raw(PRIVATE): "set"}
        device = KERNEL.devices["wg0"]
        device.private_key, device.peers[raw(KEY_A)] = before, Peer()
        self.peer(KEY_A).psk = before
        words = ["peer", KEY_A] if place == "preshared-key" else []
        result = run(program, "set", "wg0", *words, place, path, **more)
        now = self.peer(KEY_A).psk if words else KERNEL.devices["wg0"].private_key
        return result.returncode, after[now], result.stderr.decode()

    def test_what_a_file_without_a_key_does_is_what_it_does_to_wg(self):
        """wg(8): /dev/null or another empty file removes the key; nothing else does."""
        for content, outcome in (("", "gone"), ("\n", "kept"), (" \n\n", "kept"), ("\0", "kept"), (PRIVATE, "set"),
                                 (PRIVATE + "\n \n", "set"), (PRIVATE + "x", "kept"), (PRIVATE[:20], "kept"),
                                 (PRIVATE + "\n" + PRIVATE, "kept"), ("\ufeff" + PRIVATE, "kept")):
            path = write("file", content)
            for place in ("private-key", "preshared-key"):
                code = int(outcome == "kept")
                ours, stock = self.key_file(WGCTL, place, path), self.key_file(WG, place, path)
                self.assertEqual(ours[:2], (code, outcome), repr(content))
                self.assertEqual(stock[:2], (code, outcome), repr(content))
                self.assertEqual(bool(ours[2]), outcome != "set", ours[2])
        for place in ("private-key", "preshared-key"):
            for program in (WGCTL, WG):
                self.assertEqual(self.key_file(program, place, "/dev/null"), (0, "gone", ""))
                # a pipe from a program that has failed
                self.assertEqual(self.key_file(program, place, "/dev/stdin", stdin="")[:2], (1, "kept"))
        self.assertIn(f"wgctl: warning: no key in '{write('file', '')}': the key is removed\n",
                      self.key_file(WGCTL, "private-key", write("file", ""))[2])

    def large(self, name, peers):
        lines = ["[Interface]"]
        for i in range(peers):
            key = base64.b64encode(i.to_bytes(4, "big") * 8).decode()
            lines += ["[Peer]", f"PublicKey = {key}", f"AllowedIPs = 10.{i >> 16}.{i >> 8 & 255}.{i & 255}"]
        lines += ["[Peer]", f"PublicKey = {KEY_A}", "PersistentKeepalive = 25",
                  "AllowedIPs = " + ", ".join(f"fd00::{i:x}/128" for i in range(5000))]
        result = wgctl("setconf", name, write("large.conf", "\n".join(lines) + "\n"))
        self.works(result)
        self.assertEqual(len(KERNEL.devices[name].peers), peers + 1)
        self.assertEqual(len(self.peer(KEY_A, name).ips), 5000)
        shown = self.works(wgctl("show", name, "dump")).splitlines()
        self.assertEqual(len(shown), peers + 2)
        self.assertEqual(shown[-1].count(","), 4999)

    def test_ten_thousand_peers_are_one_request(self):
        self.large("wg0", 10000)
        (family, _, peers), = KERNEL.requests
        self.assertEqual(family, "wg")
        self.assertGreater(peers, 10)

    def test_the_in_tree_module_gets_one_list_of_peers_a_message(self):
        KERNEL.add("old0", kind="wireguard")
        self.large("old0", 3000)
        self.assertGreater(len(KERNEL.requests), 5)
        self.assertEqual({request[2] for request in KERNEL.requests}, {1})

    def test_the_kernels_words_and_the_peer_are_passed_on(self):
        self.fails(wgctl("set", "wg0", "peer", KEY_A, "peer", KEY_B, "allowed-ips", f"1.1.1.1,{REFUSED_IP}"),
                   f"wgctl: cannot configure 'wg0': peer {KEY_B}: allowed IP belongs to another peer (File exists)\n")
        self.assertEqual(KERNEL.devices["wg0"].peers, {}, "half of a change was applied")

    def warns(self, message, result):
        self.assertEqual((result.returncode, result.stderr.decode()),
                         (0, f"wgctl: warning: {message}\n" if message else ""))

    def test_the_one_address_of_zeros_is_warned_about(self):
        for ip, full, all_of_them in (("0.0.0.0", "0.0.0.0/32", "0.0.0.0/0"), ("::", "::/128", "::/0")):
            self.warns(f"the allowed IP {full} is a single address: use {all_of_them} for all addresses",
                       wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", ip))
        for ip in ("0.0.0.0/0", "::/0", "0.0.0.0/1", "::1", "-0.0.0.0"):
            self.warns(None, wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", ip))

    def test_an_allowed_ip_of_two_peers_is_warned_about(self):
        text = (f"[Peer]\nPublicKey = {KEY_A}\nAllowedIPs = 10.0.0.0/8, fd00::/64\n"
                f"[Peer]\nPublicKey = {KEY_B}\nAllowedIPs = 10.0.0.0/9, 10.0.0.0/8\n")
        for verb in ("setconf", "syncconf"):
            self.warns(f"the allowed IP 10.0.0.0/8 is assigned to peer {KEY_A} and to peer {KEY_B}: the latter gets it",
                       wgctl(verb, "wg0", write("both.conf", text)))
        self.assertEqual(len(self.peer(KEY_B).ips), 2)
        self.warns(None, wgctl("setconf", "wg0", write("both.conf", text.replace("10.0.0.0/9, 10.0.0.0/8", "10.0.0.0/9"))))

    def test_an_allowed_ip_that_another_peer_has_is_warned_about(self):
        self.warns(None, wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", "10.0.0.0/8"))
        text = f"[Peer]\nPublicKey = {KEY_C}\nAllowedIPs = 10.0.0.0/8\n"
        for key, result in ((KEY_B, lambda: wgctl("set", "wg0", "peer", KEY_B, "allowed-ips", "10.0.0.0/8")),
                            (KEY_C, lambda: wgctl("addconf", "wg0", write("more.conf", text)))):
            self.warns(f"peer {key}: allowed IP belongs to another peer and was moved", result())
            self.assertEqual(len(self.peer(key).ips), 1)
        self.warns(None, wgctl("set", "wg0", "peer", KEY_C, "allowed-ips", "10.0.0.0/8"))
        self.warns(None, wgctl("set", "wg0", "peer", KEY_C, "remove", "peer", KEY_B, "allowed-ips", "10.0.0.0/8"))
        KERNEL.add("old0", kind="wireguard")
        for key in (KEY_A, KEY_B):
            self.warns(None, wgctl("set", "old0", "peer", key, "allowed-ips", "10.0.0.0/8"))

    def test_two_sections_of_one_peer_are_warned_about(self):
        text = f"[Peer]\nPublicKey = {KEY_A}\n\n[Peer]\nPublicKey = {KEY_B}\n[Peer]\nPublicKey={KEY_A}\n"
        for verb in ("setconf", "addconf", "syncconf"):
            self.warns(f"peer {KEY_A} has two sections, in line 1 and line 6: the latter takes precedence",
                       wgctl(verb, "wg0", write("twice.conf", text)))
        self.warns(None, wgctl("set", "wg0", "peer", KEY_A, "remove", "peer", KEY_A, "allowed-ips", "1.1.1.1"))

    def test_host_bits_are_warned_about(self):
        result = wgctl("set", "wg0", "peer", KEY_A, "allowed-ips", "10.1.2.3/8")
        self.assertEqual((result.returncode, result.stderr.decode()),
                         (0, "wgctl: warning: the allowed IP 10.1.2.3/8 means 10.0.0.0/8\n"))


NOT_KEY = "not a key: 44 characters of base64 are expected, not 3"
IN_PEER = f"[Peer]\nPublicKey = {KEY_A}\n"

# Content of a file, and the message after "wgctl: FILE:".
BAD_FILES = (
    ("ListenPort = 5\n", "1:1: 'ListenPort' appears before the first [Interface] or [Peer]"),
    ("[Interface]\n  Listen = 5\n", "2:3: 'Listen' is not a known key"),
    ("[Interface]\nListenPort 5\n", "2:1: 'KEY = VALUE' is expected"),
    ("[Interface]\n = 5\n", "2:2: 'KEY = VALUE' is expected: there is no key"),
    ("[Interface]\nListenPort =\n", "2:13: ListenPort has no value"),
    ("[Interface]\nListenPort = # 5\n", "2:13: ListenPort has no value"),
    ("[Interface]\nListenPort = 65536\n", "2:14: ListenPort: '65536' is not a port: 0 to 65535 or a UDP service is expected"),
    ("[Interface]\nListenPort = -1\n", "2:14: ListenPort: '-1' is not a port: 0 to 65535 or a UDP service is expected"),
    ("[Interface]\nListenPort = http\n", "2:14: ListenPort: 'http' is not a port: 0 to 65535 or a UDP service is expected"),
    ("[Interface]\nFwMark = 0xG\n", "2:10: FwMark: '0xG' is not a mark: 'off', 0 to 4294967295, or 0x0 to 0xffffffff is expected"),
    ("[Interface]\nFwMark = 4294967296\n", "2:10: FwMark: '4294967296' is not a mark: 'off', 0 to 4294967295, or 0x0 to 0xffffffff is expected"),
    ("[Interface]\nPrivateKey = abc\n", f"2:14: PrivateKey: {NOT_KEY}"),
    ("[Interface]\nPrivateKey = " + "A" * 42 + "B=\n", "2:14: PrivateKey: not a key: these 44 characters are not base64 of 32 bytes"),
    ("[Interface]\nPrivateKey = " + "A" * 44 + "\n", "2:14: PrivateKey: not a key: these 44 characters are not base64 of 32 bytes"),
    ("[Interface]\nAddress = 10.0.0.1/24\n", "2:1: Address is only for tunnel files (wgctl up), not for setconf"),
    ("[Interface]\nPostUp = rm -rf /\n", "2:1: PostUp is only for tunnel files (wgctl up), not for setconf"),
    ("[Interface]\nPublicKey = abc\n", "2:1: PublicKey belongs in [Peer], not in [Interface]"),
    (IN_PEER + "ListenPort = 5\n", "3:1: ListenPort belongs in [Interface], not in [Peer]"),
    ("[Interfaces]\n", "1:1: '[Interfaces]' is not a section: [Interface] or [Peer] is expected"),
    ("\n [Peer\n", "2:2: '[Peer' is not a section: [Interface] or [Peer] is expected"),
    ("[Interface] x\n", "1:1: '[Interface] x' is not a section: [Interface] or [Peer] is expected"),
    ("[\n", "1:1: '[' is not a section: [Interface] or [Peer] is expected"),
    ("; comment\n", "1:1: 'KEY = VALUE' is expected"),
    ("[Interface]\n\n[Peer]\nAllowedIPs = 1.2.3.4\n", "3:1: this [Peer] has no PublicKey"),
    ("[Peer]\n[Peer]\nPublicKey = " + KEY_A + "\n", "1:1: this [Peer] has no PublicKey"),
    ("[Peer]\nPublicKey = abc\n", f"2:13: PublicKey: {NOT_KEY}"),
    (IN_PEER + "PresharedKey = abc\n", f"3:16: PresharedKey: {NOT_KEY}"),
    (IN_PEER + "AllowedIPs = 10.0.0.1, 10.0.0.300/8\n", "3:24: AllowedIPs: '10.0.0.300/8' is not an IP address, with or without a prefix length"),
    (IN_PEER + "AllowedIPs = 10.0.0.1/33\n", "3:23: AllowedIPs: '10.0.0.1/33' has a wrong prefix length: 0 to 32 is expected"),
    (IN_PEER + "AllowedIPs = 10.0.0.1/\n", "3:23: AllowedIPs: '10.0.0.1/' has a wrong prefix length: 0 to 32 is expected"),
    (IN_PEER + "AllowedIPs = 10.0.0.1/+8\n", "3:23: AllowedIPs: '10.0.0.1/+8' has a wrong prefix length: 0 to 32 is expected"),
    (IN_PEER + "AllowedIPs = ::1/129\n", "3:18: AllowedIPs: '::1/129' has a wrong prefix length: 0 to 128 is expected"),
    (IN_PEER + "AllowedIPs = 10.0.0.1,\n", "3:23: AllowedIPs: '' is not an IP address, with or without a prefix length"),
    (IN_PEER + "AllowedIPs = ,\n", "3:14: AllowedIPs: '' is not an IP address, with or without a prefix length"),
    (IN_PEER + "AllowedIPs = 10.3/8\n", "3:14: AllowedIPs: '10.3/8' is not an IP address, with or without a prefix length"),
    (IN_PEER + "AllowedIPs = example.com/8\n", "3:14: AllowedIPs: 'example.com/8' is not an IP address, with or without a prefix length"),
    (IN_PEER + "AllowedIPs = 10.0.0.1 10.0.0.2\n", "3:14: AllowedIPs: '10.0.0.110.0.0.2' is not an IP address, with or without a prefix length"),
    (IN_PEER + "Endpoint = 1.2.3.4\n", "3:19: Endpoint: '1.2.3.4' has no port: HOST:PORT or [IPV6]:PORT is expected"),
    (IN_PEER + "Endpoint = 1.2.3.4:\n", "3:20: Endpoint: '1.2.3.4:' has a wrong port: 0 to 65535 is expected"),
    (IN_PEER + "Endpoint = 1.2.3.4:65536\n", "3:20: Endpoint: '1.2.3.4:65536' has a wrong port: 0 to 65535 is expected"),
    (IN_PEER + "Endpoint = [::1]\n", "3:17: Endpoint: '[::1]' has no port: HOST:PORT or [IPV6]:PORT is expected"),
    (IN_PEER + "Endpoint = [::1]5\n", "3:18: Endpoint: '[::1]5' has no port: HOST:PORT or [IPV6]:PORT is expected"),
    (IN_PEER + "Endpoint = :5\n", "3:12: Endpoint: ':5' has no host: HOST:PORT or [IPV6]:PORT is expected"),
    (IN_PEER + "Endpoint = -2607:5300::543]:2468\n", "3:27: Endpoint: '-2607:5300::543]:2468' has an invalid character in the host"),
    (IN_PEER + "Endpoint = a b/c:5\n", "3:15: Endpoint: 'ab/c:5' has an invalid character in the host"),
    (IN_PEER + "Endpoint = [::1]:5:6\n", "3:18: Endpoint: '[::1]:5:6' has a wrong port: 0 to 65535 is expected"),
    (IN_PEER + "PersistentKeepalive = 65536\n", "3:23: PersistentKeepalive: '65536' is not an interval: 'off' or 0 to 65535 seconds is expected"),
    (IN_PEER + "PersistentKeepalive = yes\n", "3:23: PersistentKeepalive: 'yes' is not an interval: 'off' or 0 to 65535 seconds is expected"),
    ("[Interface]\nListen\0Port = 5\n", "2:7: unexpected zero byte: this is not a text file"),
)

# Files that the stock wg takes although they cannot mean what they say; the
# last one is the other way round: later versions of wg take it, as we do.
STRICTER = ("65536", "-1\n", "\0", "a b/c:5")

BAD_WORDS = (
    (["foo"], "'foo' is not an argument of set"),
    (["listen-port"], "'listen-port' requires a value"),
    (["listen-port", "70000"], "listen-port: '70000' is not a port: 0 to 65535 or a UDP service is expected"),
    (["fwmark", "x"], "fwmark: 'x' is not a mark: 'off', 0 to 4294967295, or 0x0 to 0xffffffff is expected"),
    (["remove"], "'remove' must follow 'peer KEY'"),
    (["peer"], "'peer' requires a value"),
    (["peer", "abc"], "peer: 'abc' is neither a public key nor the name of a peer of 'wg0'"),
    (["peer", KEY_A, "listen-port", "5"], "'listen-port' must precede the first peer"),
    (["private-key", "/nonexistent"], "private-key: cannot open '/nonexistent': No such file or directory"),
    (["private-key", "bad"], "private-key: 'bad' does not contain a key: exactly 44 characters of base64 are expected"),
    (["peer", KEY_A, "preshared-key", "."], "preshared-key: cannot read '.': Is a directory"),
    (["peer", KEY_A, "endpoint", "1.2.3.4"], "endpoint: '1.2.3.4' has no port: HOST:PORT or [IPV6]:PORT is expected"),
    (["peer", KEY_A, "endpoint", "nohost.invalid:5"], "endpoint: cannot resolve 'nohost.invalid', port '5': "),
    (["peer", KEY_A, "persistent-keepalive", "1s"], "persistent-keepalive: '1s' is not an interval: 'off' or 0 to 65535 seconds is expected"),
    (["peer", KEY_A, "allowed-ips", "1.2.3.4,"], "allowed-ips: '' is not an IP address, with or without a prefix length"),
    (["peer", KEY_A, "name", "x" * 64], "name: the name is 64 bytes long: at most 63 are allowed"),
    (["peer", KEY_A, "name", "a\nb"], "name: a name must be UTF-8 without control characters"),
    (["peer", KEY_A, "name", KEY_B], "name: '(hidden)' cannot be a name: it looks like a key, or begins or ends with a space"),
)


class Errors(Case):
    def test_bad_files(self):
        for content, message in BAD_FILES:
            with self.subTest(content=content):
                path = write("bad.conf", content)
                self.fails(wgctl("setconf", "wg0", path), f"wgctl: {path}:{message}\n")
                if not any(mark in content for mark in STRICTER):
                    self.assertNotEqual(wg("setconf", "wg0", path,).returncode, 0, "wg takes it")
        self.assertEqual([r for r in KERNEL.requests], [])

    def test_good_files_are_those_of_wg(self):
        for content in ("", "[Interface]\n", "[interface]\nlistenport=0\n", "[ Interface ]\n",
                        "\n\n  [Interface]\n ListenPort = 2", "[Interface]\r\nListenPort=2\r\n",
                        "[Interface]\nFwMark = OFF\nFwMark=077\n", "[Interface]\nListenPort=2 # c\n",
                        "[Interface]\nListenPort=1\n[Interface]\nListenPort=2\n# only a comment",
                        IN_PEER + "AllowedIPs = 10.0.0.5, ::1\n", IN_PEER + "PersistentKeepalive = off\n",
                        IN_PEER + IN_PEER, IN_PEER + "Endpoint = localhost:5\nEndpoint = [::2]:7\n",
                        f"[Peer] # d\nAllowedIPs = 0.0.0.0/0\nPublicKey = {KEY_A}#d\n"):
            path = write("good.conf", content)
            KERNEL.add("wg1")
            self.assertEqual((wgctl("setconf", "wg0", path).returncode,
                              wg("setconf", "wg1", path).returncode), (0, 0), content)
            self.assertEqual(self.state("wg0"), self.state("wg1"), content)
            KERNEL.remove("wg1")

    def test_bad_words(self):
        write("bad", PRIVATE + "x")
        for words, message in BAD_WORDS:
            with self.subTest(words=words):
                result = wgctl("set", "wg0", *words)
                text = result.stderr.decode()
                self.assertEqual(result.returncode, 1)
                if message.endswith(": "):
                    self.assertTrue(text.startswith(f"wgctl: {message}"), text)
                else:
                    self.assertEqual(text, f"wgctl: {message}\n")
        self.assertEqual(KERNEL.requests, [])

    def test_files_that_cannot_be_read(self):
        self.fails(wgctl("setconf", "wg0", "/nonexistent"),
                   "wgctl: cannot open '/nonexistent': No such file or directory\n")
        self.fails(wgctl("addconf", "wg0", DIRECTORY), f"wgctl: cannot read '{DIRECTORY}': Is a directory\n")

    def test_an_endpoint_that_does_not_resolve_is_named_with_its_line(self):
        path = write("far.conf", IN_PEER + "Endpoint = nohost.invalid:5\n")
        result = wgctl("setconf", "wg0", path)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr.decode(), f"^wgctl: {path}:1: cannot resolve 'nohost.invalid', port '5': ")

    def test_interfaces_that_are_none(self):
        self.fails(wgctl("show", "nope"), "wgctl: there is no interface 'nope'\n")
        self.fails(wgctl("show", "br0"), "wgctl: 'br0' is not a WireGuard interface\n")
        self.fails(wgctl("set", "nope", "listen-port", "5"), "wgctl: there is no interface 'nope'\n")
        self.fails(wgctl("set", "a" * 16, "listen-port", "5"),
                   "wgctl: 'aaaaaaaaaaaaaaaa' cannot be the name of an interface\n")

    def test_usage(self):
        for args in (["set"], ["set", "wg0"], ["showconf"], ["showconf", "wg0", "x"], ["setconf", "wg0"],
                     ["setconf", "wg0", "a", "b"], ["genkey", "x"], ["pubkey", "x"], ["genpsk", "x"],
                     ["show", "wg0", "dump", "x"], ["show", "interfaces", "x"]):
            result, stock = wgctl(*args), wg(*args)
            self.assertEqual((result.returncode, stock.returncode), (1, 1), args)
            self.assertTrue(result.stderr.decode().startswith(f"Usage: wgctl {args[0]}"), args)
        self.assertTrue(wgctl("show", "wg0", "foo").stderr.startswith(
            b"wgctl: 'foo' is not a part of an interface\nUsage: wgctl show"))
        self.fails(wgctl("frobnicate"), "wgctl: 'frobnicate' is not a verb: 'wgctl help' lists them\n")
        self.assertTrue(wgctl("show", "--jsn").stderr.startswith(b"wgctl: show has no option '--jsn'\n"))

    def test_no_error_repeats_a_secret(self):
        for content in (f"[Interface]\nPrivateKey = {PRIVATE}x\n", IN_PEER + f"PresharedKey = {PRIVATE[:-2]}\n",
                        f"[Interface]\nPrivateKey {PRIVATE}\n", f"[Interface]\n{PRIVATE}\n", f"{PRIVATE}\n",
                        f"[Interface]\n{PRIVATE[1:]}\n",
                        # folded into one line, or with the line ends of another system
                        f"[Interface] PrivateKey = {PRIVATE} ListenPort = 5\n",
                        f"[Interface]\rPrivateKey = {PRIVATE}\rListenPort = 5\r",
                        f"# mine\r[Interface]\rPrivateKey = {PRIVATE}\r",
                        f"\ufeff[Interface]\nPrivateKey = {PRIVATE}\n",
                        f"[Interface]\nListenPort = 5 PrivateKey = {PRIVATE}\n",
                        f"[Interface]\nFwMark = {PRIVATE}\n", f"[{PRIVATE}]\n",
                        IN_PEER + f"AllowedIPs = 1.2.3.4 PresharedKey = {PRIVATE}\n",
                        IN_PEER + f"Endpoint = 1.2.3.4:5 PresharedKey = {PRIVATE}\n",
                        IN_PEER + f"Endpoint = {PRIVATE}:5\n", IN_PEER + f"PersistentKeepalive = {PRIVATE}\n"):
            result = wgctl("setconf", "wg0", write("secret.conf", content))
            self.assertEqual(result.returncode, 1, content)
            self.assertIn(b"secret.conf:", result.stderr)
            self.silent(result)
        for words in (["private-key", PRIVATE], ["private-key", PRIVATE[:-1]], ["listen-port", PRIVATE],
                      ["peer", KEY_A, "preshared-key", PRIVATE], ["peer", PRIVATE + "x"], [PRIVATE],
                      ["peer", KEY_A, "name", PRIVATE], ["peer", KEY_A, "endpoint", PRIVATE]):
            self.silent(wgctl("set", "wg0", *words))
        self.silent(wgctl(PRIVATE))
        self.silent(wgctl("show", "wg0", PRIVATE))

    def silent(self, result):
        self.assertEqual(result.returncode, 1)
        for at in range(len(PRIVATE) - 8):
            self.assertNotIn(PRIVATE[at:at + 8].encode(), result.stderr)

    def test_a_terminal_is_not_told_what_to_do_by_a_file(self):
        result = wgctl("setconf", "wg0", write("escape.conf", "[Interface]\nListenPort = \x1b[2J\x07\n"))
        self.assertNotIn(b"\x1b", result.stderr)
        self.assertNotIn(b"\x07", result.stderr)


class Keys(Case):
    def test_public_keys_of_rfc_7748(self):
        for private, public in (
                # 6.1: Bob
                ("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
                # 5.2: after one iteration, where the scalar is the base point
                ("09" + "00" * 31,
                 "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")):
            text = base64.b64encode(bytes.fromhex(private)).decode()
            self.assertEqual(raw(self.works(wgctl("pubkey", stdin=text))).hex(), public)

    def test_public_keys_are_those_of_wg(self):
        random.seed(7)
        for _ in range(20):
            key = base64.b64encode(random.randbytes(32)).decode()
            self.assertEqual(wgctl("pubkey", stdin=key).stdout, wg("pubkey", stdin=key + "\n").stdout)

    def test_private_keys_are_clamped_and_differ(self):
        keys = {self.works(wgctl("genkey")) for _ in range(20)}
        self.assertEqual(len(keys), 20)
        for key in keys:
            self.assertRegex(key, r"\A[A-Za-z0-9+/]{43}=\n\Z")
            self.assertEqual((raw(key)[0] & 7, raw(key)[31] & 0xc0), (0, 0x40))
            self.assertEqual(wgctl("pubkey", stdin=key).stdout, wg("pubkey", stdin=key).stdout)

    def test_preshared_keys_use_all_bits(self):
        keys = [raw(self.works(wgctl("genpsk"))) for _ in range(40)]
        self.assertEqual(len(set(keys)), 40)
        self.assertTrue(any(key[0] & 7 for key in keys) and any(key[31] & 0x80 for key in keys))

    def test_what_is_no_key_is_refused(self):
        for text in ("", "\n", "abc", PRIVATE + "x", PRIVATE[:-1], "A" * 44, "A" * 42 + "B=", PRIVATE + PRIVATE,
                     PRIVATE.replace("=", "==")):
            result = wgctl("pubkey", stdin=text)
            self.assertEqual((result.returncode, result.stdout), (1, b""), text)
            self.assertNotEqual(wg("pubkey", stdin=text).returncode, 0)

    def test_json(self):
        self.assertEqual(set(json.loads(self.works(wgctl("genkey", "--json")))), {"private_key"})
        self.assertEqual(set(json.loads(self.works(wgctl("pubkey", "--json", stdin=PRIVATE)))), {"public_key"})

    def test_a_file_that_others_may_read_is_warned_about(self):
        for mode, warns in ((0o600, False), (0o644, True)):
            path = write("out", "")
            os.chmod(path, mode)
            with open(path, "w") as out:
                result = subprocess.run([WGCTL, "genkey"], stdout=out, stderr=subprocess.PIPE, timeout=900)
            self.assertEqual(b"warning" in result.stderr, warns, oct(mode))


class Help(Case):
    def test_every_verb_explains_itself(self):
        verbs = json.loads(self.works(wgctl("help", "--json")))["verbs"]
        self.assertGreater(len(verbs), 9)
        for verb in verbs:
            words = verb["name"].split()
            first = self.works(wgctl(*words, "--help"))
            self.assertTrue(first.startswith(f"Usage: wgctl {verb['name']}"))
            self.assertEqual(self.works(wgctl("help", *words)), first)
            for option in verb["options"]:
                self.assertIn(option["name"], first)
            self.assertIn(f"  {verb['name']} ", self.works(wgctl("help")))

    def test_every_verb_and_option_is_in_the_manual(self):
        manual = subprocess.run(["mandoc", "-T", "ascii", "../../tools/man/wgctl.8"], cwd=os.path.dirname(
            os.path.abspath(__file__)), capture_output=True, check=True).stdout.decode()
        manual = re.sub(r".\x08", "", manual)
        for verb in json.loads(self.works(wgctl("help", "--json")))["verbs"]:
            self.assertRegex(manual, rf"(?m)^ +{verb['name']}\b", verb["name"])
            for option in verb["options"]:
                self.assertIn(option["name"], manual)
            for word in verb["keywords"]:
                self.assertIn(word, manual)

    def test_version_is_that_of_the_package(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dkms.conf")) as file:
            text = file.read()
        version = re.search(r'PACKAGE_VERSION="(.*)"', text).group(1)
        for words in ("--version", "-v", "version"):
            self.assertEqual(self.works(wgctl(words)), f"wgctl {version}\n")

    def test_help_may_stand_behind_arguments(self):
        for args in (("up", "wg0", "--help"), ("user", "add", "--full", "--help"), ("genkey", "-h")):
            words = [word for word in args[:2] if word not in ("wg0", "-h")]
            self.assertEqual(self.works(wgctl(*args)), self.works(wgctl("help", *words)))

    def test_health_is_explained(self):
        for word in ("good", "quiet", "old", "never"):
            self.assertIn(f"  {word} ", self.works(wgctl("help", "health")))


if __name__ == "__main__":
    unittest.main()
