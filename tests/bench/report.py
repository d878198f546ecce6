# SPDX-License-Identifier: GPL-2.0
"""From the guest's lines to medians, ratios, a table and a plot."""

import collections
import dataclasses
import statistics
import sys


@dataclasses.dataclass(frozen=True)
class Case:
    """One thing that is measured.

    payload: bytes that a packet carries between the two programs
    sealed: bytes that its AEAD works on
    aeads: how often, sealing and opening counted alike
    """
    name: str
    title: str
    payload: int
    sealed: int
    aeads: int = 2


# A TCP segment in a tunnel of MTU 1420: 20 bytes of IP, 32 of TCP with
# timestamps. A UDP datagram of 1,392 bytes fills it, one of 64 is padded to 96.
CASES = (
    Case("tcp1", "TCP, one stream", 1368, 1420),
    Case("tcp8", "TCP, 8 streams", 1368, 1420),
    Case("udpgso", "UDP bulk, inner GSO", 1392, 1420),
    Case("udp1392", "UDP 1,392 bytes", 1392, 1420),
    Case("udp64", "UDP 64 bytes", 64, 96),
    Case("bidir", "TCP both ways", 1368, 1420),
    Case("gateway", "TCP through a gateway", 1368, 1420, 4),
    Case("peers64", "64 peers, 1,392 bytes", 1392, 1420),
    Case("peers64small", "64 peers, 64 bytes", 64, 96),
    Case("peers1024", "1024 peers, 1,392 bytes", 1392, 1420),
    Case("peers1024small", "1024 peers, 64 bytes", 64, 96),
    Case("crowd", "TCP, 8 streams of 8 peers", 1368, 1420),
    Case("hub64", "64 peers to 64, 1,392 bytes", 1392, 1420, 4),
    Case("flood-data", "TCP in a flood of data", 1368, 1420),
    Case("flood-mac1", "TCP in junk initiations", 1368, 1420),
    Case("flood-init", "TCP in one of initiations", 1368, 1420),
    Case("handshakes", "256 handshakes at once", 64, 96, 0),
    Case("rr", "round trip, idle tunnel", 64, 96, 4),
)

# Hundreds of clients take long to make: these are not run unless they are asked for.
RARE = ("peers1024", "peers1024small", "handshakes")

# What both sides of a handshake compute together, beside the secret of their
# static keys, which does not change.
KEYS_OF_HANDSHAKE, SECRETS_OF_HANDSHAKE = 2, 6

NAMES = {"veth": "veth", "wireguard": "in-tree", "wg": "wg.ko"}


def fields(line):
    """The key=value words of a line, numbers as numbers."""
    pairs = (word.split("=", 1) for word in line[2:].split())
    return {k: int(v) if v.isdigit() else v for k, v in pairs}


def progress(line):
    """Say where we are: in place on a terminal, else once per round."""
    row = fields(line)
    if "round" not in row:
        return
    if sys.stderr.isatty():
        print(f"\rround {row['round']}: {row['case']:8} {row['module']:10}\r",
              end="", flush=True, file=sys.stderr)
    elif row["round"] != progress.last:
        print(f"round {row['round']}", flush=True, file=sys.stderr)
    progress.last = row["round"]


progress.last = None


