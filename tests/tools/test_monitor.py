# SPDX-License-Identifier: GPL-2.0
"""What wgctl monitor says of a kernel in this process (see test_tool.py)."""
import json
import os
import queue
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import test_json
import test_tool
from fake_kernel import Peer, pack_endpoint
from test_tool import KERNEL, KEY_A, KEY_B, KEY_C, PSK, WGCTL, Case, fill, raw, wgctl

HERE = pack_endpoint((socket.AF_INET, "192.0.2.7", 7, 0))
TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}:? ")


class Monitor:
    """wgctl monitor, running, and the lines that it has printed."""

    def __init__(self, *args, groups=4):
        KERNEL.listeners.clear()
        KERNEL.joined.clear()
        self.lines = queue.Queue()
        environment = {"PATH": os.environ["PATH"], "FAKE_KERNEL": KERNEL.path, "TZ": "UTC"}
        self.child = subprocess.Popen([WGCTL, "monitor", *args], env=environment, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_for(lambda: len(KERNEL.joined) >= groups)

    @staticmethod
    def wait_for(claim):
        end = time.time() + 60
        while not claim() and time.time() < end:
            time.sleep(0.02)

    def read(self):
        for line in self.child.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self):
        return self.lines.get(timeout=60)

    def text(self):
        """The next line without its time."""
        line = self.line()
        assert TIME.match(line), line
        return TIME.sub("", line)

    def end(self, number=signal.SIGINT):
        self.child.send_signal(number)
        return self.child.wait(60), self.child.stderr.read()

    def close(self):
        self.child.kill()
        self.child.wait()
        self.reader.join()
        for stream in (self.child.stdout, self.child.stderr):
            stream.close()


