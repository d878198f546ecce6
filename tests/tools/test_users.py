# SPDX-License-Identifier: GPL-2.0
"""Files, users and pictures: what wgctl does for people without a kernel.

To be run in namespaces of its own (see Makefile): there is no tunnel in it,
and no kind of tunnel has to be known to the kernel.
"""
import base64
import concurrent.futures
import ipaddress
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

WGCTL = os.environ["WGCTL"]
KEY = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PEER = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
OTHER = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="


LOCKER = """import fcntl, sys
with open(sys.argv[1], "w") as file:
    fcntl.lockf(file, fcntl.LOCK_EX)
    print(flush=True)
    sys.stdin.read()
"""


def open_files(pid):
    return [os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()]


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="wgctl-")
        self.dir = os.path.join(self.home, "conf")
        os.mkdir(self.dir, 0o700)
        self.addCleanup(shutil.rmtree, self.home)

    def run_it(self, *args, **env):
        environment = {"PATH": os.environ["PATH"], "LANG": "C", "WGCTL_DIRECTORY": self.dir,
                       "WG_ENDPOINT_RESOLUTION_RETRIES": "0", "ASAN_OPTIONS": "detect_leaks=1"}
        environment.update(env)
        return subprocess.run([WGCTL, *args], env=environment, capture_output=True, text=True,
                              timeout=900, cwd=self.home, stdin=subprocess.DEVNULL)

    def works(self, *args, **env):
        result = self.run_it(*args, **env)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return result.stdout

    def fails(self, message, *args, **env):
        result = self.run_it(*args, **env)
        said = result.stderr.replace(self.dir, "DIR")
        self.assertEqual((result.returncode, result.stdout, said), (1, "", message))

    def path(self, name="wg0.conf"):
        return os.path.join(self.dir, name)

    def write(self, text, name="wg0.conf", mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name="wg0.conf"):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def server(self, address="10.8.0.1/24, fd08::1/64", more="", peers=""):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nListenPort = 51820\nAddress = {address}\n"
                   f"# UserEndpoint = 192.0.2.1\n{more}{peers}")


class Examples(Case):
    """The files of examples/, with keys in them, are what the tool takes."""

    DIR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../examples")

    def fill(self, name):
        with open(os.path.join(self.DIR, name), encoding="utf-8") as file:
            self.write(re.sub("@[A-Z]+_PRIVATE_KEY@", KEY,
                              re.sub("@[A-Z]+_PUBLIC_KEY@", PEER, file.read())))

    def test_each_is_taken(self):
        names = [name for name in os.listdir(self.DIR) if name.endswith(".conf")]
        self.assertGreater(len(names), 2)
        for name in names:
            with self.subTest(name):
                self.fill(name)
                self.assertIn(f"PublicKey = {PEER}", self.works("strip", "wg0"))

    def test_users_are_added_to_the_server(self):
        self.fill("server.conf")
        self.works("user", "add", "phone")
        self.assertIn("# Name = phone", self.read())


