"""What a spec becomes: the Gradle project, by buildozer's and python-for-android's own code, without any SDK."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder
from mobile_app.packaging import pins, tools
from mobile_app.packaging.stage import SPEC

# What buildozer passes to python-for-android's toolchain, which keeps it from build.py.
_FOR_TOOLCHAIN = {
    "--bootstrap": 2,
    "--dist_name": 2,
    "--ndk-api": 2,
    "--arch": 2,
    "--copy-libs": 1,
    "--local-recipes": 2,
}


@dataclass(frozen=True)
class Rendering:
    """The Gradle project of an app.

    :param path: its folder.
    """

    path: Path

    @property
    def gradle(self) -> str:
        """The text of ``build.gradle``."""
        return (self.path / "build.gradle").read_text(encoding="utf-8")

    @property
    def manifest(self) -> str:
        """The text of ``AndroidManifest.xml``."""
        return (self.path / "src" / "main" / "AndroidManifest.xml").read_text(encoding="utf-8")

    @property
    def resources(self) -> Path:
        """The folder of Android resources."""
        return self.path / "src" / "main" / "res"

    @property
    def payload(self) -> Path:
        """The archive with the app's own files, as it lies in the APK."""
        return self.path / "src" / "main" / "assets" / "private.tar"


def render(
    folder: Path, out: Path, *, release: bool = False, byte_compile: bool = False, overwrite: bool = False
) -> Rendering:
    """Write the Gradle project of a staged app.

    buildozer reads the spec and says what it would tell python-for-android; python-for-android's ``build.py`` does that
    in its own bootstrap. Only what comes from compilers and from Google is an empty stand-in.

    :param folder: the staged app.
    :param release: as for a store, else for trying out.
    :param byte_compile: compile the app's Python files as the real build does: slow, one process a file.
    :raises UndertoneError: if either refuses.
    """
    with new_folder(out, overwrite=overwrite) as project, tempfile.TemporaryDirectory() as scratch:
        staged = Path(scratch) / "android"
        shutil.copytree(folder, staged)
        _lay_out(project, Path(scratch) / "sdk")
        arguments = _for_build(told_to_p4a(staged, project, release=release))
        _run_build(project, [*arguments, *([] if byte_compile else ["--no-byte-compile-python"])])
    return Rendering(out)


def _run_build(project: Path, arguments: Sequence[str]) -> None:
    repeatable = {**os.environ, "SOURCE_DATE_EPOCH": "315532800"}
    command = [sys.executable, "build.py", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=repeatable)
    if done.returncode:
        found = " ".join((done.stderr or done.stdout).strip().splitlines()[-1:])
        raise UndertoneError("python-for-android to accept what the spec says", found, "run the doctor on it")


def told_to_p4a(staged: Path, project: Path, *, release: bool = False) -> list[str]:
    """Return the arguments that buildozer gives to python-for-android when it packages this app.

    :param staged: a copy of the staged app; buildozer works inside.
    :param project: the folder of the Gradle project.
    """
    tools.require()
    from buildozer import Buildozer
    from buildozer.targets.android import TargetAndroid

    told: list[str] = []

    class Listener(TargetAndroid):  # type: ignore[misc,no-any-unimported]
        """Packages as buildozer does, up to the call of python-for-android."""

        def get_dist_dir(self, _name: str) -> str:
            return str(project)

        def _p4a(self, command: Sequence[str], **_options: Any) -> None:
            told.extend(command)
            raise _ToldError

    with tools.quiet(), _inside(staged):
        try:
            buildozer: Any = Buildozer(filename=SPEC)
            buildozer.targetname = "android"
            Path(buildozer.applibs_dir).mkdir(parents=True, exist_ok=True)
            target: Any = Listener(buildozer)
            target.build_mode = "release" if release else "debug"
            target.artifact_format = buildozer.config.getdefault("app", f"android.{target.build_mode}_artifact", "apk")
            buildozer.build_application()
            target.build_package()
        except _ToldError:
            pass
        except SystemExit:
            raise UndertoneError(
                f"a spec that buildozer accepts in {staged.name}", "errors", "run the doctor"
            ) from None
    return told


class _ToldError(Exception):
    """Ends buildozer's part."""


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder: buildozer finds its spec in the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _for_build(arguments: Sequence[str]) -> list[str]:
    """Return what of the arguments the toolchain passes on to build.py."""
    words = list(arguments[1:])  # the first is the kind of artifact
    kept: list[str] = []
    while words:
        taken = _FOR_TOOLCHAIN.get(words[0], 0)
        if not taken:
            kept.append(words[0])
        del words[: taken or 1]
    return kept


def _lay_out(project: Path, sdk: Path) -> None:
    """Put together what python-for-android has when it packages: its bootstrap, and places for what is compiled."""
    bootstraps = tools.folder_of("pythonforandroid") / "bootstraps"
    for name in ("common", "_sdl_common", pins.BOOTSTRAP):
        shutil.copytree(bootstraps / name / "build", project, dirs_exist_ok=True)
    for architecture in pins.ARCHITECTURES:
        for place in ("_python_bundle__", "libs/"):
            (project / f"{place}{architecture}").mkdir(parents=True)
    (sdk / "build-tools" / f"{pins.API}.0.0").mkdir(parents=True)
    (project / "project.properties").write_text(f"target=android-{pins.API}")
    (project / "local.properties").write_text(f"sdk.dir={sdk}")
    facts = {
        "bootstrap": pins.BOOTSTRAP,
        "hostpython": sys.executable,
        "archs": pins.ARCHITECTURES,
        "ndk_api": pins.MIN_API,
        "use_setup_py": False,
    }
    (project / "dist_info.json").write_text(json.dumps(facts))
