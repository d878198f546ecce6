# SPDX-License-Identifier: GPL-2.0
"""What it takes to run the guest: wg_loadgen.ko, its orders, the command."""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
OUT = TOP / "build" / "bench"


def kernel_directory(args):
    tool = TOP / "tests" / ("vm/kernel" if args.vm else "uml/build")
    done = subprocess.run([tool, args.kernel], stdout=subprocess.PIPE, text=True, check=True)
    return pathlib.Path(done.stdout.split()[-1])


def freshen(source, copy):
    """Copy a file that has changed, and only that, for make."""
    if copy.exists() and copy.stat().st_mtime >= source.stat().st_mtime:
        return
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, copy)


def build_loadgen(args):
    """Build wg_loadgen.ko for the kernel, in a copy of its source."""
    directory = kernel_directory(args)
    tree = directory / ("headers" if args.vm else "build")
    work = OUT / f"loadgen-{'vm' if args.vm else 'uml'}-{args.kernel}"
    work.mkdir(parents=True, exist_ok=True)
    for source in (HERE / "loadgen").iterdir():
        freshen(source, work / source.name)
    for source in [TOP / "src/compat.h", *(TOP / "src/proto").glob("*.[ch]")]:
        freshen(source, work / source.relative_to(TOP))
    command = ["make", "-s", "-C", tree, f"M={work}", "modules"]
    if not args.vm:
        command.append("ARCH=um")
    subprocess.run(command, check=True, stdout=sys.stderr)
    return work / "wg_loadgen.ko"


def build_wg(args):
    """Build wg.ko for the kernel, where the other tests build it too."""
    directory = kernel_directory(args)
    name = f"vm-{directory.resolve().name}" if args.vm else f"uml-{args.kernel}"
    work = TOP / "build" / name
    tree = directory / ("headers" if args.vm else "build")
    command = ["make", "-s", f"-j{os.cpu_count()}", "-C", TOP, "module", f"KDIR={tree}", f"BUILD={work}"]
    if not args.vm:
        command.append("ARCH=um")
    subprocess.run(command, check=True, stdout=sys.stderr)
    return work / "wg.ko"


def build_tool():
    """Build wgctl. A tree whose tool does not build can still be measured,
    with the last one that did."""
    kept = OUT / "wgctl"
    lock = TOP / ".cache" / ".lock-tools"
    made = subprocess.run(["flock", lock, "make", "-s", "-C", TOP, "tools"],
                          check=False, stdout=sys.stderr).returncode == 0
    if made:
        shutil.copy2(TOP / "tools" / "wgctl", kept)
    elif kept.exists():
        print(f"bench: wgctl does not build, using {kept}", file=sys.stderr)
    else:
        sys.exit("bench: wgctl does not build")
    return kept


def environment(args, loadgen):
    """What the guest reads; WG_KO may come from outside. Builds what is missing."""
    one = 1.5 + args.seconds
    limit = len(args.cases) * len(args.modules) * args.rounds * one * (6 if args.vm else 3)
    env = dict(
        os.environ,
        LIMIT=str(int(limit + 600)),
        CPUS=str(args.smp),
        BENCH_KO=str(loadgen),
        BENCH_CASES=" ".join(args.cases),
        BENCH_MODULES=" ".join(args.modules),
        BENCH_ROUNDS=str(args.rounds),
        BENCH_MS=str(int(args.seconds * 1000)),
        BENCH_EXCHANGES=str(args.exchanges),
        BENCH_RPS="yes" if args.rps else "no",
        BENCH_OFFLOAD="no" if args.no_offload else "yes",
    )
    env["BUILD"] = "no"
    env["THREADS"] = "multi"  # two CPUs are what is measured
    if "wg" in args.modules:
        env["WG_KO"] = env.get("WG_KO") or str(build_wg(args))
        env["BENCH_WGCTL"] = str(build_tool())
    return env


def guest_command(args):
    """The words that boot the kernel and run the guest in it."""
    runner = TOP / "tests" / ("vm" if args.vm else "uml") / "run"
    return [runner, args.kernel, HERE / "guest"]
