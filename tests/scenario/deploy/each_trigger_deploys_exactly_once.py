# SPDX-License-Identifier: MIT
"""However a folder is changed - the ..data swap of a Kubernetes ConfigMap, a tar stream such as
docker cp writes, rsync, git checkout, an editor's rename - it is deployed once, whole, and not
again."""
import asyncio
import io
import os
import shutil
import subprocess
import tarfile

import folders
from stage import equal

# Longer than any scan that could still find something new.
QUIET_S = 1.5
# More than one file, so that a change takes its time.
FILES = 40


def run(*words, cwd=None):
    environment = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null",
                       GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@localhost", GIT_COMMITTER_NAME="a",
                       GIT_COMMITTER_EMAIL="a@localhost")
    subprocess.run(words, cwd=cwd, env=environment, check=True, capture_output=True, timeout=60)


def write_gateway(folder, name, text):
    """A gateway of many files, all of which say the text."""
    folders.write(os.path.join(folder, "gateway.lua"), folders.ECHO % name + f"-- {text}\n")
    folders.write(os.path.join(folder, "lib", "words.lua"), folders.words(text))
    for number in range(FILES):
        folders.write(os.path.join(folder, "lib", f"more{number}.lua"), f"return {{}} -- {text}\n")


class Trigger:
    """How a gateway's first version comes to be, and its second."""

    def __init__(self, root, aside):
        self.root = root
        self.aside = aside
        self.folder = root.folder(self.name)

    def first(self):
        write_gateway(self.folder, self.name, "first")


class ConfigMap(Trigger):
    name = "configmap"

    def project(self, text):
        """As the kubelet does: a new directory, a new link, renamed over the one before; then the
        directory before goes."""
        data = os.path.join(self.folder, f"..{text}")
        folders.write(os.path.join(data, "gateway.lua"),
                      (folders.ECHO % self.name).replace("lib.words", "words"))
        folders.write(os.path.join(data, "words.lua"), folders.words(text))
        os.symlink(f"..{text}", os.path.join(self.folder, "..data_tmp"))
        os.rename(os.path.join(self.folder, "..data_tmp"), os.path.join(self.folder, "..data"))

    def first(self):
        self.project("first")
        for file in ("gateway.lua", "words.lua"):
            os.symlink(f"..data/{file}", os.path.join(self.folder, file))

    async def second(self):
        self.project("second")
        shutil.rmtree(os.path.join(self.folder, "..first"))


class Tar(Trigger):
    name = "tar"

    async def second(self):
        """Over the files, in the stream's order, with pauses as of a slow daemon."""
        write_gateway(os.path.join(self.aside, "tar"), self.name, "second")
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            tar.add(os.path.join(self.aside, "tar"), arcname=".")
        octets = stream.getvalue()
        child = subprocess.Popen(["tar", "-C", self.folder, "-xf", "-"], stdin=subprocess.PIPE)
        with child:
            for at in range(0, len(octets), 8192):
                child.stdin.write(octets[at:at + 8192])
                child.stdin.flush()
                await asyncio.sleep(0.02)
        equal(child.returncode, 0, "tar's exit status")


class Rsync(Trigger):
    name = "rsync"

    async def second(self):
        write_gateway(os.path.join(self.aside, "rsync"), self.name, "second")
        await asyncio.to_thread(run, "rsync", "-a", "--delete",
                                os.path.join(self.aside, "rsync") + "/", self.folder + "/")


class GitCheckout(Trigger):
    name = "checkout"

    def first(self):
        super().first()
        run("git", "init", "-q", "-b", "first", cwd=self.folder)
        run("git", "add", ".", cwd=self.folder)
        run("git", "commit", "-q", "-m", "first", cwd=self.folder)
        run("git", "checkout", "-q", "-b", "second", cwd=self.folder)
        write_gateway(self.folder, self.name, "second")
        run("git", "commit", "-q", "-a", "-m", "second", cwd=self.folder)
        run("git", "checkout", "-q", "first", cwd=self.folder)

    async def second(self):
        await asyncio.to_thread(run, "git", "checkout", "-q", "second", cwd=self.folder)


class Editor(Trigger):
    name = "editor"

    async def second(self):
        self.root.say(self.name, "second")


async def play(stage):
    kinds = [ConfigMap, Tar, GitCheckout, Editor]
    if shutil.which("rsync"):
        kinds.append(Rsync)
    else:
        stage.tell("rsync", "missing")
    with folders.root() as root:
        aside = os.path.join(os.path.dirname(root.path), "aside")
        triggers = [kind(root, aside) for kind in kinds]
        for trigger in triggers:
            trigger.first()
        async with stage.server(gateways=root.path) as server:
            for trigger in triggers:
                name = trigger.name
                socket = await stage.client(server, name, f"/{name}")
                equal(await socket.data("words"), "first", f"{name} at the start")
                await trigger.second()
                await server.goes_live(name, 2)
                equal(await socket.data("words"), "second", f"{name} after its change")
                await asyncio.sleep(QUIET_S)
            for trigger in triggers:
                found = await server.gateway(trigger.name)
                equal((found["counter"], found["fault"]), (2, None), f"{trigger.name} in the end")
