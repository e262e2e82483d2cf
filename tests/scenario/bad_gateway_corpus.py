# SPDX-License-Identifier: MIT
"""The corpus of gateways that must never serve, a file each: conformance/bad_gateways/NAME.txt says
in its head what is wrong with the folder and which faults are expected, then come its files:

  # what is wrong with it
  expect STEP PATH[:LINE] | part of the message | part of the hint    one line per fault
  == gateway.lua
  ...

PATH is below the folder, "." the folder itself. What no text file can hold is made by a line of the
head, its names with Python's escapes:

  octets PATH TEXT   link PATH TARGET   fifo PATH   socket PATH   folder PATH
  fill PATH COUNT (zeroes)   blanks PATH COUNT   many PATTERN COUNT (empty files, numbered)
  mode PATH OCTAL   name FOLDER (the folder's own)   root (several gateways)
  more COUNT (so many faults beside those that are told, each of which is the one expected)"""
import dataclasses
import glob
import os
import socket
import typing

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "conformance",
                      "bad_gateways")


@dataclasses.dataclass(frozen=True)
class Fault:
    step: str
    path: str  # below the folder; "" the folder itself
    line: typing.Optional[int]
    message: str  # a part of it
    hint: str  # a part of it; "": there is none

    def fits(self, told, folder):
        """Whether the fault that --json told of the folder is this one."""
        file = os.path.join(folder, self.path) if self.path else folder
        return (told["step"] == self.step and told["file"] == file and told["line"] == self.line and
                self.message in told["message"] and
                (self.hint in told["hint"] if told["hint"] else not self.hint))

    def line_text(self, folder):
        """How the line that a human gets begins."""
        file = os.path.join(folder, self.path) if self.path else folder
        return file + (f":{self.line}" if self.line else "") + ": "


def plain(name):
    return name.encode().decode("unicode_escape").encode("latin-1")


def read_fault(text):
    head, *parts = [part.strip() for part in text.split(" | ")]
    step, place = head.split(" ", 1)
    path, _, line = place.partition(":")
    return Fault(step, "" if path == "." else path, int(line) if line else None, parts[0],
                 parts[1] if len(parts) > 1 else "")


class Case:
    """One folder. name is the file's, what says what is wrong, faults what must be told."""

    def __init__(self, path):
        self.name = os.path.basename(path)[: -len(".txt")]
        self.what, self.faults, self.steps, self.files = "", [], [], {}
        self.folder = self.name
        self.is_root = self.needs_user = False
        self.more = 0
        with open(path, encoding="utf-8") as file:
            head, *sections = ("\n" + file.read()).split("\n== ")
        for line in head.strip().split("\n"):
            self.read_head(line)
        for section in sections:
            file, _, content = section.partition("\n")
            self.files[plain(file)] = content.encode() + b"\n"

    def read_head(self, line):
        word, _, rest = line.partition(" ")
        if word == "#":
            self.what += rest
        elif word == "expect":
            self.faults.append(read_fault(rest))
        elif word == "name":
            self.folder = rest
        elif word == "more":
            self.more = int(rest)
        elif word == "root":
            self.is_root = True
        else:
            self.needs_user = self.needs_user or word == "mode"
            self.steps.append((getattr(self, "make_" + word), rest))

    @property
    def is_live(self):
        """Whether it may be laid into the folder of a gateway that serves: nothing in it depends on
        the folder's name, on others beside it, or on who runs the server."""
        return not (self.is_root or self.needs_user or self.folder != self.name)

    def lay(self, folder):
        """Fills the folder, which is made when it is not there."""
        top = os.fsencode(folder)
        os.makedirs(top, exist_ok=True)
        for path, content in self.files.items():
            self.write(top, path, content)
        for make, rest in self.steps:
            make(top, *rest.split(" ", 1))

    def unlock(self, folder):
        """Makes what nobody may read removable again."""
        for make, rest in self.steps:
            if make == self.make_mode:
                os.chmod(os.path.join(os.fsencode(folder), plain(rest.split(" ")[0])), 0o700)

    @staticmethod
    def place(top, path):
        """The path below the folder, the folders above it made."""
        whole = os.path.join(top, path)
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        return whole

    def write(self, top, path, content):
        with open(self.place(top, path), "wb") as file:
            file.write(content)

    def make_octets(self, top, path, text):
        self.write(top, plain(path), plain(text))

    def make_link(self, top, path, target):
        os.symlink(plain(target), self.place(top, plain(path)))

    def make_fifo(self, top, path):
        os.mkfifo(self.place(top, plain(path)))

    def make_socket(self, top, path):
        # A socket's name is bounded, so it is made where the name is short.
        before = os.open(".", os.O_RDONLY)
        os.chdir(os.path.dirname(self.place(top, plain(path))))
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.basename(plain(path)))
        os.fchdir(before)
        os.close(before)

    def make_folder(self, top, path):
        os.makedirs(os.path.join(top, plain(path)), exist_ok=True)

    def make_fill(self, top, path, count):
        self.write(top, plain(path), b"")
        os.truncate(os.path.join(top, plain(path)), int(count))

    def make_blanks(self, top, path, count):
        self.write(top, plain(path), b" " * int(count))

    def make_many(self, top, pattern, count):
        for number in range(int(count)):
            self.write(top, plain(pattern) % number, b"")

    def make_mode(self, top, path, octal):
        os.chmod(os.path.join(top, plain(path)), int(octal, 8))


def cases():
    return [Case(path) for path in sorted(glob.glob(os.path.join(FOLDER, "*.txt")))]


def live_cases():
    return [case for case in cases() if case.is_live]
