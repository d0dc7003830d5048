"""The staged folder: what is in it, what is not, and that it is the same every time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.errors import BundleError, UndertoneError
from mobile_app.engine.golden import self_check
from mobile_app.packaging import pins, sources
from mobile_app.packaging.__main__ import main
from mobile_app.packaging.bundle_subset import write_subset
from mobile_app.packaging.png import plain, read_size
from mobile_app.packaging.spec_file import SpecFile, known_keys
from mobile_app.packaging.stage import BUNDLE, SPEC, stage

RECIPE = "dynamic_wi8_afp32"


def everything_about(folder):
    """Return path, bytes, permissions and time of all that is in a folder."""
    return [
        (
            path.relative_to(folder),
            path.read_bytes() if path.is_file() else None,
            path.stat().st_mode,
            path.stat().st_mtime,
        )
        for path in sorted(folder.rglob("*"))
    ]


def test_two_stages_are_equal_byte_for_byte(app, tmp_path):
    one, other = (stage(app, tmp_path / place / "android").path for place in ("here", "elsewhere"))
    assert everything_about(one) == everything_about(other)


def test_the_stage_holds_what_the_app_needs_and_nothing_else(clean_stage):
    assert sorted(path.name for path in clean_stage.iterdir()) == sorted(
        ["android", SPEC, "licences", "main.py", "mobile_app"]
    )
    names = {path.relative_to(clean_stage).as_posix() for path in clean_stage.rglob("*") if path.is_file()}
    assert {"mobile_app/ui/app.py", "mobile_app/ui/say.kv", "mobile_app/engine/android.py"} <= names
    assert {"licences/LICENSE.txt", "licences/NOTICE.txt", "mobile_app/assets/fonts/OFL.txt"} <= names
    assert not [name for name in names if "packaging" in name or "commands" in name or "test" in Path(name).stem]
    assert not names & {"mobile_app/__main__.py", "mobile_app/ui/driver.py", "mobile_app/ui/headless.py"}


def test_one_bundle_with_the_chosen_recipe_is_staged_and_answers_rightly(clean_stage):
    bundle = Bundle.open(clean_stage / BUNDLE)
    assert list(bundle.manifest.recipes) == [RECIPE] == [bundle.manifest.default_recipe]
    assert [path.name for path in (clean_stage / BUNDLE).glob("*.tflite")] == [f"model.{RECIPE}.tflite"]
    assert self_check(bundle, RECIPE).passed


def test_a_subset_keeps_the_files_as_they_were(tiny_bundle, tmp_path):
    whole = Bundle.open(tiny_bundle)
    part = write_subset(whole, ("fp16", "fp32"), tmp_path / "part")
    assert (list(part.manifest.recipes), part.manifest.default_recipe) == (["fp16", "fp32"], "fp16")
    for name in set(part.manifest.files) - {"golden.json"}:
        assert (part.path / name).read_bytes() == (tiny_bundle / name).read_bytes()
    assert set(part.golden().vectors) == {"fp16", "fp32"}


def test_without_a_choice_the_default_recipe_is_kept(tiny_bundle, tmp_path):
    whole = Bundle.open(tiny_bundle)
    assert list(write_subset(whole, (), tmp_path / "part").manifest.recipes) == [whole.manifest.default_recipe]


def test_a_recipe_that_the_bundle_lacks_is_refused_and_nothing_is_left(app, tmp_path):
    with pytest.raises(BundleError, match="found 'static_wi8_ai8'; choose one of these"):
        stage(replace(app, recipes=("static_wi8_ai8",)), tmp_path / "android")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_not_staged_is_never_replaced(app, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(UndertoneError, match="a folder staged before, or none"):
        stage(app, tmp_path / "photos", overwrite=True)
    with pytest.raises(UndertoneError, match="add --overwrite"):
        stage(app, tmp_path / "photos")
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


def test_modules_are_found_through_late_imports_and_kv_files_but_not_for_type_checking(tmp_path):
    package = tmp_path / "mobile_app"
    package.mkdir()
    for name, text in {
        "__init__.py": "",
        "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import mobile_app.typing_only\n"
        "def f():\n    from mobile_app.b import g\n",
        "a.kv": "#:import thing mobile_app.c.thing\n",
        "b.py": "g = 1\n",
        "c.py": "thing = 1\n",
        "typing_only.py": "",
        "unused.py": "",
    }.items():
        (package / name).write_text(text)
    (tmp_path / "main.py").write_text("import mobile_app.a\n")
    found = sources.reached_from(tmp_path / "main.py", tmp_path)
    assert [path.name for path in found] == ["__init__.py", "a.py", "b.py", "c.py"]


def test_the_staged_app_imports_only_itself_numpy_and_kivy(clean_stage):
    code = (
        "import sys; sys.path.insert(0, '.'); import mobile_app.ui.session, mobile_app.engine.android\n"
        "print(*sorted({n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names)))\n"
        "assert mobile_app.__file__.startswith(sys.argv[1]), mobile_app.__file__"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(clean_stage)],
        cwd=clean_stage,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.split()) & {"tensorflow", "sklearn", "scipy", "training", "converter", "quantization"}


def test_buildozer_reads_the_spec(clean_stage):
    spec = SpecFile.read(clean_stage / SPEC)
    assert spec.app["title"] == "Moods"
    assert spec.app["package.domain"] == "io.github.ada"
    assert spec.words("requirements") == list(pins.REQUIREMENTS)
    assert spec.words("android.gradle_dependencies") == list(pins.GRADLE)
    assert "android.permissions" not in spec.app
    assert {*spec.app, *spec.buildozer} <= known_keys()


def test_a_plain_picture_has_its_size(tmp_path):
    (tmp_path / "a.png").write_bytes(plain("#7b3f63", 432))
    assert read_size(tmp_path / "a.png") == (432, 432)
    from PIL import Image

    assert Image.open(tmp_path / "a.png").convert("RGB").getpixel((431, 431)) == (0x7B, 0x3F, 0x63)


def test_a_developer_stages_their_own_app_from_the_command_line(tiny_bundle, tmp_path, monkeypatch, capsys):
    (tmp_path / "app.toml").write_text(f'title = "Moods"\nbundle = "{tiny_bundle}"\nlanguages = ["en", "de"]\n')
    out = tmp_path / "android"
    monkeypatch.chdir(tmp_path)
    arguments = ["stage", "--app", "app.toml", "--recipe", "fp16", "--version", "3.0.1", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["packaging", *arguments])
    assert main() == 0
    assert "Moods 3.0.1 (io.github.undertone.undertone)" in capsys.readouterr().out
    assert 'android:name="de"' in (out / "android" / "locales_config.xml").read_text()
    assert SpecFile.read(out / SPEC).app["android.numeric_version"] == "3000001"


def test_the_pictures_are_what_the_script_draws(tmp_path, monkeypatch):
    from mobile_app.packaging import artwork

    committed = {path.name: path.read_bytes() for path in artwork.ART.glob("*.png")}
    monkeypatch.setattr(artwork, "ART", tmp_path)
    artwork.main()
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.png")} == committed
