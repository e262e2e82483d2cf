# SPDX-License-Identifier: MIT
"""Folders of gateways that plays write and change."""
import contextlib
import os
import shutil
import tempfile

# Answers an echo, and says which text it was written with and which generation runs.
ECHO = """\
-- SPDX-License-Identifier: MIT
local tide = require "tidegate"
local words = require "lib.words"
local events = {}

events["echo"] = function(client, data)
  client:send("echo", data)
  return data
end

events["words"] = function() return words.text end
events["generation"] = function() return tide.generation end
events["worker"] = function() return tide.worker end

events["nap"] = function(_, ms)
  tide.sleep(ms)
  return { words = words.text, generation = tide.generation }
end

return { path = "/%s", events = events }
"""
WORDS = "return { text = %r }\n"


def words(text):
    """lib/words.lua with this text."""
    return WORDS.replace("%r", '"' + text + '"')


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def replace(path, text):
    """As editors do: written beside, then renamed over."""
    write(path + "~", text)
    os.rename(path + "~", path)


class Root:
    """A directory of gateways."""

    def __init__(self, path):
        self.path = path

    def folder(self, name):
        return os.path.join(self.path, name)

    def file(self, name, path):
        return os.path.join(self.path, name, path)

    def add(self, name, text="first"):
        """A whole gateway in one step: it is written elsewhere, then renamed."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.path)) as aside:
            folder = os.path.join(aside, name)
            write(os.path.join(folder, "gateway.lua"), ECHO % name)
            write(os.path.join(folder, "lib", "words.lua"), words(text))
            os.rename(folder, self.folder(name))

    def say(self, name, text):
        """Its words change, by a rename over the file."""
        replace(self.file(name, "lib/words.lua"), words(text))

    def take_away(self, name):
        shutil.rmtree(self.folder(name))


@contextlib.contextmanager
def root(*names):
    """A new directory with a gateway for each name."""
    with tempfile.TemporaryDirectory() as aside:
        made = Root(os.path.join(aside, "gateways"))
        os.mkdir(made.path)
        for name in names:
            made.add(name)
        yield made
