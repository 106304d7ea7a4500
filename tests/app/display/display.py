"""The workbench on a display of its own, used as a person uses it: keys and mouse through the X server (xdotool), and
what is where by the names that screen readers are told (AT-SPI). So a control without a name cannot be reached here.

Everything that is started lives below one session and ends with it.
"""

import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

BUS = "/usr/libexec/at-spi-bus-launcher"
SKIPPED = 77


def missing():
    """What this needs and is not there."""
    absent = [tool for tool in ["Xvfb", "xdotool", "xwd", "openbox", "dbus-run-session", BUS] if not shutil.which(tool)]
    try:
        import pyatspi  # noqa: F401
    except ImportError:
        absent.append("python3-pyatspi")
    return absent


def in_session(size="1280x800"):
    """Runs this script again on a display and a message bus of its own, unless it is there already."""
    if os.environ.get("TOKENMARK_DISPLAY_TEST"):
        return
    if absent := missing():
        print("not here: " + ", ".join(absent))
        sys.exit(SKIPPED)
    reader, writer = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset"],
                              pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    display = os.read(reader, 16).decode().strip()
    environment = os.environ | {"TOKENMARK_DISPLAY_TEST": "1", "DISPLAY": ":" + display, "QT_QPA_PLATFORM": "xcb",
                                "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_SCALE_FACTOR": "1", "LC_ALL": "C.UTF-8"}
    try:
        wait(lambda: subprocess.run(["xdotool", "getmouselocation"], env=environment, capture_output=True).returncode == 0, what="the display")
        sys.exit(subprocess.run(["dbus-run-session", "--", sys.executable, *sys.argv], env=environment).returncode)
    finally:
        server.terminate()
        server.wait()


def wait(condition, seconds=20, what="something"):
    """The first true answer of `condition`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def _png(path, width, height, rows):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Desk:
    """The session's window manager and accessibility bus, and the program on it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.processes = [subprocess.Popen([BUS, "--launch-immediately"], stderr=subprocess.DEVNULL),
                          subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL)]
        self.program = None
        import pyatspi
        self.atspi = pyatspi

    def start(self, *command, **environment):
        log = open(self.folder / "program.log", "a", encoding="utf-8")
        self.program = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        wait(self.window, 60, "the window")
        time.sleep(0.5)   # the window manager has placed it

    def end(self):
        for process in [self.program, *reversed(self.processes)]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()

    # What is there.

    def application(self):
        for one in self.atspi.Registry.getDesktop(0):
            if one is not None and one.name.lower().startswith("tokenmark"):
                return one
        return None

    def window(self):
        application = self.application()
        return application if application is not None and application.childCount else None

    def all(self, name, role=None):
        """The visible controls of that name: exactly, or as a function says."""
        matches = name if callable(name) else lambda text: text == name
        found, rest = [], [self.window()]
        while rest:
            one = rest.pop()
            if one is None:
                continue
            try:
                if matches(one.name or "") and (role is None or one.getRoleName() == role) and self.place(one)[2] > 0 and \
                        one.getState().contains(self.atspi.STATE_SHOWING):
                    found.append(one)
                rest.extend(one[i] for i in range(min(one.childCount, 500)))
            except Exception:   # it went away while it was looked at
                continue
        return found

    def find(self, name, role=None, seconds=20):
        return wait(lambda: self.all(name, role), seconds, f"a visible {role or 'control'} named {name!r}")[0]

    def place(self, control):
        extents = control.queryComponent().getExtents(self.atspi.DESKTOP_COORDS)
        return extents.x, extents.y, extents.width, extents.height

    def text(self, control):
        try:
            return control.queryText().getText(0, -1)
        except NotImplementedError:
            return control.name

    # What a person does.

    def _xdotool(self, *arguments):
        subprocess.run(["xdotool", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)

    def move(self, control, across=0.5, down=0.5):
        x, y, width, height = self.place(control)
        self._xdotool("mousemove", "--sync", round(x + width * across), round(y + height * down))
        time.sleep(0.15)

    def click(self, name, role=None, button=1, across=0.5, down=0.5):
        control = self.find(name, role) if isinstance(name, str) or callable(name) else name
        self.move(control, across, down)
        self._xdotool("click", button)
        time.sleep(0.25)
        return control

    def key(self, *keys):
        self._xdotool("key", "--delay", 40, *keys)
        time.sleep(0.25)

    def type(self, text):
        self._xdotool("type", "--delay", 15, text)
        time.sleep(0.25)

    def picture(self, name):
        """The whole display, into the test's folder."""
        dump = subprocess.run(["xwd", "-root", "-silent"], capture_output=True, check=True).stdout
        header = struct.unpack(">25I", dump[:100])
        width, height, bits, line, colours = header[4], header[5], header[11], header[12], header[19]
        start, step = header[0] + 12 * colours, bits // 8
        rows = bytearray()
        for y in range(height):
            row = dump[start + y * line:start + y * line + width * step]
            pixels = bytearray(3 * width)
            pixels[0::3], pixels[1::3], pixels[2::3] = row[2::step], row[1::step], row[0::step]
            rows += b"\0" + pixels
        _png(self.folder / name, width, height, bytes(rows))
