"""The services of `deploy/compose.yaml` as containers of the image, by Podman.

Each has its command, its restrictions, its volumes and its health check from the file. The network
is this machine's, and therefore the ports are others: nothing is published. What a test does with
them does not belong here.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.system.deploy.deployment import DEPLOY, ROOT, SERVICES

IMAGE, BASE = "localhost/playledger:test", "localhost/playledger-base"
IMAGES = {"dashboard": "localhost/playledger-dashboard:test"}
"""Of services that have one of their own: it is the target of that name."""

IMAGE_SCRIPT = str(ROOT / "scripts" / "image.sh")
MISSING = [name for name in ("buildah", "mmdebstrap", "podman", "runc") if not shutil.which(name)]
WHY_SKIPPED = f"{', '.join(MISSING)} not installed: run `make containers`"
PODMAN = ("podman", "--runtime", "runc")
"""Podman's other runtime wants control groups that a container does not always have."""

ULIMITS = ("--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096")
"""Podman's own are higher than some machines allow."""

RUN = (*PODMAN, "run", "--rm", "--interactive", "--network", "host", *ULIMITS)
"""A container that ends with its command; the network is this machine's."""


def why_none_runs() -> str:
    """Why this machine runs no containers, as those of continuous integration may not; or ""."""
    done = subprocess.run(["sh", IMAGE_SCRIPT, "base"], capture_output=True, text=True)
    if done.returncode:
        return f"no base image can be made here: {done.stderr[-300:]}"
    done = subprocess.run([*RUN, BASE, "true"], capture_output=True, text=True)
    return f"Podman may not run a container here: {done.stderr[-300:]}" if done.returncode else ""


def built(_: Path) -> None:
    """Build the images as `make image` does."""
    for told in (
        [f"IMAGE={IMAGE}"],
        *([f"IMAGE={image}", f"TARGET={name}"] for name, image in IMAGES.items()),
    ):
        done = subprocess.run(
            ["make", "-s", "image", *told], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def podman(*words: str) -> str:
    """What Podman prints, when it is content."""
    done = subprocess.run([*PODMAN, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def in_image(*command: str, flags: Sequence[str] = (), image: str = IMAGE) -> str:
    """What a command prints in a container of an image that ends with it."""
    restricted = [*RUN[len(PODMAN) :], *confined(SERVICES["code"]), *flags]
    return podman(*restricted, image, *command)


def confined(service: Mapping[str, Any]) -> list[str]:
    """The restrictions of a service, as Podman's flags."""
    flags = ["--read-only", "--read-only-tmpfs=false"] if service["read_only"] else []
    flags += [f"--tmpfs={path}" for path in service["tmpfs"]]
    flags += [f"--cap-drop={one}" for one in service["cap_drop"]]
    flags += [f"--security-opt={one.removesuffix(':true')}" for one in service["security_opt"]]
    return flags


@dataclass(frozen=True)
class Containers:
    """Containers of one test.

    Attributes:
        name: what all of them and their volumes begin with.
        listeners: the file that is mounted as `listeners.toml`.
        here: variables, ports and addresses of the file, and what they are on this machine.
        secrets: what is in `.env`.
    """

    name: str
    listeners: Path
    here: Mapping[str, str]
    secrets: Mapping[str, str]

    @contextmanager
    def service(self, name: str) -> Iterator[None]:
        """A service, while the block lasts; what it said is shown where a test fails."""
        service, container = SERVICES[name], f"{self.name}-{name}"
        flags = [*confined(service), *self._volumes(service), *self._environment(name)]
        flags += ["--detach", "--name", container, "--network", "host", *ULIMITS]
        flags += ["--log-driver", "k8s-file", IMAGES.get(name, IMAGE)]
        podman("run", *flags, *self._here(service["command"]))
        try:
            yield
        finally:
            print(name, podman("logs", "--tail", "100", container))
            podman("rm", "--force", "--time", "5", container)

    def is_healthy(self, name: str) -> bool:
        """Whether the service's health check says so."""
        check = self._here(SERVICES[name]["healthcheck"]["test"][1:])
        command = [*PODMAN, "exec", f"{self.name}-{name}", *check]
        return subprocess.run(command, capture_output=True).returncode == 0

    def run(self, name: str, *command: str) -> subprocess.CompletedProcess[str]:
        """A command in the container of a service."""
        whole = [*PODMAN, "exec", f"{self.name}-{name}", *command]
        return subprocess.run(whole, capture_output=True, text=True)

    def written(self, name: str) -> list[str]:
        """What the container of a service changed in the image's own files."""
        return podman("diff", f"{self.name}-{name}").splitlines()

    def volume(self, name: str) -> Path:
        """Where the files of a volume are."""
        return Path(json.loads(podman("volume", "inspect", f"{self.name}-{name}"))[0]["Mountpoint"])

    def end(self) -> None:
        """Delete the volumes."""
        found = podman("volume", "ls", "--quiet", "--filter", f"name={self.name}").split()
        if found:
            podman("volume", "rm", "--force", *found)

    def _here(self, command: Sequence[str]) -> list[str]:
        for there, this in self.here.items():
            command = [word.replace(there, this) for word in command]
        return list(command)

    def _environment(self, name: str) -> list[str]:
        variables = {
            one: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value)
            for one, value in SERVICES[name]["environment"].items()
        }
        variables |= {one: value for one, value in self.here.items() if one in variables}
        if "env_file" in SERVICES[name]:
            variables |= self.secrets
        return [f"--env={one}={value}" for one, value in variables.items()]

    def _volumes(self, service: Mapping[str, Any]) -> list[str]:
        flags = []
        for volume in service["volumes"]:
            if isinstance(volume, dict):
                assert volume["source"] == "../listeners.toml"
                flags.append(f"--volume={self.listeners}:{volume['target']}:ro")
            elif volume.startswith("."):
                flags.append(f"--volume={DEPLOY / volume}")
            else:
                flags.append(f"--volume={self.name}-{volume}")
        return flags
