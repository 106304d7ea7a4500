#!/usr/bin/env python3
"""A first run with mouse and keyboard on a real X server: start, measure, compare, close, reopen.

    first_run.py --program bin/tokenmark --cli bin/tokenmark-cli [--pictures DIR]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from display import Desk, in_session, wait


def runs(cli, store):
    listed = subprocess.run([cli, "runs", "list", "--json", "--store", store], capture_output=True, text=True)
    return json.loads(listed.stdout)["runs"] if listed.returncode == 0 else []


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--pictures", help="a folder that keeps pictures of every step")
    arguments = parser.parse_args()
    in_session()

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = str(home / "runs.db")
        pictures = Path(arguments.pictures or folder)
        pictures.mkdir(parents=True, exist_ok=True)
        desk = Desk(pictures)
        try:
            environment = {"HOME": folder, "XDG_CONFIG_HOME": folder + "/config", "XDG_DATA_HOME": folder + "/data", "XDG_CACHE_HOME": folder + "/cache"}
            start = lambda: desk.start(arguments.program, "--store", store, **environment)
            start()
            measure(desk, arguments.cli, store)
            look(desk)
            reopen(desk, start)
        except BaseException:
            desk.picture("failed.png")
            print((pictures / "program.log").read_text(), file=sys.stderr)
            raise
        finally:
            desk.end()
    return 0


def measure(desk, cli, store):
    desk.find("How fast is this machine?")
    desk.picture("1_first_start.png")
    desk.click("Measure this machine", "push button")
    wait(lambda: any(run["state"] == "done" for run in runs(cli, store)), 240, "the first measured point")
    desk.picture("2_measuring.png")
    desk.find("Ready", seconds=300)
    desk.picture("3_measured.png")


def look(desk):
    desk.click("smollm2-135m", "table cell")
    desk.find(lambda text: text.startswith("smollm2-135m"), "label")
    desk.move(desk.find("Chart", "filler"), 0.5, 0.4)
    desk.picture("4_point.png")


def reopen(desk, start):
    desk.key("ctrl+q")
    assert desk.program.wait(30) == 0
    start()
    desk.find("smollm2-135m", "table cell")
    assert not desk.all("How fast is this machine?"), "the first run's banner is there again"
    desk.picture("9_reopened.png")
    desk.key("ctrl+q")
    assert desk.program.wait(30) == 0


if __name__ == "__main__":
    sys.exit(main())
