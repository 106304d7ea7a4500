#!/usr/bin/env python3
"""A first run with mouse and keyboard on a real X server: start, measure, compare with a sample, values at a line, an own
price, a report, close, reopen.

    first_run.py --program bin/tokenmark --cli bin/tokenmark-cli [--pictures DIR]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
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
            model = measure(desk, arguments.cli, store)
            look(desk, model)
            compare(desk, model)
            values_at_a_line(desk)
            own_price(desk, home / "config/tokenmark/prices.json")
            report(desk, home / "report.html", model)
            reopen(desk, start, model)
        except BaseException:
            desk.picture("failed.png")
            print((pictures / "program.log").read_text(), file=sys.stderr)
            raise
        finally:
            desk.end()
    return 0


def measure(desk, cli, store):
    """What was measured: the faster the machine, the larger the model."""
    desk.find("How fast is this machine?")
    desk.picture("1_first_start.png")
    desk.click("Measure this machine", "push button")
    wait(lambda: any(run["state"] == "done" for run in runs(cli, store)), 240, "the first measured point")
    desk.picture("2_measuring.png")
    desk.find("Ready", seconds=300)
    desk.picture("3_measured.png")
    return runs(cli, store)[0]["model"]


def look(desk, model):
    desk.click(model, "table cell")
    desk.find(lambda text: text.startswith(model), "label")
    desk.move(desk.find("Chart", "filler"), 0.5, 0.4)
    desk.picture("4_point.png")


def by_palette(desk, words):
    desk.key("ctrl+k")
    desk.type(words)
    desk.key("Return")


def compare(desk, model):
    by_palette(desk, "open compare")
    desk.find(lambda text: text.startswith("Series at") and "against gpt-oss-120b" in text, "label")
    desk.find(lambda text: text.startswith(model), "table cell")
    desk.picture("5_compare.png")


def values_at_a_line(desk):
    desk.click("Frontier", "page tab")
    desk.key("ctrl+l")
    chart = desk.find("Chart", "filler")
    desk.move(chart, 0.5, 0.5)
    card = desk.find("Values of all series at the line", "label")
    before = card.description
    assert "gpt-oss-120b" in before, before
    desk.move(chart, 0.6, 0.5)
    wait(lambda: card.description != before, what="the values to move with the line")
    desk.picture("6_line.png")
    desk.key("ctrl+l")


def own_price(desk, prices):
    desk.click("Cost", "page tab")
    desk.find(lambda text: text.startswith("No price set has a price for"), "label")
    for field, value in [("Price of one device, in dollars an hour", "0.9"), ("All-in power of one device, in kilowatts", "0.4")]:
        desk.click(field, "spin button", across=0.3)
        desk.key("ctrl+a")
        desk.type(value)
        desk.key("Tab")
    desk.click("Keep", "push button")
    wait(prices.exists, what="the price to be kept")
    assert "0.9" in prices.read_text()
    wait(lambda: not desk.all(lambda text: text.startswith("No price set has a price for"), "label"), what="the question to go")
    desk.picture("7_cost.png")


def report(desk, file, model):
    desk.key("ctrl+r")
    desk.click("Write …", "push button")
    desk.find("Write the report")
    desk.key("ctrl+a")
    desk.type(str(file))
    desk.key("Return")
    wait(file.exists, 60, "the report")
    text = file.read_text(encoding="utf-8")
    assert model in text and "<svg" in text and "<script" not in text
    time.sleep(0.5)   # it is painted again where the file dialog was
    desk.picture("8_report.png")
    desk.click("Close", "push button")


def reopen(desk, start, model):
    desk.key("ctrl+q")
    assert desk.program.wait(30) == 0
    start()
    desk.find(model, "table cell")
    assert not desk.all("How fast is this machine?"), "the first run's banner is there again"
    desk.picture("9_reopened.png")
    desk.key("ctrl+q")
    assert desk.program.wait(30) == 0


if __name__ == "__main__":
    sys.exit(main())
