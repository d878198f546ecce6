# SPDX-License-Identifier: GPL-2.0
"""Metrics, watching, completion and names looked up again, with a kernel in
this process (see test_tool.py)."""
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import test_tool
from test_tool import DIRECTORY, KERNEL, KEY_A, KEY_B, KEY_C, PRIVATE, WGCTL, Case, fill, raw, wgctl, write

COMPLETIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/completion")
SAMPLE = re.compile(r'^((?:wg|wireguard)_[a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+)\} (\d+)$')


class Metrics(Case):
    def samples(self, *args):
        """As a scraper reads it: types first, samples of a metric together."""
        types, found, order = {}, {}, []
        for line in self.works(wgctl("show", *args, "--prometheus")).splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertNotIn(name, types)
                types[name] = kind
            elif not line.startswith("# HELP "):
                name, labels, value = SAMPLE.match(line).groups()
                self.assertIn(types[name], ("gauge", "counter"))
                self.assertEqual(types[name] == "counter", name.endswith("_total"))
                found[(name, labels)] = int(value)
                order.append(name)
        self.assertEqual(sum(a != b for a, b in zip(order, order[1:])), len(set(order)) - 1)
        return found

    def test_what_the_device_has(self):
        fill(self.device)
        KERNEL.add("wg1")
        found = self.samples()
        self.assertEqual(found[("wg_peers", 'interface="wg0"')], 3)
        self.assertEqual(found[("wg_peers", 'interface="wg1"')], 0)
        peer = self.peer(KEY_A)
        labels = f'interface="wg0",public_key="{KEY_A}",name=""'
        self.assertEqual(found[("wg_peer_receive_bytes_total", labels)], peer.rx)
        self.assertEqual(found[("wg_peer_transmit_bytes_total", labels)], peer.tx)
        self.assertEqual(found[("wg_peer_latest_handshake_seconds", labels)], peer.handshake[0])
        self.assertEqual({labels for name, labels in self.samples("wg1")}, {'interface="wg1"'})

    def test_names_that_other_exporters_have(self):
        fill(self.device)
        peer = self.peer(KEY_A)
        peer.name = "anna"
        found = self.samples()
        labels = (f'interface="wg0",public_key="{KEY_A}",'
                  'allowed_ips="10.192.122.3/32,10.192.124.0/24",friendly_name="anna"')
        self.assertEqual(found[("wireguard_received_bytes_total", labels)], peer.rx)
        self.assertEqual(found[("wireguard_sent_bytes_total", labels)], peer.tx)
        self.assertEqual(found[("wireguard_latest_handshake_seconds", labels)], peer.handshake[0])

    def test_names_cannot_break_the_format(self):
        self.works(wgctl("set", "wg0", "peer", KEY_A, "name", 'a"b\\c'))
        self.assertIn(("wg_peer_receive_bytes_total",
                       f'interface="wg0",public_key="{KEY_A}",name="a\\"b\\\\c"'), self.samples("wg0"))

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_has_nothing_to_say(self):
        fill(self.device)
        self.works(wgctl("set", "wg0", "peer", KEY_A, "name", 'a"b\\c'))
        run = subprocess.run(["promtool", "check", "metrics"], check=False, text=True,
                             input=self.works(wgctl("show", "--prometheus")),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((run.returncode, run.stdout), (0, ""))


class Watch(Case):
    def test_shows_again_until_a_signal(self):
        # who started the tests may ignore it, and a child inherits that
        signal.signal(signal.SIGINT, signal.default_int_handler)
        environment = {"PATH": os.environ["PATH"], "FAKE_KERNEL": KERNEL.path}
        with subprocess.Popen([WGCTL, "show", "wg0", "peers", "--watch", "--interval=1"], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            self.addCleanup(child.kill)
            self.works(wgctl("set", "wg0", "peer", KEY_A))
            seen, end = "", time.time() + 30
            while time.time() < end and KEY_A not in seen:
                seen = child.stdout.readline()
            self.works(wgctl("set", "wg0", "peer", KEY_A, "remove", "peer", KEY_B))
            while time.time() < end and KEY_B not in seen:
                seen = child.stdout.readline()
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(30), -signal.SIGINT)
        self.assertEqual(seen.strip(), KEY_B)

    def test_bad_interval(self):
        self.fails(wgctl("show", "--watch", "--interval", "soon"),
                   "wgctl: --interval: 'soon' is not a number of seconds\n")


class Resolve(Case):
    FILE = (f"[Interface]\nPrivateKey = {PRIVATE}\n"
            f"[Peer]\nPublicKey = {KEY_A}\nEndpoint = localhost:51820\n"
            f"[Peer]\nPublicKey = {KEY_B}\nEndpoint = 192.0.2.1:7\n")

    def setUp(self):
        super().setUp()
        self.file = write("wg0.conf", self.FILE)
        os.chmod(self.file, 0o600)
        for key in (KEY_A, KEY_B):
            self.works(wgctl("set", "wg0", "peer", key, "endpoint", "192.0.2.9:51820"))

    def test_a_silent_peer_is_where_its_name_says(self):
        said = self.works(wgctl("resolve", self.file))
        self.assertRegex(said, rf"^{re.escape(KEY_A)} is at (127\.0\.0\.1|\[::1\]):51820\n$")
        self.assertIn(self.peer(KEY_A).endpoint[1], ("127.0.0.1", "::1"))
        self.assertEqual(self.peer(KEY_B).endpoint[1], "192.0.2.9")
        KERNEL.requests.clear()
        self.assertEqual(self.works(wgctl("resolve", self.file)), "")

    def test_one_that_answers_is_left_alone(self):
        self.peer(KEY_A).handshake = (int(time.time()) - 60, 0)
        self.assertEqual(self.works(wgctl("resolve", self.file)), "")
        self.assertEqual(self.peer(KEY_A).endpoint[:2], (socket.AF_INET, "192.0.2.9"))

    def test_json(self):
        shown = json.loads(self.works(wgctl("resolve", self.file, "--json")))
        self.assertEqual((shown["interface"], len(shown["peers"])), ("wg0", 1))


class Doctor(Case):
    """What it says of the kernel in this process; findings.c has the rest."""

    def examine(self, *args, **more):
        result = wgctl("doctor", "--json", *args, **more)
        self.assertEqual(result.stderr.decode(), "")
        said = json.loads(result.stdout)["interfaces"]
        self.assertEqual(result.returncode, int(any(one["findings"] for one in said)))
        return said

    def names(self, *args, **more):
        return [f["finding"] for one in self.examine(*args, **more) for f in one["findings"]]

    def cannot_look(self, result, message):
        self.assertEqual((result.returncode, result.stderr.decode()), (2, message))

    def test_the_guide_has_every_finding_as_it_is(self):
        with open(os.path.join(COMPLETIONS, "../../Documentation/troubleshooting.rst")) as file:
            guide = re.findall(r"^``([a-z0-9-]+)`` \((fault|warning)\)\n((?:\t.*\n)+)", file.read(), re.M)
        listed = json.loads(self.works(wgctl("doctor", "--list", "--json")))["findings"]
        self.assertEqual([(name, severity, " ".join(text.split())) for name, severity, text in guide],
                         [(f["finding"], f["severity"], f["text"] + " " + f["remedy"]) for f in listed])

    def test_text_says_what_json_says(self):
        fill(self.device)
        said = self.examine("wg0")[0]
        text = wgctl("doctor", "wg0").stdout.decode()
        self.assertTrue(text.startswith(f"wg0: {len(said['findings'])} findings\n"))
        for finding in said["findings"]:
            self.assertIn(f"  {finding['severity']} {finding['finding']}: {finding['text']}\n", text)
            self.assertIn(f"    evidence: {finding['evidence']}\n", text)
            self.assertIn(f"    to do:    {finding['remedy']}\n", text)
            self.assertIn(finding["command"] or "", text)

    def test_no_secret_is_shown(self):
        fill(self.device)
        write("wg0.conf", f"[Interface]\nPrivateKey = {PRIVATE}\n[Peer]\nPublicKey = {KEY_A}\n"
              f"PresharedKey = {KEY_C}\n")
        for more in ((), ("--json",)):
            shown = wgctl("doctor", *more, env={"WGCTL_DIRECTORY": DIRECTORY, "WG_HIDE_KEYS": "never"}).stdout.decode()
            self.assertIn("the preshared keys", shown)
            for secret in (PRIVATE, KEY_C):
                self.assertNotIn(secret, shown)
        os.unlink(os.path.join(DIRECTORY, "wg0.conf"))

    def test_one_peer_is_what_is_asked_for(self):
        fill(self.device)
        self.device.peers[raw(KEY_B)].drops = {"no-endpoint": 4}
        said = self.examine("wg0", KEY_A)[0]
        self.assertEqual(said["peers"], 1)
        self.assertEqual({f["public_key"] for f in said["findings"]} - {KEY_A}, {None})

    def test_all_interfaces(self):
        KERNEL.add("wg1")
        self.assertEqual([one["interface"] for one in self.examine()], ["wg0", "wg1"])
        self.assertEqual(self.names("wg1"), ["no-key", "no-address", "no-peers"])

    def test_the_in_tree_module(self):
        KERNEL.add("old0", "wireguard")
        self.assertIn("in-tree", self.names("old0"))

    def test_a_file_and_no_interface(self):
        os.makedirs(os.path.join(DIRECTORY, "here"), exist_ok=True)
        os.chmod(write("here/wg5.conf", "[Interface]\nPrivateKey = bad\n"), 0o644)
        here = {"WGCTL_DIRECTORY": os.path.join(DIRECTORY, "here")}
        self.assertEqual(set(self.names("wg5", env=here)) - {"module-missing"},
                         {"file-readable", "file-broken"})

    def test_a_unit_that_failed(self):
        os.makedirs("/run/systemd/system")
        self.addCleanup(shutil.rmtree, "/run/systemd")
        os.makedirs(os.path.join(DIRECTORY, "bin"), exist_ok=True)
        os.chmod(write("bin/systemctl", '#!/bin/sh\n[ "$*" = "is-failed wgctl@wg0.service" ]\n'), 0o755)
        path = {"PATH": os.path.join(DIRECTORY, "bin") + ":" + os.environ["PATH"]}
        self.assertIn("unit-failed", self.names("wg0", env=path))
        write("bin/systemctl", "#!/bin/sh\nexit 1\n")
        self.assertNotIn("unit-failed", self.names("wg0", env=path))

    def test_what_cannot_be_looked_at(self):
        self.cannot_look(wgctl("doctor", "br0"), "wgctl: 'br0' is not a WireGuard interface\n")
        self.cannot_look(wgctl("doctor", "wg0", "nobody"),
                         "wgctl: 'nobody' is neither a public key nor the name of a peer of 'wg0'\n")
        self.cannot_look(wgctl("doctor", "wg0", KEY_C), "wgctl: 'wg0' has no peer of that key\n")
        self.cannot_look(wgctl("doctor", "--watch", "x"), "wgctl: --watch: 'x' is not a number of seconds\n")
        self.assertEqual(wgctl("doctor", "wg0", "a", "b").returncode, 2)
        self.assertEqual(wgctl("doctor", "--bad").returncode, 2)
        self.assertEqual(wgctl("doctor", env={"FAKE_KERNEL": "/none"}).returncode, 2)


class Completion(Case):
    def offers(self, *words):
        return self.works(wgctl("complete", *words)).splitlines()

    def test_every_verb_and_option(self):
        verbs = json.loads(self.works(wgctl("help", "--json")))["verbs"]
        self.assertEqual({verb["name"].split(" ")[0] for verb in verbs},
                         {word for word in self.offers("") if not word.startswith("--")})
        for verb in verbs:
            words = verb["name"].split(" ")
            if len(words) > 1:
                self.assertIn(words[1], self.offers(words[0], ""))
            if verb["name"] == "complete":
                continue
            options = {option["name"] + ("=" if option["argument"] else "") for option in verb["options"]}
            self.assertEqual(set(self.offers(*words, "--")), options)
            for keyword in verb["keywords"]:
                self.assertIn(keyword, self.offers(*words, "wg0", ""))

    def test_interfaces_and_files(self):
        self.assertEqual(self.offers("showconf", "w"), ["wg0"])
        self.assertEqual(self.offers("setconf", "wg0", ""), ["@files"])
        self.assertIn("@files", self.offers("up", ""))

    def test_values_that_are_words(self):
        self.assertEqual(self.offers("set", "wg0", "exclusive", "o"), ["on", "off"])
        self.assertEqual(self.offers("set", "wg0", "peer", KEY_A, "until", "n"), ["name", "never"])
        self.assertEqual(self.offers("user", "add", "--until="), ["never"])
        self.assertEqual(self.offers("user", "enable", "--until", ""), ["never"])

    # A line as it is written, and what becomes of it. --tunnel and FILE are
    # of files in the directory of the test.
    LINES = (
        ("user a", "user add "),
        ("showc", "showconf "),
        ("show --pro", "show --prometheus "),
        ("user add --tun", "user add --tunnel="),
        ("user add --tunnel=t", "user add --tunnel=tun0 "),
        ("user add --tunnel t", "user add --tunnel tun0 "),
        ("user show --tunnel tun0 an", "user show --tunnel tun0 anna\\'s\\ phone "),
        ("user show ph", "user show phone "),
        ("up tu", "up tun0 "),
        ("setconf wg0 odd", "setconf wg0 oddfile "),
        ("user show --png=odd", "user show --png=oddfile "),
        ("--ver", "--version "),
    )

    def at_home(self):
        """A directory with a tunnel of two users, and a file."""
        home = tempfile.mkdtemp(prefix="wgctl-")
        self.addCleanup(shutil.rmtree, home)
        with open(os.path.join(home, "tun0.conf"), "w", encoding="ascii") as file:
            file.write(f"[Interface]\n[Peer]\n# Name = anna's phone\nPublicKey = {KEY_A}\n"
                       f"[Peer]\n# Name = phone\nPublicKey = {KEY_B}\n")
        os.chmod(file.name, 0o600)
        work = os.path.join(home, "work")
        os.mkdir(work)
        open(os.path.join(work, "oddfile"), "w", encoding="ascii").close()
        return work, {"PATH": os.path.dirname(WGCTL) + ":" + os.environ["PATH"], "HOME": home,
                      "FAKE_KERNEL": KERNEL.path, "WGCTL_DIRECTORY": home, "TERM": "dumb",
                      "LANG": "C.UTF-8"}

    def type_into(self, shell, line, done):
        """What an interactive shell has in its line after a tabulator."""
        work, environment = self.at_home()
        child, terminal = pty.fork()
        if not child:
            os.chdir(work)
            os.execvpe(shell[0], shell, environment)
        seen = b""

        def wait_for(text):
            nonlocal seen
            end = time.time() + 30
            while text not in seen and time.time() < end:
                if select.select([terminal], [], [], 1)[0]:
                    seen += os.read(terminal, 4096)
            self.assertIn(text, seen, seen)

        try:
            wait_for(b"ready> ")
            os.write(terminal, f"wgctl {line}\t{done}".encode())
            wait_for(b">>")
        finally:
            os.close(terminal)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        return re.search(rb"<<wgctl (.*)>>", seen).group(1).decode()

    def test_in_bash(self):
        setup = write("bashrc", f"PS1='ready> '; . {COMPLETIONS}/wgctl.bash\n"
                                "show() { printf '<<%s>>' \"$READLINE_LINE\"; }; bind -x '\"\\C-xs\": show'\n")
        for line, became in self.LINES:
            with self.subTest(line):
                self.assertEqual(self.type_into(["bash", "--noprofile", "--rcfile", setup, "-i"], line, "\x18s"),
                                 became)

    def test_in_zsh(self):
        write(".zshrc", f"PS1='ready> '; unsetopt ZLE_BRACKETED_PASTE PROMPT_SP; fpath=({COMPLETIONS} $fpath)\n"
                        "autoload -Uz compinit; compinit -u -D; show() { print -rn -- \"<<$BUFFER>>\" }\n"
                        "zle -N show; bindkey '^Xs' show\n")
        for line, became in self.LINES:
            with self.subTest(line):
                self.assertEqual(self.type_into(["env", f"ZDOTDIR={DIRECTORY}", "zsh", "-i"], line,
                                                "\x18s"), became)

    def test_in_fish(self):
        work, environment = self.at_home()
        for line, became in self.LINES:
            with self.subTest(line):
                script = f"source {COMPLETIONS}/wgctl.fish; complete -C 'wgctl {line}'"
                result = subprocess.run(["fish", "-N", "-c", script], capture_output=True, text=True, check=True,
                                        env=environment, cwd=work)
                self.assertEqual([found.split("\t")[0] for found in result.stdout.splitlines()],
                                 shlex.split(became)[-1:])


del test_tool  # its cases are its own

if __name__ == "__main__":
    unittest.main(verbosity=1)
