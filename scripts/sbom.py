"""What is in the image, as CycloneDX: `make sbom`, for scanners that ask which version is where.

It is asked of the image itself, Python's packages and Debian's, and not of what is pinned.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

LISTED = """
import importlib.metadata, json, re, subprocess
form = "-f=${Package} ${Version} ${Architecture}\\n"
told = subprocess.run(["dpkg-query", "-W", form], capture_output=True, text=True, check=True).stdout
python = [(one.metadata["Name"], one.version) for one in importlib.metadata.distributions()]
print(json.dumps({"python": python, "debian": [line.split() for line in told.splitlines()]}))
"""
"""Run in the image, which has none of what this script imports."""


def components(command: Sequence[str]) -> Iterator[PackageURL]:
    """All packages of an image.

    Args:
        command: runs what follows it in the image: `docker run --rm playledger`.
    """
    done = subprocess.run(  # noqa: S603 the operator's own command
        [*command, "python", "-c", LISTED], stdout=subprocess.PIPE, text=True, check=True
    )
    listed = json.loads(done.stdout)
    for name, version in listed["python"]:
        yield PackageURL("pypi", name=name, version=version)
    for name, version, architecture in listed["debian"]:
        yield PackageURL("deb", "debian", name, version, {"arch": architecture})


def bill(packages: Iterator[PackageURL]) -> str:
    """The bill of materials, as JSON."""
    bom = Bom()
    bom.metadata.component = Component(name="playledger", type=ComponentType.CONTAINER)
    for one in packages:
        kind, reference = ComponentType.LIBRARY, str(one)
        bom.components.add(
            Component(name=one.name, version=one.version, type=kind, purl=one, bom_ref=reference)
        )
    bom.register_dependency(bom.metadata.component, bom.components)
    written: str = JsonV1Dot6(bom).output_as_string(indent=1)
    return written


if __name__ == "__main__":
    print(bill(components(sys.argv[1:])))  # noqa: T201 its output
