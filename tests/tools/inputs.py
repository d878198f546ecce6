# SPDX-License-Identifier: GPL-2.0
"""Files and words that wg takes or refuses, and that wgctl must treat alike.

Read by test_tool.py, before a kernel that is none, and run by
tests/net/tool_compat.sh as "inputs.py INTERFACE", before one that is: each
input goes to both tools, and what comes of it is compared. The environment
variable STOCK_WG names another wg than the one that is installed.
"""
import os
import re
import subprocess
import sys
import tempfile

WG = os.environ.get("STOCK_WG", "/usr/bin/wg")

KEY_A = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
KEY_B = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PSK = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
I = "[Interface]\n"
P = f"[Peer]\nPublicKey = {KEY_A}\n"

# What the device has before each input.
BASE = (f"{I}PrivateKey = {PSK}\nListenPort = 77\nFwMark = 3\n{P}PresharedKey = {PSK}\n"
        "PersistentKeepalive = 9\nAllowedIPs = 10.0.0.1/32\n")

KEY_FILES = {"key": PRIVATE, "keyline": PRIVATE + "\n", "crlf": PRIVATE + "\r\n", "after": PRIVATE + " \t\n\n",
             "empty": "", "line": "\n", "space": "  \n\n", "more": PRIVATE + "\nx", "twice": f"{PRIVATE}\n{PRIVATE}\n",
             "short": "AAAA", "inside": f"{PRIVATE[:9]} {PRIVATE[9:]}", "zero": "A" * 43 + "=\n",
             "nul": PRIVATE + "\0", "bom": "\ufeff" + PRIVATE, "before": " " + PRIVATE, "long": PRIVATE + " " * 9000}


def values(lead, key, *texts):
    return [f"{lead}{key} = {text}\n" for text in texts]


FILES = [
    *values(I, "ListenPort", "51820", "http", "domain", "ntp", "NTP", "0", "", "65535", "65536", "-1", "+5", "5 1", "0x10",
            "051", " 5 # x", "5#x", "5;", "1.5"),
    *values(I, "FwMark", "5", "0x5", "0X5", "0x 5", "0x", "off", "Off", "OFF", "o ff", "0", "", "-1", "+1", "010", "1 0",
            "4294967295", "4294967296", "0xffffffff", "0x100000000"),
    *values(I, "PrivateKey", PRIVATE, f"{PRIVATE[:20]} {PRIVATE[20:]}", f"{PRIVATE[:20]}\t{PRIVATE[20:]}", "", PRIVATE + "x",
            PRIVATE + PRIVATE, "AAAA", "off", PRIVATE + " # mine"),
    *values(P, "PresharedKey", PSK, f"{PSK[:10]}  {PSK[10:]}", "", "AAAA"),
    *values(P, "AllowedIPs", "", "1.2.3.4", "1.2.3.4/8", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/ 24", "1.2.3.4 /24",
            "1.2. 3.4/24", "1.2.3.4,", "1.2.3.4,,5.6.7.8", ",1.2.3.4", ",", "1.2.3.4 5.6.7.8", "1.2.3.4, 5.6.7.8",
            "1.2.3.4\t,\t5.6.7.8", "0.0.0.0", "::", "fd00::1/64", "fd00::/129", "+1.2.3.4", "-1.2.3.4", "+ 1.2.3.4",
            "+1.2.3.4/32, -5.6.7.8/32", "1.2.3.4/024", "1.2.3.4/+8", "1.2.3.4/0x8", "1.2.3", "localhost",
            "::ffff:1.2.3.4/120", "0.0.0.0/0, ::/0", "1.2.3.4/8/8"),
    *values(P, "Endpoint", "1.2.3.4:5", "1.2.3.4:http", "1.2.3.4:ntp", "1.2.3.4:domain", "1.2.3.4:nosuch", "localhost:5",
            "[::1]:5", "[::1]:ntp", "::1:5", "1.2.3.4 : 5", "[::1] :5", "1.2. 3.4:5", "", "1.2.3.4", "1.2.3.4:",
            "1.2.3.4:65536", "1.2.3.4:0", ":5", "[]:5", "1.2.3.4:-1", "1.2.3.4:5:6", "[1.2.3.4]:5",
            "1.2.3.4:5 # far", "1.2.3.4:0x10", "1.2.3.4:070000", "local host:5"),
    *values(P, "PersistentKeepalive", "25", "off", "OFF", "0", "", "65535", "65536", "-1", "2 5", "0x19", "+5", "025", "25s"),
    *values(P, "PublicKey", KEY_A, f"{KEY_B[:9]} {KEY_B[9:]}", "", KEY_B),
    "", "\n", "[ Interface ]\nListenPort = 5\n", "[Inter face]\nListenPort = 5\n", "[INTERFACE]\nListen Port = 5\n",
    I + "listenport=5\n", I + "Listen\tPort=5\n", I + "ListenPort\f=\v5\n", "\ufeff" + I, I + "ListenPort = 5\r\n",
    I + "ListenPort = 5\r", I.replace("\n", "\r") + "ListenPort = 5\r", I + "ListenPort = 5\0\n", "\0" + I,
    I + "Listen\0Port = 5\n", I + "ListenPort = 5", "[Peer]\n", "[Peer]\nAllowedIPs=1.2.3.4\n", P + P, P + "[Peer]\n",
    f"{P}AllowedIPs = 1.1.1.1\n{P}AllowedIPs = 2.2.2.2\n", f"{P}PersistentKeepalive = 5\n{P}PresharedKey = {PSK}\n",
    f"{P}AllowedIPs=1.1.1.1\n[Peer]\nPublicKey={KEY_B}\nAllowedIPs=1.1.1.1\n", f"{P}AllowedIPs=1.1.1.1\nAllowedIPs=2.2.2.2\n",
    "ListenPort=5\n", I + "Foo=5\n", I + "Address=1.2.3.4\n", I + "ListenPort\n", I + "=5\n", I + "ListenPort==5\n",
    I + "ListenPort:5\n", ";x\n" + I, "  # x\n" + I, I + "ListenPort = 5 ; x\n", "[Interface] # x\nListenPort=5\n",
    "[Interface]x\n", "[Interface\n", I + I, f"{I}ListenPort=5\n{I}ListenPort=6\n", I + "ListenPort=5\nListenPort=6\n",
    f"{I}{P}{I}ListenPort=9\n", f"{P}PublicKey={KEY_B}\n", I + "ListenPort\u00a0= 5\n", f"{I}PrivateKey {PRIVATE}\n",
    I + " " * 100000 + "ListenPort = 5\n", I + "#" + "x" * 200000 + "\nListenPort=5\n", I + f"PublicKey={KEY_A}\n",
    P + "ListenPort=5\n", I + "FwMark = 5\nFwMark=\n", I + "Privat\u00e9=5\n", I + "ListenPort=5\n" * 3000,
]