class Told(Case):
    def setUp(self):
        super().setUp()
        fill(self.device)
        self.peer(KEY_A).name = "anna"

    def start(self, *args, **more):
        monitor = Monitor(*args, **more)
        self.addCleanup(monitor.close)
        return monitor

    def begun(self, *args):
        """One that has read the state: it answers to what is told."""
        monitor = self.start(*args)
        seen = ""
        while "192.0.2.99" not in seen:
            KERNEL.tell("WG_CMD_DIAG_NTF", endpoint=pack_endpoint((socket.AF_INET, "192.0.2.99", 1, 0)),
                        reason=b"bad-mac1\0")
            try:
                seen = monitor.lines.get(timeout=0.2)
            except queue.Empty:
                pass
        # what was told more than once
        KERNEL.tell("WG_CMD_DIAG_NTF", endpoint=pack_endpoint((socket.AF_INET, "192.0.2.98", 1, 0)),
                    reason=b"bad-mac1\0")
        while "192.0.2.98" not in seen:
            seen = monitor.line()
        return monitor

    def test_what_happens_to_peers(self):
        monitor = self.begun()
        self.assertEqual(sorted(KERNEL.joined), [1, 100, 101, 102])
        for command, said in (("SESSION_MADE", "handshake answered"), ("SESSION_UP", "session confirmed"),
                              ("SESSION_LOST", "gave up: no answer"),
                              ("SESSION_ENDED", "session ended, its keys are wiped"), ("PEER_ENDED", "expired"),
                              ("PEER_RENEWED", "is not expired any more")):
            KERNEL.tell(f"WG_CMD_{command}_NTF", public_key=raw(KEY_A))
            self.assertEqual(monitor.text(), f"wg0 anna: {said}")
        KERNEL.tell("WG_CMD_ENDPOINT_NTF", public_key=raw(KEY_B), endpoint=HERE)
        self.assertEqual(monitor.text(), f"wg0 {KEY_B}: moved, 192.0.2.7:7")
        KERNEL.tell("WG_CMD_DIAG_NTF", public_key=raw(KEY_C), endpoint=HERE, reason=b"unknown-peer\0")
        self.assertEqual(monitor.text(), f"wg0 {KEY_C}: refused: unknown-peer, 192.0.2.7:7")
        KERNEL.tell("WG_CMD_DIAG_NTF", public_key=bytes(32), endpoint=HERE, reason=b"bad-mac1\0")
        self.assertEqual(monitor.text(), "wg0: refused: bad-mac1, 192.0.2.7:7")
        self.assertEqual(monitor.end(), (0, ""))

    def test_what_an_administrator_changed(self):
        monitor = self.begun()
        self.works(wgctl("set", "wg0", "listen-port", "7", "peer", KEY_A, "allowed-ips", "10.0.0.1/32",
                         "persistent-keepalive", "9", "peer", KEY_B, "remove", "peer", KEY_C))
        KERNEL.tell("WG_CMD_CONFIG_NTF")
        self.assertEqual([monitor.text() for _ in range(4)],
                         ["wg0: was changed, listen port 7", f"wg0 {KEY_B}: was removed",
                          "wg0 anna: was changed, persistent keepalive 9, allowed ips 10.0.0.1/32",
                          f"wg0 {KEY_C}: was added, endpoint (none), allowed ips "])
        self.assertEqual(monitor.end(signal.SIGTERM), (0, ""))

    def test_what_was_switched_and_bound(self):
        monitor = self.begun()
        for words, said in ((("exclusive", "on", "bind", "eth0"), "wg0: was changed, exclusive on, bind eth0"),
                            (("peer", KEY_A, "disable", "until", "2027-03-01T12:00:30Z"),
                             "wg0 anna: was changed, disabled, until 2027-03-01T12:00:30Z"),
                            (("exclusive", "off", "bind", "off"), "wg0: was changed, exclusive off, bind off"),
                            (("peer", KEY_A, "enable", "until", "never"),
                             "wg0 anna: was changed, enabled, until never")):
            self.works(wgctl("set", "wg0", *words))
            KERNEL.tell("WG_CMD_CONFIG_NTF")
            self.assertEqual(monitor.text(), said)

    def test_a_secret_that_changed_is_not_said(self):
        monitor = self.begun()
        self.peer(KEY_A).psk = raw(KEY_B)
        KERNEL.tell("WG_CMD_CONFIG_NTF")
        self.assertEqual(monitor.text(), "wg0 anna: was changed, preshared key (hidden)")

    def test_a_peer_that_moved_is_not_said_to_be_changed(self):
        monitor = self.begun()
        self.peer(KEY_A).endpoint = (socket.AF_INET, "192.0.2.7", 7, 0)
        KERNEL.tell("WG_CMD_ENDPOINT_NTF", public_key=raw(KEY_A), endpoint=HERE)
        self.assertEqual(monitor.text(), "wg0 anna: moved, 192.0.2.7:7")
        self.peer(KEY_A).keepalive = 3
        KERNEL.tell("WG_CMD_CONFIG_NTF")
        self.assertEqual(monitor.text(), "wg0 anna: was changed, persistent keepalive 3")

    def test_interfaces_come_and_go(self):
        monitor = self.begun()
        KERNEL.add("wg1")
        KERNEL.tell(None, "wg1")
        self.assertEqual(monitor.text(), "wg1: was added")
        KERNEL.devices["wg1"].is_up = False
        KERNEL.tell(None, "wg1")
        self.assertEqual(monitor.text(), "wg1: is down")
        KERNEL.remove("wg1")
        KERNEL.tell(None, "wg1")
        self.assertEqual(monitor.text(), "wg1: was removed")
        self.assertEqual(monitor.end(), (0, ""))

    def test_what_was_lost_is_said_and_read_again(self):
        monitor = self.begun()
        self.peer(KEY_A).keepalive = 3
        KERNEL.send(16, b"")
        self.assertEqual(monitor.text(), "events were lost: reading the state again")
        self.assertEqual(monitor.text(), "wg0 anna: was changed, persistent keepalive 3")

    def test_one_that_is_not_there_is_waited_for(self):
        KERNEL.remove("wg0")
        monitor = self.start("wg0", groups=1)
        self.assertEqual(monitor.child.stderr.readline(),
                         "wgctl: there is no tunnel 'wg0' yet: waiting for it\n")
        self.device = KERNEL.add("wg0")
        KERNEL.tell(None, "wg0")
        self.assertEqual(monitor.text(), "wg0: was added")
        Monitor.wait_for(lambda: len(KERNEL.joined) >= 4)
        self.assertEqual(len(KERNEL.joined), 4)
        self.assertEqual(monitor.end(), (0, ""))

    def test_filters(self):
        KERNEL.add("wg1")
        monitor = self.start("wg0", "--event=session-up,refused", "--peer=anna", "--json")
        said = ""
        while "refused" not in said:
            KERNEL.tell("WG_CMD_SESSION_UP_NTF", name="wg1", public_key=raw(KEY_A))
            KERNEL.tell("WG_CMD_SESSION_LOST_NTF", public_key=raw(KEY_A))
            KERNEL.tell("WG_CMD_SESSION_UP_NTF", public_key=raw(KEY_B))
            KERNEL.tell("WG_CMD_DIAG_NTF", public_key=raw(KEY_A), reason=b"replay\0")
            try:
                said = monitor.lines.get(timeout=0.2)
            except queue.Empty:
                continue
            self.assertEqual(json.loads(said)["name"], "anna")
            self.assertEqual(json.loads(said)["event"], "refused")
        self.fails(wgctl("monitor", "--event=up"), "wgctl: --event: 'up' is not an event\n")

    def test_the_state_comes_first_if_it_is_asked_for(self):
        monitor = self.start("--since-start")
        self.assertEqual(monitor.text(), "wg0: is there, listen port 51820")
        self.assertRegex(monitor.text(), "^wg0 anna: is there, endpoint 192.95.5.67:1234, "
                         r"allowed ips 10.192.122.3/32 10.192.124.0/24, latest handshake \d+ year")

    def test_what_is_set_beyond_wireguard_belongs_to_it(self):
        self.device.exclusive, self.device.bind_device = 1, "eth0"
        self.peer(KEY_A).disabled, self.peer(KEY_A).until = 1, 1803902430
        monitor = self.start("--since-start")
        self.assertEqual(monitor.text(), "wg0: is there, listen port 51820, exclusive on, bind eth0")
        self.assertIn(", disabled, until 2027-03-01T12:00:30Z, latest handshake ", monitor.text())
        Monitor.wait_for(lambda: monitor.lines.qsize() == 2)
        self.works(wgctl("set", "wg0", "peer", KEY_C, "until", "@1803902430"))
        while "was added" not in (said := monitor.text()):
            KERNEL.tell("WG_CMD_CONFIG_NTF")
        self.assertEqual(said, f"wg0 {KEY_C}: was added, endpoint (none), allowed ips , until 2027-03-01T12:00:30Z")

    def test_json(self):
        monitor = self.start("--since-start", "--json")
        said = [json.loads(monitor.line()) for _ in range(4)]
        self.assertEqual([one["event"] for one in said], ["interface", "peer", "peer", "peer"])
        self.assertEqual(said[1]["allowed_ips"], ["10.192.122.3/32", "10.192.124.0/24"])
        self.device.peers[raw(KEY_C)] = Peer()
        self.device.fwmark = 1
        KERNEL.tell("WG_CMD_CONFIG_NTF")
        said += [json.loads(monitor.line()) for _ in range(2)]
        self.assertEqual((said[4]["changes"], said[4]["fwmark"]), (["fwmark"], 1))
        self.assertEqual((said[5]["event"], said[5]["public_key"]), ("peer-added", KEY_C))
        KERNEL.tell("WG_CMD_DIAG_NTF", public_key=raw(KEY_C), endpoint=HERE, reason=b"replay\0")
        said.append(json.loads(monitor.line()))
        self.assertEqual((said[6]["reason"], said[6]["address"]), ("replay", "192.0.2.7:7"))
        self.assertLess(abs(said[6]["time"] - time.time()), 600)
        for name in set(test_json.members(said)):
            self.assertRegex(test_json.manual(), rf"\b{name}\b", "a member that the manual does not name")

    def test_nobody_reads_any_more(self):
        reads, writes = os.pipe()
        os.close(reads)
        environment = {"PATH": os.environ["PATH"], "FAKE_KERNEL": KERNEL.path}
        result = subprocess.run([WGCTL, "monitor", "--since-start"], env=environment, stdout=writes,
                                stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(writes)
        self.assertEqual((result.returncode, result.stderr),
                         (1, b"wgctl: cannot write the output: Input/output error\n"))


del test_tool  # its cases are its own

if __name__ == "__main__":
    unittest.main(verbosity=1)
