# SPDX-License-Identifier: MIT
"""buildah, podman and runc without a registry, on storage of their own: the base image is made from
the package sources that this machine's apt uses."""
import os
import re
import shutil
import subprocess
import tempfile

TOOLS = ("buildah", "podman", "runc", "mmdebstrap")
# Containers get these; the engines' own defaults may be more than this machine permits.
LIMITS = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=1000:1000")


class CannotRun(Exception):
    """This machine lacks what the test needs: it is skipped."""


class Failed(AssertionError):
    """The test saw something it should not have seen."""


def run(*words, within=60, environment=None, fails_as=Failed):
    """Runs to the end. Returns what went to standard output, and to standard error."""
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=within,
                              env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise fails_as(f"{' '.join(words[:3])} did not end in {within} s") from None
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise fails_as(f"{' '.join(words[:3])} ended with {done.returncode}: {(out + err)[-3000:]}")
    return out, err


def package_sources(suite):
    """Lines for sources.list: what apt here reads of Debian's suite and its updates."""
    form = "$(ORIGIN) $(CODENAME) $(REPO_URI) $(RELEASE) $(COMPONENT)"
    out, _ = run("apt-get", "indextargets", "--format", form, "Created-By: Packages",
                 fails_as=CannotRun)
    lines = []
    for line in out.splitlines():
        words = line.split(" ")
        if len(words) == 5 and words[0] == "Debian" and re.match(rf"{suite}(-|$)", words[1]):
            lines.append(f"deb {words[2]} {words[3]} {words[4]}")
    if not lines:
        raise CannotRun(f"apt's sources here have no {suite}")
    return list(dict.fromkeys(lines))


class Engine:
    """Use it by with: at the end no container, mount or file of it is left."""

    def __init__(self, kept):
        self.kept = kept
        self.containers = []

    def __enter__(self):
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            raise CannotRun(f"not installed: {' '.join(missing)} (set image, cmake/packages.txt)")
        if os.geteuid() != 0:
            raise CannotRun("it needs root")
        self.folder = tempfile.mkdtemp(prefix="tidegate-")
        settings = os.path.join(self.folder, "storage.conf")
        with open(settings, "w", encoding="utf-8") as out:
            out.write(f'[storage]\ndriver = "vfs"\ngraphroot = "{self.folder}/graph"\n'
                      f'runroot = "{self.folder}/run"\n')
        # Its health is asked for by the test, not by timers of a systemd that may not be there.
        self.environment = dict(os.environ, CONTAINERS_STORAGE_CONF=settings,
                                DISABLE_HC_SYSTEMD="true")
        return self

    def __exit__(self, kind, problem, trace):
        for name in self.containers:
            try:
                self.podman("rm", "--force", "--time", "2", name)
            except Failed as failure:
                print(failure)
        try:
            self.buildah("rm", "--all")
        except Failed as failure:
            print(failure)
        # What is still mounted must not be deleted through.
        with open("/proc/self/mounts", encoding="utf-8") as mounts:
            held = [line.split(" ")[1] for line in mounts if f" {self.folder}/" in line]
        for mount in reversed(held):
            run("umount", mount)
        shutil.rmtree(self.folder)

    def buildah(self, *words, within=60, fails_as=Failed):
        return run("buildah", *words, within=within, environment=self.environment,
                   fails_as=fails_as)[0].strip()

    def podman(self, *words, within=60, fails_as=Failed):
        return run("podman", "--runtime", "runc", *words, within=within,
                   environment=self.environment, fails_as=fails_as)[0].strip()

    def logs(self, name):
        out, err = run("podman", "--runtime", "runc", "logs", name, environment=self.environment)
        return (out + err).splitlines()

    def make_base(self, name):
        """The image called name (debian:SUITE-slim), as short names find it; its archive is kept.
        Then tries whether containers can be built and run here at all."""
        suite = re.fullmatch(r"debian:([a-z]+)-slim", name)[1]
        archive = os.path.join(self.kept, f"{suite}.tar")
        if not os.path.exists(archive):
            lines = package_sources(suite)
            unfinished = archive + ".unfinished.tar"
            # What apt in there needs for sources that are read over TLS.
            more = ["--include=ca-certificates"] if "https:" in " ".join(lines) else []
            run("mmdebstrap", "--quiet", "--variant=minbase", *more, suite, unfinished, *lines,
                within=600, fails_as=CannotRun)
            os.rename(unfinished, archive)
        self.podman("import", "--quiet", archive, f"localhost/{name}", within=180,
                    fails_as=CannotRun)
        trial = self.buildah("from", "--pull-never", name, fails_as=CannotRun)
        self.buildah("run", "--isolation", "chroot", trial, "--", "true", fails_as=CannotRun)
        self.buildah("rm", trial)
        self.podman("run", "--rm", *LIMITS, "--net", "host", f"localhost/{name}", "true",
                    fails_as=CannotRun)
        return archive

    def build(self, folder, name):
        self.buildah("build", "--isolation", "chroot", "--pull-never", "--format", "docker",
                     "--tag", name, "--file", os.path.join(folder, "Dockerfile"), folder,
                     within=900)

    def start(self, image, name, *options):
        self.containers.append(name)
        self.podman("run", "--detach", "--name", name, *LIMITS, "--net", "host", *options, image)

    def mount(self, image):
        """The folder in which the image's files can be seen."""
        return self.buildah("mount", self.buildah("from", "--pull-never", image))