SETS = [
    *([*words, path] for path in (*KEY_FILES, "/dev/null", "nosuch", ".", "")
      for words in (["private-key"], ["peer", KEY_A, "preshared-key"])),
    *(["listen-port", text] for text in ("http", "domain", "", "5 ", "0", "65535", "-1", "x")),
    *(["fwmark", text] for text in ("", "OFF", "0X5", "1x")),
    *(["peer", text] for text in (KEY_A + " ", " " + KEY_A, f"{KEY_A[:9]} {KEY_A[9:]}", "")),
    *(["peer", KEY_A, "endpoint", text] for text in ("1.2.3.4:ntp", "1.2.3.4 :5", "", "[::1]:domain", "1.2.3.4:nosuch")),
    *(["peer", KEY_A, "persistent-keepalive", text] for text in ("", "OFF", "25s")),
    *(["peer", KEY_A, "allowed-ips", text] for text in (
        " ", "", "1.1.1.1/ 32", "1.1.1.1, 2.2.2.2", "1.1 .1.1", ",", "1.1.1.1,", "1.1.1.1/32 2.2.2.2/32", "+1.1.1.1",
        "-10.0.0.1/32", "0.0.0.0")),
    ["peer", KEY_A, "allowed-ips", "1.1.1.1", "allowed-ips", "2.2.2.2"],
    ["peer", KEY_A, "allowed-ips", "1.1.1.1", "peer", KEY_A, "allowed-ips", "2.2.2.2"],
    ["peer", KEY_A, "allowed-ips", "1.1.1.1", "peer", KEY_B, "allowed-ips", "1.1.1.1"],
    ["peer", KEY_A, "allowed-ips", "10.0.0.1/32", "peer", KEY_A, "remove"],
    ["PEER", KEY_A], ["Listen-Port", "5"], ["peer", KEY_A, "listen-port", "5"], ["peer", KEY_A, "remove", "remove"],
    ["remove"], [], ["peer"], ["listen-port"], ["peer", KEY_A, "private-key", "key"], ["listen-port", "5", "listen-port", "6"],
]

# Where we differ on purpose. Refused, as it does not mean what it says:
STRICTER = {f"{I}ListenPort = 65536\n", f"{I}ListenPort = +5\n", f"{P}Endpoint = 1.2.3.4:65536\n",
            f"{P}Endpoint = 1.2.3.4:070000\n", I + "ListenPort = 5\0\n", "\0" + I}
# Taken, as it can mean nothing else:
LOOSER = {f"{P}AllowedIPs = \n", "before"}
# Prefixes with a sign came in 2025.
SIGNED = re.compile(r"(AllowedIPs = |^)[-+] ?\d+\.")
VERSION = int(re.search(rb"\.(\d{8})", subprocess.check_output([WG, "--version"])).group(1))


def codes(given):
    """What both tools must end with; None: with the same, and the same device."""
    last = given if isinstance(given, str) else given[-1] if given else ""
    if last in STRICTER:
        return 1, 0
    if last in LOOSER or (SIGNED.search(last) and VERSION < 20250521):
        return 0, 1
    return None


def write_files(directory):
    for name, text in KEY_FILES.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8", newline="") as file:
            file.write(text)


def inputs(directory):
    """(verb, given, arguments after the interface) of each; files are made."""
    write_files(directory)
    for text in FILES:
        path = os.path.join(directory, "input.conf")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        yield "setconf", text, [path]
    for words in SETS:
        yield "set", words, words


def main(interface):
    directory = tempfile.mkdtemp()
    environment = {**os.environ, "WG_ENDPOINT_RESOLUTION_RETRIES": "0", "LANG": "C"}
    bad = count = 0

    def run(*args):
        return subprocess.run(args, capture_output=True, env=environment, cwd=directory, check=False)

    def outcome(tool, verb, arguments):
        base = os.path.join(directory, "base.conf")
        subprocess.run([WG, "setconf", interface, base], check=True)
        result = run(tool, verb, interface, *arguments)
        return result.returncode, run(WG, "showconf", interface).stdout

    with open(os.path.join(directory, "base.conf"), "w", encoding="ascii") as file:
        file.write(BASE)
    for verb, given, arguments in inputs(directory):
        ours, stock = outcome("wgctl", verb, arguments), outcome(WG, verb, arguments)
        count += 1
        if ours != stock and (ours[0], stock[0]) != codes(given):
            bad += 1
            print(verb, repr(given)[:200], "wgctl:", ours[0], "wg:", stock[0])
    print(f"{count} inputs, {bad} differ")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) != 0)
