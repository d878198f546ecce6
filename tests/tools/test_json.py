# SPDX-License-Identifier: GPL-2.0
"""Every verb that prints can print JSON; see test_tool.py for the kernel."""
import json
import os
import re
import shutil
import subprocess
import unittest

import test_tool
from test_tool import DIRECTORY, KEY_A, PRIVATE, PSK, Case, fill, raw, wgctl, write

FILE = f"""[Interface]
PrivateKey = {PRIVATE}
ListenPort = 51820
Address = 10.8.0.1/24
MTU = 1400
# UserEndpoint = 192.0.2.1

[Peer]
# Name = one
PublicKey = {KEY_A}
PresharedKey = {PSK}
AllowedIPs = 10.8.0.2/32
Endpoint = localhost:51820
"""

# One call of each verb that works; wg0 is up, wg1 is not.
CALLS = {
    "new": ["wg7"],
    "up": ["wg1", "--dry-run"],
    "down": ["wg0", "--dry-run"],
    "reload": ["wg0", "--dry-run"],
    "save": ["wg0"],
    "strip": ["wg0"],
    "resolve": ["wg0"],
    "doctor": ["--list"],
    "user add": ["two", "--tunnel=wg0"],
    "user show": ["kept", "--tunnel=wg0"],
    "user list": ["--tunnel=wg0"],
    "user del": ["one", "--tunnel=wg0"],
    "user disable": ["one", "--tunnel=wg0"],
    "user enable": ["one", "--tunnel=wg0"],
    "user clear": ["--yes", "--tunnel=wg0"],
    "show": ["wg0"],
    "showconf": ["wg0"],
    "set": ["wg0", "listen-port", "7"],
    "setconf": ["wg0", "plain.conf"],
    "addconf": ["wg0", "plain.conf"],
    "syncconf": ["wg0", "plain.conf"],
    "genkey": [],
    "genpsk": [],
    "pubkey": [],
    "complete": ["sho"],
    "help": [],
    "version": [],
}

# Other calls of verbs that print in more than one way.
MORE = (
    ["show"], ["show", "all"], ["show", "interfaces"], ["show", "wg0", "peers"],
    ["show", "wg0", "dump"], ["show", "all", "drops"], ["help", "up"], ["help", "user", "add"], ["help", "user"],
    ["help", "health"], ["--help"], ["up", "--help"], ["set", "--help"], ["--version"], [],
    ["user", "add", "two", "--tunnel=wg0", "--dry-run"], ["user", "del", "one", "--tunnel=wg0"],
    ["user", "show", "kept", "--tunnel=wg0", "--qr"], ["complete", "user", ""],
    ["complete", "setconf", "wg0", ""], ["up", "wg1", "--dry-run"],
)


def members(value):
    """The names of all members, but for those that are data (reasons of drops)."""
    if isinstance(value, dict):
        for name, inside in value.items():
            yield name
            if name != "drops":
                yield from members(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from members(inside)


def manual():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/man/wgctl.8")
    text = subprocess.run(["mandoc", "-T", "ascii", path], capture_output=True, check=True, text=True)
    text = re.sub(r".\x08", "", text.stdout)
    return text[text.index("\nJSON\n"):text.index("\nENVIRONMENT\n")]


class Json(Case):
    def setUp(self):
        super().setUp()
        self.home = os.path.join(DIRECTORY, "conf")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.verbs = json.loads(self.works(wgctl("help", "--json")))["verbs"]

    def fresh(self):
        shutil.rmtree(self.home, ignore_errors=True)
        os.makedirs(self.home, mode=0o700)
        for name in ("wg0", "wg1"):
            path = write(f"conf/{name}.conf", FILE)
            os.chmod(path, 0o600)
        write("plain.conf", f"[Interface]\nPrivateKey = {PRIVATE}\n")
        self.device.peers.clear()
        fill(self.device)
        peer = self.device.peers[raw(KEY_A)]
        peer.refusal = ("replay", 1, None, bytes(32))
        peer.received = peer.sent = ("data", 1)
        self.device.refusals = [peer.refusal]
        self.run_it("user", "add", "kept", "--tunnel=wg0")

    def run_it(self, *args):
        return self.works(wgctl(*args, stdin=PRIVATE, env={"WGCTL_DIRECTORY": self.home}))

    def both(self, words, rest):
        self.fresh()
        text = self.run_it(*words, *rest)
        self.fresh()
        return text, self.run_it(*words, "--json", *rest)

    def check(self, text, shown):
        said = json.loads(shown)
        self.assertTrue(said)
        self.assertLessEqual(PRIVATE in shown, PRIVATE in text)
        self.assertLessEqual(f'"preshared_key": "{PSK}"' in shown, PSK in text)
        for name in set(members(said)):
            self.assertRegex(manual(), rf"\b{name}\b", "a member that the manual does not name")

    def test_every_verb_that_prints(self):
        for verb in self.verbs:
            if verb["name"] == "monitor":  # it does not end: test_monitor.py
                continue
            words = verb["name"].split(" ")
            has_json = any(option["name"] == "--json" for option in verb["options"])
            with self.subTest(verb["name"]):
                if has_json:
                    self.check(*self.both(words, CALLS[verb["name"]]))
                    continue
                self.fresh()
                self.assertEqual(self.run_it(*words, *CALLS[verb["name"]]), "", "prints, without JSON")

    def test_every_way_of_printing(self):
        for call in MORE:
            with self.subTest(call):
                self.fresh()
                text = self.run_it(*call)
                self.fresh()
                words = 1 if call[:1] == ["complete"] else len(call)
                self.check(text, self.run_it(*call[:words], "--json", *call[words:]))

    def test_json_may_be_asked_for_before_the_verb(self):
        self.fresh()
        for call in ("show wg0", "user list --tunnel=wg0", "strip wg0", "help up", "version", "complete sho"):
            words = call.split(" ")
            name = 2 if words[0] == "user" else 1
            self.assertEqual(self.run_it("--json", *words),
                             self.run_it(*words[:name], "--json", *words[name:]), call)
        self.assertEqual(self.run_it("complete", "--", "--json", "sho"), "show\nshowconf\n")
        self.fails(wgctl("--json", "shwo", "wg0"), "wgctl: 'shwo' is not a verb: did you mean 'show'?\n")
        self.assertIn(b"set has no option '--json'\n", wgctl("--json", "set", "wg0").stderr)

    def test_the_text_of_a_configuration_has_its_keys_and_so_has_json(self):
        self.fresh()
        for verb in ("showconf", "strip"):
            self.assertIn(PRIVATE, self.run_it(verb, "wg0"))
            self.assertIn(PRIVATE, self.run_it(verb, "wg0", "--json"))
        self.assertNotIn(PRIVATE, self.run_it("show", "wg0", "--json"))

    def test_a_kernel_that_does_not_answer(self):
        self.fresh()
        for call in (["up", "wg1"], ["down", "wg0"], ["user", "list", "--tunnel=wg0"], ["show"]):
            for more in ([], ["--json"]):
                result = wgctl(*call, *more, env={"WGCTL_DIRECTORY": self.home, "FAKE_KERNEL": "/none"})
                self.assertEqual((result.returncode, result.stderr.splitlines()[0][:39]),
                                 (1, b"wgctl: cannot open a netlink socket: No"), call)

    def test_metrics_are_no_json(self):
        self.fails(wgctl("show", "--json", "--prometheus"),
                   "wgctl: --json and --prometheus are two formats: choose one\n")


del test_tool  # its cases are its own

if __name__ == "__main__":
    unittest.main(verbosity=1)