class BadFiles(Case):
    """Each wrong file with the exact message that it gets."""

    TABLE = (
        ("Address = 10.0.0.1/33", "DIR/wg0.conf:3:11: Address: '10.0.0.1/33' is not an address: ADDRESS[/LENGTH] is expected"),
        ("Address = here", "DIR/wg0.conf:3:11: Address: 'here' is not an address: ADDRESS[/LENGTH] is expected"),
        ("Address = +10.0.0.1/24", "DIR/wg0.conf:3:11: Address: '+10.0.0.1/24' has a sign: an address is expected"),
        ("Address = 10.0.0.1/24, fd00::1/129", "DIR/wg0.conf:3:11: Address: 'fd00::1/129' is not an address: ADDRESS[/LENGTH] is expected"),
        ("DNS = 10.0.0.1, not/a/domain", "DIR/wg0.conf:3:7: DNS: 'not/a/domain' is neither an address nor a domain"),
        ("DNS = --all", "DIR/wg0.conf:3:7: DNS: '--all' is neither an address nor a domain"),
        ("DNS = $(reboot)", "DIR/wg0.conf:3:7: DNS: '$(reboot)' is neither an address nor a domain"),
        ("MTU = 67", "DIR/wg0.conf:3:7: MTU: '67' is not an MTU: 68 to 65535 is expected"),
        ("MTU = 65536", "DIR/wg0.conf:3:7: MTU: '65536' is not an MTU: 68 to 65535 is expected"),
        ("MTU = 1420 bytes", "DIR/wg0.conf:3:7: MTU: '1420 bytes' is not an MTU: 68 to 65535 is expected"),
        ("Table = 0", "DIR/wg0.conf:3:9: Table: '0' is not a table: auto, off, a number from 1 or a name of rt_tables is expected"),
        ("Table = -1", "DIR/wg0.conf:3:9: Table: '-1' is not a table: auto, off, a number from 1 or a name of rt_tables is expected"),
        ("Table = 4294967296", "DIR/wg0.conf:3:9: Table: '4294967296' is not a table: auto, off, a number from 1 or a name of rt_tables is expected"),
        ("Table = mine", "DIR/wg0.conf:3:9: Table: 'mine' is not a table: auto, off, a number from 1 or a name of rt_tables is expected"),
        ("SaveConfig = yes", "DIR/wg0.conf:3:14: SaveConfig: 'yes' is neither true nor false"),
        ("SaveConfig =", "DIR/wg0.conf:3:13: SaveConfig: '' is neither true nor false"),
    )

    def test_values_of_whole_tunnels(self):
        for line, message in self.TABLE:
            with self.subTest(line):
                self.write(f"[Interface]\nPrivateKey = {KEY}\n{line}\n")
                self.fails(f"wgctl: {message}\n", "up", "wg0", "--dry-run")

    def test_a_comment_for_others_is_warned_of(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\n# Masquerade = true when at home\n")
        result = self.run_it("up", "wg0", "--dry-run")
        self.assertEqual((result.returncode, result.stderr.replace(self.dir, "DIR")),
                         (0, "wgctl: warning: DIR/wg0.conf:3: '# Masquerade = true when at home' is neither true "
                             "nor false: ignored\n"))
        self.assertNotIn("masquerading", result.stdout)

    def test_a_directory_that_cannot_be_read(self):
        self.write("", "no-directory")
        here = self.path("no-directory")
        self.fails("wgctl: cannot open 'DIR/no-directory/wg0.conf': Not a directory\n",
                   "up", "wg0", WGCTL_DIRECTORY=here)
        self.fails("wgctl: cannot open 'DIR/no-directory': Not a directory\n",
                   "user", "list", WGCTL_DIRECTORY=here)

    def test_bytes_that_are_no_utf8(self):
        with open(self.path(), "wb") as file:
            file.write(f"[Interface]\nPrivateKey = {KEY}\nPreUp = echo ".encode() + b"\xe4\xc3\xbc\xff\n")
        os.chmod(self.path(), 0o600)
        steps = json.loads(self.works("up", "wg0", "--dry-run", "--json"))["steps"]
        self.assertIn("run PreUp: echo \ufffd\u00fc\ufffd", [step["step"] for step in steps])

    def test_what_a_terminal_would_obey_is_shown(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nPreUp = evil # \033[2K \x9b1A\n")
        self.assertIn("+ run PreUp: evil # ?[2K ?1A\n", self.works("up", "wg0", "--dry-run"))
        self.assertIn('# \\u001b[2K \\u009b1A"', self.works("up", "wg0", "--dry-run", "--json"))
        self.fails("wgctl: there is no interface 'wg?[2J'\n", "show", "wg\033[2J")

    def test_a_file_that_changes_before_it_is_applied(self):
        """Whom somebody else takes away meanwhile does not come back."""
        self.server(peers=f"[Peer]\nPublicKey = {PEER}\n")
        os.makedirs("/run/wgctl", mode=0o700, exist_ok=True)
        path = f"/run/wgctl/{os.stat('/proc/self/ns/net').st_ino}-wg0~lock"
        # a wgctl that we have started would not wait for us
        with subprocess.Popen(["python3", "-c", LOCKER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            with subprocess.Popen([WGCTL, "reload", "wg0"], stderr=subprocess.PIPE, text=True,
                                  env={**os.environ, "WGCTL_DIRECTORY": self.dir}) as waiting:
                while waiting.poll() is None and path not in open_files(waiting.pid):
                    time.sleep(0.01)
                self.server()
                other.communicate()
                said = waiting.communicate(timeout=900)[1]
        self.assertEqual(said.replace(self.dir, "DIR"),
                         "wgctl: 'DIR/wg0.conf' was changed meanwhile: reload it again\n")

    def test_hook_in_a_peer(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\n[Peer]\nPublicKey = {PEER}\nPostUp = true\n")
        result = self.run_it("up", "wg0", "--dry-run")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^wgctl: .*wg0\.conf:5:1: .*PostUp.*Interface")

    def test_unknown_key(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nColour = green\n")
        result = self.run_it("up", "wg0", "--dry-run")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"^wgctl: .*wg0\.conf:3:1: .*Colour")

    def test_one_that_others_can_write_is_refused(self):
        for mode in (0o602, 0o620, 0o666):
            self.write(f"[Interface]\nPrivateKey = {KEY}\n", mode=mode)
            self.fails("wgctl: 'DIR/wg0.conf' is writable by others, who could become root: "
                       "use chmod 600 and chown root\n", "up", "wg0")

    @unittest.skipIf(os.geteuid(), "only root can give files away")
    def test_one_that_belongs_to_another_is_refused(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\n")
        os.chown(self.path(), 12345, 0)
        self.fails("wgctl: 'DIR/wg0.conf' is writable by others, who could become root: "
                   "use chmod 600 and chown root\n", "up", "wg0")

    def test_one_that_others_can_read_is_warned_of(self):
        for mode in (0o604, 0o640, 0o644):
            self.write(f"[Interface]\nPrivateKey = {KEY}\n", mode=mode)
            result = self.run_it("up", "wg0", "--dry-run")
            self.assertEqual((result.returncode, result.stderr.replace(self.dir, "DIR")),
                             (0, "wgctl: warning: 'DIR/wg0.conf' holds keys and is "
                                 "readable by others: use chmod 600\n"))

    def test_names(self):
        for word, message in (
                ("nope", "there is no nope.conf in DIR"),
                ("a/b", "'a/b' does not name a file NAME.conf, NAME being that of an interface"),
                ("./sixteen-letters-.conf", "'./sixteen-letters-.conf' does not name a file NAME.conf, NAME being that of an interface"),
                ("with space", "'with space' cannot be the name of an interface"),
                ("/no/such/wg0.conf", "cannot open '/no/such/wg0.conf': No such file or directory"),
                ("all", "'all' cannot be the name of an interface"),
                ("..", "'..' cannot be the name of an interface")):
            with self.subTest(word):
                for verb in ("up", "down", "reload", "save", "strip"):
                    self.fails(f"wgctl: {message}\n", verb, word)

    def test_not_up(self):
        self.server()
        self.fails("wgctl: 'wg0' is not up\n", "down", "wg0", "--dry-run")
        self.fails("wgctl: there is no interface 'wg0'\n", "reload", "wg0", "--dry-run")
        self.fails("wgctl: there is no interface 'wg0'\n", "save", "wg0")

    def test_arguments(self):
        for args, first in ((("up",), "Usage: wgctl up [OPTION]... TUNNEL|FILE"),
                            (("down", "a", "b"), "Usage: wgctl down [OPTION]... TUNNEL|FILE"),
                            (("user", "add"), "Usage: wgctl user add [OPTION]... USER"),
                            (("user", "list", "x"), "Usage: wgctl user list [OPTION]..."),
                            (("new",), "Usage: wgctl new [OPTION]... TUNNEL"),
                            (("up", "--frobnicate", "x"), "wgctl: up has no option '--frobnicate'"),
                            (("frobnicate",), "wgctl: 'frobnicate' is not a verb: 'wgctl help' lists them"),
                            (("user", "frobnicate"), "wgctl: 'user' needs one of add, show, list, del, disable, enable, clear: see 'wgctl help user'"),
                            (("sjow",), "wgctl: 'sjow' is not a verb: did you mean 'show'?"),
                            (("UP", "wg0"), "wgctl: 'UP' is not a verb: did you mean 'up'?"),
                            (("relaod", "wg0"), "wgctl: 'relaod' is not a verb: did you mean 'reload'?"),
                            (("users",), "wgctl: 'users' is not a verb: did you mean 'user'?"),
                            (("x",), "wgctl: 'x' is not a verb: 'wgctl help' lists them"),
                            (("user", "lst"), "wgctl: 'user lst' is not a verb: did you mean 'user list'?"),
                            (("user",), "wgctl: 'user' needs one of add, show, list, del, disable, enable, clear: see 'wgctl help user'"),
                            (("user", "add", "x", "--dns"), "wgctl: --dns requires a value: LIST")):
            with self.subTest(args):
                result = self.run_it(*args)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(result.stderr.splitlines()[0], first)


class Plans(Case):
    """What `up` says that it would do."""

    def steps(self, text, warning=""):
        self.write(text)
        result = self.run_it("up", "wg0", "--dry-run", "--json")
        self.assertEqual((result.returncode, result.stderr), (0, warning))
        return [step["step"] for step in json.loads(result.stdout)["steps"]]

    def test_routes_of_allowed_ips(self):
        steps = self.steps(
            f"[Interface]\nPrivateKey = {KEY}\nAddress = 10.9.0.1/24, 10.77.0.1, fd09::1/64\nMTU = 1400\n"
            f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.9.0.7/32, 192.168.0.0/16, 192.168.5.0/24, fd09::5/128\n"
            f"[Peer]\nPublicKey = {OTHER}\nAllowedIPs = 10.77.0.1/32, 192.168.0.0/16, fd10::/64\n",
            f"wgctl: warning: the allowed IP 192.168.0.0/16 is assigned to peer {PEER} and to peer {OTHER}: the latter gets it\n")
        self.assertEqual(steps, [
            "add interface wg0", "configure wg0: 2 peers", "add address 10.9.0.1/24",
            "add address 10.77.0.1/32", "add address fd09::1/64", "bring wg0 up with MTU 1400",
            "add route fd10::/64", "add route 10.77.0.1/32", "add route 192.168.5.0/24",
            "add route 192.168.0.0/16"])

    def test_no_routes(self):
        steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nTable = off\nMTU = 1400\n"
                           f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = 0.0.0.0/0, ::/0\n")
        self.assertEqual(steps, ["add interface wg0", "configure wg0: 1 peer",
                                 "bring wg0 up with MTU 1400"])

    def test_table(self):
        steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nTable = 0x4d2\nMTU = 1400\n"
                           f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = ::/0, 10.0.0.0/8\n")
        self.assertEqual(steps[-2:], ["add route 10.0.0.0/8 in table 1234",
                                      "add route ::/0 in table 1234"])

    def test_what_is_empty_is_as_if_not_there(self):
        """As wg-quick takes it."""
        plain = f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\n[Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.0.0.0/8\n"
        expected = self.steps(plain)
        for key in ("Address", "DNS", "Table", "PreUp", "PostUp", "PreDown", "PostDown"):
            for empty in (f"{key} =", f"{key}=   ", f"{key} = # nothing"):
                self.assertEqual(self.steps(plain.replace("MTU = 1400\n", f"MTU = 1400\n{empty}\n")), expected, empty)
        self.assertEqual(self.steps(plain.replace("MTU = 1400", "MTU = 1300\nMTU =")),
                         self.steps(plain.replace("MTU = 1400\n", "")))
        self.assertEqual(self.steps(plain.replace("MTU = 1400", "MTU = 1400\nTable = 5\nTable =")), expected)

    def test_true_and_false_in_any_case(self):
        for word in ("True", "TRUE", "false", "False"):
            self.steps(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\nSaveConfig = {word}\n# Masquerade = {word}\n")

    def test_tables_by_the_names_of_iproute2(self):
        subprocess.run(["mount", "-t", "tmpfs", "none", "/etc/iproute2"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc/iproute2"], check=True)
        os.mkdir("/etc/iproute2/rt_tables.d")
        for path, text in (("rt_tables", "# names\n254\tmain\n#7 no\n0x4d2 vpn # mine\nx y\n"),
                           ("rt_tables.d/a.conf", "77  other\n"), ("rt_tables.d/b.txt", "78 none\n")):
            with open(f"/etc/iproute2/{path}", "w", encoding="ascii") as file:
                file.write(text)
        for name, number in (("vpn", 1234), ("other", 77), ("local", 255), ("default", 253), ("010", 8)):
            steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\nTable = {name}\n"
                               f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.0.0.0/8\n")
            self.assertEqual(steps[-1], f"add route 10.0.0.0/8 in table {number}", name)
        for name in ("none", "no", "y", "VPN"):
            self.write(f"[Interface]\nPrivateKey = {KEY}\nTable = {name}\n")
            self.fails(f"wgctl: DIR/wg0.conf:3:9: Table: '{name}' is not a table: auto, off, a number from 1 or a name of "
                       "rt_tables is expected\n", "up", "wg0", "--dry-run")

    def test_default_route_by_policy(self):
        steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\nAddress = 10.9.0.2/32\n"
                           f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = 0.0.0.0/0\n")
        steps = [step for step in steps if "src_valid_mark" not in step]
        self.assertEqual(steps[-4:], [
            "add IPv4 rule: not fwmark 0xca6c lookup 51820",
            "add IPv4 rule: lookup main suppress_prefixlength 0",
            "add nftables filter against IPv4 spoofing",
            "add route 0.0.0.0/0 in table 51820"])

    def test_masquerading_in_the_families_of_the_addresses(self):
        for address, switches in (("10.9.0.1/24", ["net.ipv4.ip_forward"]),
                                  ("fd09::1/64", ["net.ipv6.conf.all.forwarding"])):
            steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nAddress = {address}\nMTU = 1400\n"
                               "# Masquerade = true\n")
            self.assertIn("add nftables masquerading of traffic from wg0", steps)
            self.assertEqual([step for step in steps if "forward" in step],
                             [f"set {switch} to 1" for switch in switches])

    def test_hooks_know_the_interface(self):
        steps = self.steps(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\nPreUp = a %i %i # b\nPostUp = c%id\n")
        self.assertEqual(steps[0:2], ["add interface wg0", "run PreUp: a wg0 wg0 # b"])
        self.assertEqual(steps[-1], "run PostUp: cwg0d")

    def test_sections_of_one_peer_are_warned_of(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\n[Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.1.0.0/16\n"
                   f"[Peer]\nPublicKey = {PEER}\nAllowedIPs = 10.2.0.0/16\n")
        result = self.run_it("up", "wg0", "--dry-run")
        self.assertRegex(result.stderr, "^wgctl: warning: .* has two sections")
        self.assertEqual([line for line in result.stdout.splitlines() if "route" in line],
                         ["+ add route 10.2.0.0/16"])

    def test_failure_leaves_nothing(self):
        """A kernel without tunnels, or one where the name is taken."""
        subprocess.run(["ip", "link", "add", "wg0", "type", "veth", "peer", "name", "x"], check=True)
        self.addCleanup(subprocess.run, ["ip", "link", "del", "wg0"], check=True)
        self.server(more=f"PreUp = touch {self.home}/pre\n")
        self.fails("wgctl: 'wg0' exists already: 'wgctl reload wg0' applies its file, "
                   "'wgctl down wg0' removes it\n", "up", "wg0")
        self.assertFalse(os.path.exists(f"{self.home}/pre"))
        self.fails("wgctl: 'wg0' is not a tunnel\n", "down", "wg0")

    def test_strip_keeps_what_a_device_takes(self):
        self.write(f"# top\n[Interface]\nPrivateKey = {KEY}\nAddress = 10.0.0.1 # x\nPostUp=true\n"
                   f"[Peer]\n# Name = one\nPublicKey = {PEER}\n")
        self.assertEqual(self.works("strip", "wg0"),
                         f"# top\n[Interface]\nPrivateKey = {KEY}\n[Peer]\n# Name = one\nPublicKey = {PEER}\n")
        sections = json.loads(self.works("strip", "wg0", "--json"))["sections"]
        self.assertEqual(sections, [
            {"section": "Interface", "keys": [{"key": "PrivateKey", "value": KEY}]},
            {"section": "Peer", "keys": [{"key": "Name", "value": "one"},
                                         {"key": "PublicKey", "value": PEER}]}])


class Hooks(Case):
    """Hooks at an interface of a kind that is no tunnel: `up` fails once they have run."""

    def steps(self, *lines):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\n" + "\n".join(lines) + "\n")
        result = self.run_it("up", "wg0", "--json", WGCTL_FAMILY="veth")
        self.assertEqual(result.returncode, 1)
        self.assertNotEqual(subprocess.run(["ip", "link", "show", "wg0"], capture_output=True).returncode, 0)
        return [(step["step"], step["outcome"]) for step in json.loads(result.stdout)["steps"]]

    def outcome(self, command):
        steps = self.steps(f"PreUp = {command}")
        self.assertEqual(steps[0], ("add interface wg0", "done"))
        return steps[1][1]

    def test_steps_that_are_undone(self):
        self.assertEqual(self.steps("PreUp = true", "PostDown = false"), [
            ("add interface wg0", "done"), ("run PreUp: true", "done"), ("configure wg0: 0 peers", "failed"),
            ("add interface wg0", "undone"), ("false", "failed")])

    def test_what_fails_ends_a_hook(self):
        """In a shell as that of wg-quick: set -e -o pipefail, shopt -s extglob, LC_ALL=C."""
        for command, outcome in (("false; true", "failed"), ("false | true", "failed"), ("true | false", "failed"),
                                 ("! false", "done"), ("if false; then :; fi", "done"), ("false || true", "done"),
                                 ("[[ abab = +(ab) ]]; x=aab; [ ${x##+(a)} = b ]", "done"),
                                 ("[ $LC_ALL = C ]", "done")):
            with self.subTest(command):
                self.assertEqual(self.outcome(command), outcome)

    def test_a_sharp_in_a_hook_is_for_bash(self):
        for command in ("[ 'a # b' = \"$(echo 'a # b')\" ] # one is here", "x=ab; [ ${#x} = 2 ]", "[ '#' = \\# ]"):
            with self.subTest(command):
                self.assertEqual(self.outcome(command), "done")

    def test_a_hook_may_call_us(self):
        """It must not wait for what waits for it."""
        for call in (f"{WGCTL} down wg0", f"setsid -w sh -c '{WGCTL} down wg0; exit'"):
            with self.subTest(call):
                self.assertEqual(self.outcome(f"({call} || :) 2>&1 | grep 'is not a tunnel'"), "done")

    def test_an_interrupt_in_the_last_moment_undoes_all(self):
        for command in ("kill -TERM $PPID; sleep 9", "kill -TERM $PPID"):
            with self.subTest(command):
                self.assertIn(("add interface wg0", "undone"), self.steps(f"PreUp = {command}"))

    def test_a_parent_that_ignores_its_children(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nMTU = 1400\nPreUp = true\n")
        result = subprocess.run(["bash", "-c", "trap '' CHLD; exec \"$@\"", "-", WGCTL, "up", "wg0", "--json"],
                                env={"PATH": os.environ["PATH"], "WGCTL_DIRECTORY": self.dir,
                                     "WGCTL_FAMILY": "veth"}, capture_output=True, text=True)
        self.assertIn({"step": "run PreUp: true", "outcome": "done"}, json.loads(result.stdout)["steps"])

    def test_what_failed_half_way_is_undone(self):
        for lines in (("PreUp = touch half; false",), ("PreUp = touch half && kill -9 $$",)):
            self.steps(*lines, "PostDown = exit 7; never", "PostDown = no such thing; rm half")
            self.assertFalse(os.path.exists(f"{self.home}/half"))


class Users(Case):
    def test_a_picture_goes_where_it_is_sent(self):
        """Into a pipe, a device and the file behind a link, none of which it replaces."""
        self.server()
        self.works("user", "add", "phone", "--png", f"{self.home}/phone.png")
        with open(f"{self.home}/phone.png", "rb") as file:
            picture = file.read()
        os.mkfifo(f"{self.home}/pipe")
        os.symlink("phone.png", f"{self.home}/link")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            read = pool.submit(pathlib.Path(f"{self.home}/pipe").read_bytes)
            self.works("user", "show", "phone", "--png", f"{self.home}/pipe")
            self.assertEqual(read.result(), picture)
        self.works("user", "show", "phone", "--png", f"{self.home}/link")
        self.assertTrue(os.path.islink(f"{self.home}/link"))
        self.works("user", "show", "phone", "--png", "/dev/null")
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_without_open_descriptors(self):
        """What is printed goes nowhere, and least into a file."""
        subprocess.run(["bash", "-c", "exec \"$@\" <&- >&- 2>&-", "-", WGCTL, "new", "wg0", "--endpoint=192.0.2.1"],
                       env={"WGCTL_DIRECTORY": self.dir}, check=True)
        self.assertRegex(self.read(), r"^\[Interface\]\n(.* = .*\n)+$")

    def test_a_limit_on_files_is_an_error(self):
        self.server(more="#" * 1000 + "\n")
        before = self.read()
        for limit in (0, 600):
            with self.subTest(limit):
                result = subprocess.run(["prlimit", f"--fsize={limit}", WGCTL, "user", "add", "phone"],
                                        env={"PATH": os.environ["PATH"], "WGCTL_DIRECTORY": self.dir},
                                        capture_output=True, text=True)
                self.assertEqual(result.returncode, 1)
                self.assertEqual((self.read(), os.listdir(self.dir)), (before, ["wg0.conf"]))

    def test_names_that_lead_elsewhere(self):
        """Somebody else may have given a peer a name; no file is named after it."""
        for name in ("../wg0", ".", "-x"):
            self.server(peers=f"[Peer]\n# Name = {name}\nPublicKey = {PEER}\n")
            self.fails(f"wgctl: the configuration of '{name}' is not kept here\n", "user", "show", "--", name)
            self.works("user", "del", "--", name)
            self.assertIn(KEY, self.read())
            self.assertNotIn(PEER, self.read())

    def test_two_of_one_name(self):
        twins = f"[Peer]\n# Name = twin\nPublicKey = {PEER}\n[Peer]\n# Name = twin\nPublicKey = {OTHER}\n"
        path = self.path("wg0.users/twin.conf")
        for args, is_kept in ((("del", PEER), True), (("del", PEER, OTHER), False), (("clear", "--yes"), False)):
            self.server(peers=twins)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii"):
                pass
            self.works("user", *args)
            self.assertEqual(os.path.exists(path), is_kept, args)
            self.assertEqual(PEER in self.read(), False)

    def test_a_file_that_was_left_over(self):
        self.server()
        os.mkdir(self.path("wg0.users"))
        self.write("", "wg0.users/phone.conf")
        result = self.run_it("user", "add", "phone")
        self.assertRegex(result.stderr, "^wgctl: cannot write .*phone.conf: it exists, but no peer of 'wg0' has "
                                        "this name: delete the file\n$")

    def test_a_server_file_of_any_name(self):
        self.write(f"[Interface]\nPrivateKey = {KEY}\nListenPort = 1\nAddress = 10.8.0.1/24\n", "x")
        os.symlink("x", self.path())
        self.works("user", "add", "phone", "--endpoint=192.0.2.1")
        self.assertEqual(os.listdir(self.path("x.users")), ["phone.conf"])

    def test_endpoints_by_which_users_come(self):
        for given, is_ in (("2001:db8::1", "[2001:db8::1]:51820"), ("[2001:db8::1]", "[2001:db8::1]:51820"),
                           ("[2001:db8::1]:7", "[2001:db8::1]:7"), ("vpn.example.org", "vpn.example.org:51820"),
                           ("192.0.2.1:8", "192.0.2.1:8")):
            with self.subTest(given):
                self.works("new", "wg0", f"--endpoint={given}")
                self.assertIn(f"Endpoint = {is_}\n", self.works("user", "add", "phone") and
                              self.works("user", "show", "phone"))
                self.works("user", "clear", "--yes")
                os.unlink(self.path())
        for option in ("--endpoint=a\nPostUp = touch x", "--address=10.0.0.1/8\nPostUp = x", "--port=1\nPostUp = x"):
            self.fails("wgctl: a value cannot contain '#' or a line break\n", "new", "wg0", option)

    def test_one_tunnel_in_two_directories(self):
        self.server()
        self.works("user", "add", "phone", WGCTL_DIRECTORY=f"{self.dir}:{self.dir}")

    def addresses(self):
        return re.findall(r"^AllowedIPs = (.*)$", self.read(), re.M)

    def test_from_nothing(self):
        """As a new user would: from `wgctl help` to a code that a phone scans."""
        self.assertIn("new ", self.works("help"))
        os.rmdir(self.dir)
        self.works("new", "wg0", "--endpoint", "vpn.example.org")
        self.assertEqual(os.stat(self.path()).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(self.dir).st_mode & 0o777, 0o700)
        self.works("user", "add", "phone", "--png", f"{self.home}/phone.png")
        self.assertEqual(os.stat(f"{self.home}/phone.png").st_mode & 0o777, 0o600)
        self.assertEqual(self.decode(f"{self.home}/phone.png"), self.works("user", "show", "phone"))

    def decode(self, path):
        # only QR codes: in noise a reader finds other bars now and then
        result = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable",
                                 "-Sbinary", path],
                                capture_output=True, check=True, text=True)
        return result.stdout

    def test_code_in_a_terminal(self):
        self.server()
        self.works("user", "add", "phone", "--full", "--dns", "10.8.0.1,example.org")
        light = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
        rows = []
        for line in self.works("user", "show", "phone", "--qr").splitlines():
            rows.append([light[c][0] for c in line])
            rows.append([light[c][1] for c in line])
        width, scale = len(rows[0]), 4
        path = f"{self.home}/drawn.pbm"
        with open(path, "w", encoding="ascii") as file:
            file.write(f"P1\n{width * scale} {len(rows) * scale}\n")
            for row in rows:
                line = " ".join(str(1 - dot) for dot in row for _ in range(scale)) + "\n"
                file.write(line * scale)
        self.assertEqual(self.decode(path), self.works("user", "show", "phone"))

    def test_configuration_is_what_the_server_expects(self):
        self.server()
        self.works("user", "add", "phone")
        text = self.works("user", "show", "phone")
        fields = dict(re.findall(r"^(\w+) = (.*)$", text, re.M))
        public = subprocess.run(["wg", "pubkey"], input=fields["PrivateKey"], capture_output=True,
                                text=True, check=True).stdout.strip()
        server = self.read()
        self.assertIn(f"PublicKey = {public}\n", server)
        self.assertIn(f"PresharedKey = {fields['PresharedKey']}\n", server)
        mine = subprocess.run(["wg", "pubkey"], input=KEY, capture_output=True, text=True, check=True)
        self.assertEqual(fields["PublicKey"], mine.stdout.strip())
        self.assertEqual(fields["Address"], "10.8.0.2/32, fd08::2/128")
        self.assertEqual(fields["AllowedIPs"], "10.8.0.0/24, fd08::/64")
        self.assertEqual(fields["Endpoint"], "192.0.2.1:51820")
        self.assertEqual(fields["PersistentKeepalive"], "25")
        self.assertNotIn("DNS", fields)
        stripped = os.path.join(self.dir, "wg0.users", "phone.conf")
        self.assertEqual(os.stat(stripped).st_mode & 0o777, 0o600)

    def test_options(self):
        self.server(more="# UserDNS = 10.8.0.1\n# UserKeepalive = 30\n# UserMTU = 1300\n"
                         "# UserAllowedIPs = 10.0.0.0/8\n")
        for args, key, value in (
                ((), "DNS", "10.8.0.1"), ((), "MTU", "1300"), ((), "PersistentKeepalive", "30"),
                ((), "AllowedIPs", "10.0.0.0/8"),
                (("--dns", "9.9.9.9"), "DNS", "9.9.9.9"),
                (("--full",), "AllowedIPs", "0.0.0.0/0, ::/0"),
                (("--allowed-ips", "172.16.0.0/12"), "AllowedIPs", "172.16.0.0/12"),
                (("--keepalive", "off"), "PersistentKeepalive", None),
                (("--mtu", "1280"), "MTU", "1280"),
                (("--endpoint", "vpn.example.org"), "Endpoint", "vpn.example.org:51820"),
                (("--endpoint", "[2001:db8::1]"), "Endpoint", "[2001:db8::1]:51820"),
                (("--endpoint", "vpn.example.org:443"), "Endpoint", "vpn.example.org:443"),
                (("--address", "10.8.0.77"), "Address", "10.8.0.77/32")):
            with self.subTest(args):
                self.works("user", "add", "x", *args)
                fields = dict(re.findall(r"^(\w+) = (.*)$", self.works("user", "show", "x"), re.M))
                self.assertEqual(fields.get(key), value)
                self.works("user", "del", "x")

    def test_bad_input(self):
        self.server(peers=f"\n[Peer]\n# Name = one\nPublicKey = {PEER}\nAllowedIPs = 10.8.0.9/32, 10.8.0.128/25\n")
        before = self.read()
        for args, message in (
                (("one",), "'wg0' has a user 'one' already"),
                (("a/b",), "'a/b' cannot be the name of a user: it contains '/' or begins with '.' or '-'"),
                ((".a",), "'.a' cannot be the name of a user: it contains '/' or begins with '.' or '-'"),
                (("x", "--address", "10.8.0.1"), "--address: the address 10.8.0.1 is the server's own"),
                (("x", "--address", "10.8.0.9"), "--address: the address 10.8.0.9 is taken by 'one'"),
                (("x", "--address", "10.8.0.200"), "--address: the address 10.8.0.200 is taken by 'one'"),
                (("x", "--address", "10.7.0.1"), "--address: the address 10.7.0.1 is in none of the networks of 'wg0'"),
                (("x", "--dns", "a\nPostUp = x"), "a value cannot contain '#' or a line break"),
                (("x", "--mtu", "12"), "MTU: '12' is not an MTU: 68 to 65535 is expected"),
                (("x", "--tunnel", "wg7"), "there is no wg7.conf in DIR")):
            with self.subTest(args):
                result = self.run_it("user", "add", *args)
                said = result.stderr.replace(self.dir, "DIR")
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertTrue(said.endswith(message + "\n"), said)
        for verb in ("show", "del"):
            self.fails("wgctl: 'wg0' has no user 'two': 'wgctl user list' lists them\n", "user", verb, "two")
        self.fails("wgctl: the configuration of 'one' is not kept here: there is no 'DIR/wg0.users/one.conf'\n",
                   "user", "show", "one")
        self.fails("wgctl: this would remove 1 user from 'wg0': confirm with --yes\n", "user", "clear")
        self.assertEqual(self.read(), before)
        self.assertEqual(os.listdir(self.dir), ["wg0.conf"])

    def test_what_a_client_could_not_read(self):
        self.server()
        self.fails("wgctl: --address: '+10.8.0.6' has a sign: an address is expected\n",
                   "user", "add", "x", "--address=+10.8.0.6")
        self.fails("wgctl: '-10.0.0.0/8' has a sign: networks are expected\n",
                   "user", "add", "x", "--allowed-ips=-10.0.0.0/8")
        self.works("user", "add", "x", "--address=10.8.0.5,10.8.0.5", "--keepalive=OFF")
        text = self.works("user", "show", "x")
        self.assertIn("Address = 10.8.0.5/32\n", text)
        self.assertNotIn("Keepalive", text)

    def test_no_tunnel_and_too_many(self):
        self.fails("wgctl: there is no tunnel yet: 'wgctl new wg0' creates one\n", "user", "list")
        self.works("new", "a")
        self.works("new", "b")
        self.fails("wgctl: there are 2 tunnels: choose one with --tunnel=NAME\n", "user", "list")
        self.fails("wgctl: 'DIR/a.conf' exists already\n", "new", "a")

    def test_without_a_public_address(self):
        self.works("new", "wg0")
        self.fails("wgctl: this machine has no public address: use --endpoint=HOST[:PORT] "
                   "(it is remembered)\n", "user", "add", "x")
        self.works("user", "add", "x", "--endpoint", "vpn.example.org")
        self.works("user", "add", "y")
        self.assertIn("Endpoint = vpn.example.org:51820\n", self.works("user", "show", "y"))

    def test_full_network(self):
        self.server("10.8.0.1/29")
        for i in range(5):
            self.works("user", "add", f"u{i}")
        self.fails("wgctl: the network 10.8.0.0/29 of 'wg0' is full\n", "user", "add", "u5")
        self.works("user", "del", "u2")
        self.works("user", "add", "u5")
        self.assertEqual(sorted(self.addresses()), [f"10.8.0.{i}/32" for i in range(2, 7)])

    def test_a_hundred_ten_at_once(self):
        self.server("10.8.0.1/24, fd08::1/120")
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            for said in pool.map(lambda i: self.works("user", "add", f"user-{i}"), range(100)):
                self.assertIn(" has 10.8.0.", said)
        pairs = [line.split(", ") for line in self.addresses()]
        self.assertEqual(len(pairs), 100)
        for at, net, full in ((0, "10.8.0.", 32), (1, "fd08::", 128)):
            got = {ipaddress.ip_network(pair[at]).network_address for pair in pairs}
            first = ipaddress.ip_address("10.8.0.2" if at == 0 else "fd08::2")
            self.assertEqual(got, {first + i for i in range(100)}, (net, full))
        listed = json.loads(self.works("user", "list", "--json"))["users"]
        self.assertEqual({user["name"] for user in listed}, {f"user-{i}" for i in range(100)})
        self.assertEqual(len(os.listdir(self.path("wg0.users"))), 100)
        self.assertEqual(sorted(os.listdir(self.dir)), ["wg0.conf", "wg0.users"])
        self.works("user", "clear", "--yes")
        self.assertEqual((self.addresses(), os.listdir(self.dir)), ([], ["wg0.conf"]))

    def test_file_keeps_what_it_had(self):
        text = (f"# mine\n[Interface]\nPrivateKey = {KEY} # secret\nListenPort=51820\nAddress = 10.8.0.1/24\n"
                f"# UserEndpoint = h\nFoo = bar\n\n# the first\n[Peer]\nPublicKey = {PEER}\n"
                "allowedips=10.8.0.2/32\n\n# the last\n[Peer]\n"
                f"PublicKey = {OTHER}\nAllowedIPs = 10.8.0.3/32\n# end\n")
        self.write(text)
        self.works("user", "add", "x")
        added = self.read()
        self.assertTrue(added.startswith(text))
        self.assertIn("AllowedIPs = 10.8.0.4/32\n", added)
        self.works("user", "del", "x")
        self.assertEqual(self.read().rstrip("\n"), text.rstrip("\n"))

    def test_by_public_key(self):
        self.server(peers=f"\n[Peer]\n# Name = one\nPublicKey = {PEER}\nAllowedIPs = 10.8.0.9/32\n")
        self.works("user", "del", PEER)
        self.assertNotIn(PEER, self.read())

    def left(self):
        return sorted(os.path.relpath(os.path.join(where, name), self.home)
                      for where, _, names in os.walk(self.home) for name in names)

    def test_a_code_that_does_not_fit_adds_nobody(self):
        self.server()
        before = self.read()
        much = ", ".join(f"10.{i >> 8}.{i & 255}.0/24" for i in range(300))
        for args in (("--qr",), ("--png", f"{self.home}/code.png"), ("--qr", "--dry-run")):
            self.fails("wgctl: the configuration is too long for a QR code\n",
                       "user", "add", "phone", "--allowed-ips", much, *args)
            self.assertEqual((self.read(), self.left()), (before, ["conf/wg0.conf"]))
        self.works("user", "add", "phone", "--allowed-ips", much)
        self.fails("wgctl: the configuration is too long for a QR code\n", "user", "show", "phone", "--qr")

    def test_a_picture_that_cannot_be_written_adds_nobody(self):
        self.server()
        before = self.read()
        result = self.run_it("user", "add", "phone", "--png", f"{self.home}/none/code.png")
        self.assertEqual(result.returncode, 1)
        self.assertIn("code.png': No such file or directory\n", result.stderr)
        self.assertEqual((self.read(), self.left()), (before, ["conf/wg0.conf"]))

    def test_a_full_disk_leaves_all_as_it_was(self):
        """Room for less and less: whatever fails, nothing is half done."""
        small = os.path.join(self.home, "small")
        os.mkdir(small)
        for kilobytes in (8, 12, 16, 20, 24, 28):
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "none", small], check=True)
            try:
                with open(f"{small}/wg0.conf", "w", encoding="ascii") as file:
                    file.write(f"[Interface]\nPrivateKey = {KEY}\nListenPort = 51820\nAddress = 10.8.0.1/24\n"
                               "# UserEndpoint = 192.0.2.1\n" + "#" * 3000 + "\n")
                os.chmod(f"{small}/wg0.conf", 0o600)
                before = [os.listdir(small), pathlib.Path(f"{small}/wg0.conf").read_text()]
                result = self.run_it("user", "add", "phone", "--png", f"{small}/code.png", WGCTL_DIRECTORY=small)
                after = [os.listdir(small), pathlib.Path(f"{small}/wg0.conf").read_text()]
                if result.returncode:
                    self.assertEqual(after, before, kilobytes)
                    self.assertIn("No space left on device", result.stderr)
                else:
                    self.assertEqual(sorted(after[0]), ["code.png", "wg0.conf", "wg0.users"])
                new = self.run_it("new", "wg9", WGCTL_DIRECTORY=small)
                self.assertEqual(os.path.exists(f"{small}/wg9.conf"), not new.returncode, new.stderr)
            finally:
                subprocess.run(["umount", small], check=True)
        self.assertEqual(result.returncode, 0, "there was never room")

    def lost(self, *args, closed=False):
        """Runs with an output that goes nowhere."""
        reader, writer = os.pipe()
        os.close(reader)
        with open("/dev/full", "w", encoding="ascii") as full:
            environment = {**os.environ, "WGCTL_DIRECTORY": self.dir, "LANG": "C"}
            result = subprocess.run([WGCTL, *args], stdout=writer if closed else full, stderr=subprocess.PIPE,
                                    env=environment, text=True, timeout=900, check=False, cwd=self.home,
                                    preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        os.close(writer)
        return result.returncode, result.stderr

    def test_what_is_done_is_no_failure_because_nobody_hears_of_it(self):
        warning = r"\Awgctl: warning: done, but the output could not be written: .*\n\Z"
        for closed in (False, True):
            for args, there in ((("new", "wg0", "--endpoint", "192.0.2.1"), "conf/wg0.conf"),
                                (("user", "add", "phone", "--qr"), "conf/wg0.users/phone.conf"),
                                (("user", "add", "other", "--json"), "conf/wg0.users/other.conf"),
                                (("user", "del", "phone", "other"), "conf/wg0.conf")):
                code, said = self.lost(*args, closed=closed)
                self.assertEqual(code, 0, (args, said))
                self.assertRegex(said, warning)
                self.assertIn(there, self.left())
            self.assertEqual(self.left(), ["conf/wg0.conf"])
            os.unlink(self.path())
        self.server()
        for args in (("user", "add", "x", "--dry-run"), ("user", "list", "--json"), ("genkey",), ("strip", "wg0")):
            self.assertEqual(self.lost(*args), (1, "wgctl: cannot write the output: No space left on device\n"))

    def test_a_file_that_cannot_be_deleted_is_warned_of(self):
        self.server()
        self.works("user", "add", "phone")
        path = self.path("wg0.users/phone.conf")
        os.unlink(path)
        os.mkdir(path)
        result = self.run_it("user", "del", "phone")
        self.assertEqual((result.returncode, result.stderr),
                         (0, f"wgctl: warning: cannot delete '{path}': Is a directory\n"))
        self.assertEqual(self.addresses(), [])

    def test_an_end_and_a_switch(self):
        self.server()
        self.works("user", "add", "anna", "--until", "2099-01-31T18:00:00Z")
        self.works("user", "add", "bert")
        section = self.read().split("[Peer]\n")[1]
        self.assertTrue(section.startswith("# Name = anna\n# Until = 2099-01-31T18:00:00Z\n"), section)
        before = self.read()
        self.works("user", "disable", "anna", "bert")
        self.assertEqual(self.read().count("# Disabled = true\n"), 2)
        self.assertEqual([user["disabled"] for user in self.users()], [True, True])
        self.works("user", "enable", "anna", "bert")
        self.assertEqual(self.read(), before)
        self.works("user", "enable", "anna", "--until", "never")
        self.assertNotIn("Until", self.read())
        self.works("user", "enable", "bert", "--until", "@4102444800")
        self.assertEqual([user["until"] for user in self.users()], [0, 4102444800])
        self.assertIn("# Until = 2100-01-01T00:00:00Z\n", self.read())

    def test_a_switch_leaves_the_comments_of_others(self):
        lines = "# Disabled = while he is away\n# Until = he is back # or later\n"
        self.server(peers=f"[Peer]\n# Name = anna\n{lines}PublicKey = {PEER}\n")
        before = self.read()
        for verb in ("disable", "enable"):
            result = self.run_it("user", verb, "anna")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertRegex(result.stderr, r"^wgctl: warning: line \d+: '# Disabled' is ignored: ")
            self.assertIn(lines, self.read())
        self.assertEqual(self.read(), before)

    def test_what_is_said_of_an_end(self):
        self.server()
        said = self.works("user", "add", "anna", "--until=2099-01-31", TZ="Europe/Berlin")
        self.assertIn("\nanna expires at 2099-01-30T23:00:00Z\n", said)
        self.assertNotIn("expires", self.works("user", "add", "bert"))
        self.works("user", "add", "carl")
        self.works("user", "disable", "carl")
        self.assertEqual(self.works("user", "list"),
                         "anna  10.8.0.2/32, fd08::2/128                     until 2099-01-30T23:00:00Z\n"
                         "bert  10.8.0.3/32, fd08::3/128\n"
                         "carl  10.8.0.4/32, fd08::4/128              off  \n")

    def test_a_user_of_two_sections_is_one(self):
        first = f"[Peer]\n# Name = anna\n# Disabled = true\nPublicKey = {PEER}\nAllowedIPs = 10.8.0.7/32\n"
        second = f"[Peer]\n# first of May\n# Until = 2099-05-01 # a Friday\nPublicKey = {PEER}\n"
        self.server(peers=first + "\n" + second)
        before = self.read()

        def switch(*words):
            result = self.run_it("user", *words)
            self.assertRegex(result.stderr, r"^wgctl: warning: peer .* has two sections, .*\n$")
            self.assertEqual(result.returncode, 0)
            return self.read()

        for who in ("anna", PEER):
            after = switch("enable", who)
            self.assertEqual(after, before.replace("# Disabled = true\n", ""))
            self.assertEqual([user["disabled"] for user in self.users()], [False])
            self.assertEqual(switch("disable", who).count("# Disabled = true\n"), 2)
        self.assertEqual(switch("enable", PEER, "--until=2099-06-01Z").count("# Until = 2099-06-01T00:00:00Z"), 2)
        self.assertNotIn(PEER, switch("del", "anna"))

    def test_each_section_names_its_user(self):
        a = f"[Peer]\n# Name = a\nPublicKey = {PEER}\n"
        b = f"[Peer]\n# Name = b\nPublicKey = {PEER}\nAllowedIPs = 10.8.0.7/32\n"
        other = f"[Peer]\n# Name = {{}}\nPublicKey = {OTHER}\nAllowedIPs = 10.8.0.8/32\n"
        os.mkdir(self.path("wg0.users"))
        for who, third, left in (("a", "c", ["c.conf"]), ("b", "c", ["c.conf"]), (PEER, "a", ["a.conf", "c.conf"])):
            self.server(peers=a + other.format(third) + b)
            for name in "abc":
                self.write(f"[Interface]\nPrivateKey = {KEY}\n# {name}\n", f"wg0.users/{name}.conf")
            self.assertEqual(self.run_it("user", "disable", who).returncode, 0)
            self.assertEqual(self.read().count("# Disabled = true\n"), 2)
            self.assertEqual([(user["name"], user["disabled"]) for user in self.users()], [("b", True), (third, False)])
            shown = self.run_it("user", "show", who)
            self.assertIn(f"# {who if who != PEER else 'b'}\n", shown.stdout)
            self.assertEqual(self.run_it("user", "del", who).returncode, 0)
            self.assertNotIn(PEER, self.read())
            self.assertEqual(sorted(os.listdir(self.path("wg0.users"))), left)
        self.server(peers=a + other.format("a") + b)
        before = self.read()
        self.assertIn("wgctl: 'wg0' has more than one peer 'a': use a public key\n", self.run_it("user", "del", "a").stderr)
        self.assertIn("wgctl: 'wg0' has a user 'b' already\n", self.run_it("user", "add", "b").stderr)
        self.assertEqual(self.read(), before)

    def users(self):
        return json.loads(self.works("user", "list", "--json"))["users"]

    def test_a_time_that_is_over(self):
        self.server(peers=f"[Peer]\n# Name = anna\n# Until = 2020-02-01T00:00:00Z\nPublicKey = {PEER}\n")
        before = self.read()
        self.fails("wgctl: the time of 'anna' is over since 2020-02-01T00:00:00Z: use --until\n",
                   "user", "enable", "anna")
        self.fails("wgctl: --until: '2021-02-01' is in the past\n", "user", "enable", "anna", "--until=2021-02-01")
        self.fails("wgctl: --until: '2021-02-01' is in the past\n", "user", "add", "bert", "--until=2021-02-01")
        self.fails("wgctl: --until: '2099-02-30' is not a time: "
                   "'never', YYYY-MM-DD[THH:MM[:SS]][Z] or @SECONDS is expected\n",
                   "user", "add", "bert", "--until=2099-02-30")
        self.assertEqual(self.read(), before)

    def test_dry_run(self):
        self.server()
        before = self.read()
        self.works("user", "add", "x", "--dry-run")
        self.assertEqual((self.read(), os.listdir(self.dir)), (before, ["wg0.conf"]))

    def test_names_of_all_kinds(self):
        self.server()
        for name in ("anna's phone", "Zoë", "電話", "a" * 63, "#1"):
            self.works("user", "add", name)
            self.assertIn("[Interface]", self.works("user", "show", name))
        self.assertEqual([u["name"] for u in json.loads(self.works("user", "list", "--json"))["users"]],
                         ["anna's phone", "Zoë", "電話", "a" * 63, "#1"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