class Result:
    """All that one boot of the guest has measured."""

    def __init__(self, lines, vm, about):
        self.about = dict(about)
        self.aead_ns = {}
        self.rows = []
        for row in map(fields, lines):
            if "aead" in row:
                self.aead_ns[row["aead"]] = {
                    "wireguard": (row["seal_ps"] + row["open_ps"]) / 2000,
                    "wg": (row["own_seal_ps"] + row["own_open_ps"]) / 2000}
            elif "round" in row:
                self.rows.append(row)
            else:
                self.about.update(row)
        # With several CPUs the wall clock alone is right: the host's delay is
        # that of one of them.
        self.steal_free = not vm and self.about["cpus"] == 1
        self.cases = [c for c in CASES if any(r["case"] == c.name for r in self.rows)]
        self.modules = [m for m in NAMES if any(r["module"] == m for r in self.rows)]

    def ns(self, case, row):
        """Nanoseconds per packet delivered, or of the median round trip."""
        if case.name == "rr":
            return row["median_ns"]
        took = row["wall_ns"] - (row["delay_ns"] if self.steal_free else 0)
        return took * case.payload / max(row["bytes"], 1)

    def series(self, case, module, value=None):
        """What each round gave, by round."""
        value = value or (lambda r: self.ns(case, r))
        return {r["round"]: value(r) for r in self.rows
                if r["case"] == case.name and r["module"] == module}

    def median(self, case, module, value=None):
        """Over the rounds, or None."""
        values = self.series(case, module, value).values()
        return statistics.median(values) if values else None

    def ratio(self, case):
        """In-tree over ours, round by round: median, least and greatest; and
        the best round of each over the other's, which a busy host disturbs
        least."""
        theirs, ours = self.series(case, "wireguard"), self.series(case, "wg")
        ratios = [theirs[r] / ours[r] for r in theirs if r in ours]
        if not ratios:
            return None
        return {"median": statistics.median(ratios), "least": min(ratios),
                "greatest": max(ratios),
                "best": min(theirs.values()) / min(ours.values())}

    def p99(self, case, module):
        """Of the round trips, or None for other cases."""
        if case.name != "rr":
            return None
        return self.median(case, module, lambda r: r["p99_ns"])

    def lost(self, case, module):
        """Share of the datagrams sent that never arrived."""
        if not case.name.startswith(("udp", "peers")):
            return None
        return self.median(case, module,
                           lambda r: 1 - r["all_bytes"] / max(r["all_sent"], 1))

    def left(self, case, module):
        """Share of the stream's throughput that a flood leaves."""
        calm = next((c for c in self.cases if c.name == "tcp1"), None)
        if not case.name.startswith("flood") or not calm:
            return None
        return self.median(calm, module) / self.median(case, module)

    def flooded(self, case, module):
        """Million messages a second that were sent in the flood."""
        return self.median(case, module, lambda r: 1000 * r["flooded"] / r["flooded_ns"])

    def aead_share(self, case, module):
        """Of the module's AEAD, timed alone, in the time of a packet."""
        ns = self.median(case, module)
        if module == "veth" or not ns:
            return None
        return case.aeads * self.aead_ns[case.sealed][module] / ns

    def x25519_share(self, case, module):
        """Of scalar multiplications, timed alone after each round, in the time of a
        handshake."""
        if case.name != "handshakes" or module == "veth":
            return None
        return self.median(case, module, lambda r: (
            KEYS_OF_HANDSHAKE * r["key_ns"] + SECRETS_OF_HANDSHAKE * r["secret_ns"])
            / self.ns(case, r))

    def table(self):
        """The table, as text."""
        out = ["{date}, revision {revision}, kernel {kernel}, {how}, on {host}, "
               "load {load:.1f}".format(**self.about),
               "{rounds} round(s) of {seconds} s; medians".format(**self.about)]
        out.append("AEAD alone, one call: " + "; ".join(
            f"{size} bytes " + ", ".join(f"{NAMES[m]} {ns:.0f} ns" for m, ns in both.items())
            for size, both in self.aead_ns.items()))
        if self.steal_free:
            out.append("ns per packet, the whole way; time that the host took away is left out")
        else:
            out.append("ns per packet, the whole way, by the wall clock")
        out.append("")
        head = f"{'':24}" + "".join(f"{NAMES[m]:>9}" for m in self.modules)
        out.append(head + f"{'ratio':>8}{'of bests':>10}  {'least-greatest':>14}"
                   "   AEAD share, loss")
        out += [self.table_row(case) for case in self.cases]
        for case in self.cases:
            if case.name == "rr":
                out.append(f"{'  99th percentile':24}" + "".join(
                    f"{self.p99(case, m):9.0f}" for m in self.modules))
        return "\n".join(out)

    def table_row(self, case):
        """One case."""
        row = f"{case.title:24}"
        for module in self.modules:
            row += f"{self.median(case, module):9.0f}"
        ratio = self.ratio(case)
        span = "{least:.2f}-{greatest:.2f}".format(**ratio) if ratio else ""
        row += "{median:8.2f}{best:10.2f}".format(**ratio) if ratio else " " * 18
        row += f"  {span:>14}"
        notes = []
        for module in self.modules:
            share, lost = self.aead_share(case, module), self.lost(case, module)
            note = [f"{share:.0%}"] if share else []
            note += [f"lost {lost:.0%}"] if lost and lost >= 0.005 else []
            x25519 = self.x25519_share(case, module)
            note += [f"X25519 {x25519:.0%}"] if x25519 else []
            left = self.left(case, module)
            if left is not None:
                note = [f"left {left:.0%}", f"{self.flooded(case, module):.1f} M/s of junk"]
            if note:
                notes.append(f"{NAMES[module]} " + ", ".join(note))
        return (row + "   " + "; ".join(notes)).rstrip()

    def data(self):
        """The same, and every single measurement."""
        cases = collections.OrderedDict()
        for case in self.cases:
            cases[case.name] = {
                "title": case.title,
                "unit": "ns per round trip" if case.name == "rr" else "ns per packet",
                "payload_bytes": case.payload,
                "modules": {m: {"median": self.median(case, m),
                                "rounds": list(self.series(case, m).values()),
                                "aead_share": self.aead_share(case, m),
                                "lost": self.lost(case, m),
                                "p99": self.p99(case, m)} for m in self.modules},
                "ratio": self.ratio(case),
            }
        return {"about": self.about, "aead_ns": self.aead_ns, "cases": cases,
                "measurements": self.rows}

    def plot(self):
        """A bar for each case and module, its AEAD part dark, as SVG."""
        from plot import bars
        return bars(self)
