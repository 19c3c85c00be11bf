#!/usr/bin/env python3
"""Our `bench train`, `maml`, `fomaml`, `reptile` or `generate` and the peer's, alternated with the same options; the ratio of tokens per second of each pair.

    benchmarks/compare.py [--pairs 5] [--out benchmarks/results/train.jsonl] -- --method lora --batch 16 --threads 2 ...
    benchmarks/compare.py --command maml -- --model bart-base --inner lora --inner-steps 4 --threads 2 ...
    benchmarks/compare.py --command generate -- --model bart-base --beams 4 --threads 2 ...

What stands behind -- goes to both sides. One JSON row a pair is appended to --out.
"""

import argparse
import datetime
import json
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEER = ROOT.parent / "shared" / "peer"
TRAINING = ("train", "maml", "fomaml", "reptile")
RATES = {**dict.fromkeys(TRAINING, "real_tokens_per_s"), "generate": "generated_tokens_per_s"}


def parse(arguments):
    """Our options, and those for both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", choices=tuple(RATES), default="train")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--ours", default=f"{ROOT / 'primer'} bench", help="our program")
    parser.add_argument("--peer", default=f"{PEER / '.venv/bin/python'} {PEER / 'bench_peft.py'}", help="the peer's program")
    parser.add_argument("--ours-options", default="", help="options of our side alone")
    parser.add_argument("--peer-options", default="", help="options of the peer alone")
    parser.add_argument("--commit", help="what was built; default: what git says")
    parser.add_argument("--out", type=Path, help="default: the command's file in benchmarks/results")
    parser.add_argument("options", nargs="*", help="options of both, behind --")
    parsed = parser.parse_args(arguments)
    parsed.out = parsed.out or ROOT / "benchmarks" / "results" / f"{parsed.command}.jsonl"
    return parsed


def run(command, options):
    """The JSON of a side's last line; ends with the side's own message when it fails."""
    done = subprocess.run(shlex.split(command) + options, capture_output=True, text=True, cwd=ROOT, check=False)
    if done.returncode or not done.stdout.strip():
        sys.exit(f"compare: {command} ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def git(*words):
    """What git says of this checkout."""
    return subprocess.run(["git", *words], capture_output=True, text=True, cwd=ROOT, check=True).stdout.strip()


def commit():
    """The checked-out commit, marked when files differ from it, other than the results, which grow from pair to pair."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!benchmarks/results")
    return git("rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def compare(options, number):
    """One pair, the first side changing from pair to pair."""
    sides = {}
    for name in ("ours", "peer") if number % 2 == 0 else ("peer", "ours"):
        sides[name] = run(f"{getattr(options, name)} {options.command} {getattr(options, name + '_options')}", options.options)
    rate = RATES[options.command]
    ratio = sides["ours"][rate] / sides["peer"][rate]
    return {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": options.commit or commit(),
        "pair": number,
        "command": options.command,
        "options": [Path(word).name if "/" in word and not word.startswith("fixed:") else word for word in options.options],
        "ratio": round(ratio, 3),
        **sides,
    }


def line(row):
    """One row of the table."""
    ours, peer, rate = row["ours"], row["peer"], RATES[row["command"]]
    return (f"{row['pair']:>4}  {ours[rate]:>10.1f}  {peer[rate]:>10.1f}  {row['ratio']:>6.2f}"
            f"  {ours['peak_memory_mib']:>8.0f}  {peer['peak_memory_mib']:>8.0f}  {ours['load_average']:>5.2f}  {peer['load_average']:>5.2f}")


def main(arguments):
    """Prints a table; appends each pair as soon as it is measured."""
    options = parse(arguments)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    ratios = []
    print("pair   ours tok/s  peer tok/s   ratio  ours MiB  peer MiB   load before each")
    for number in range(options.pairs):
        row = compare(options, number)
        with options.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(row) + "\n")
        ratios.append(row["ratio"])
        print(line(row), flush=True)
    print(f"ratio: median {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs")


if __name__ == "__main__":
    main(sys.argv[1:])
