"""The doctor finds each seeded fault in a staged app, and nothing in a clean one."""

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from mobile_app.engine.errors import CheckFailedError, UndertoneError
from mobile_app.packaging import pins
from mobile_app.packaging.__main__ import main
from mobile_app.packaging.build import build, environment
from mobile_app.packaging.checks import machine, signing
from mobile_app.packaging.doctor import Questions, examine, repair
from mobile_app.packaging.png import plain
from mobile_app.packaging.report import table
from mobile_app.packaging.spec_edit import set_key
from mobile_app.packaging.spec_file import SpecFile
from mobile_app.packaging.stage import BUNDLE, SPEC

RECIPE = "dynamic_wi8_afp32"


def faults(folder, **options):
    return [finding for finding in examine(Questions(folder, **options)) if finding.is_fault]


def only_fault(folder, **options):
    """Return the one fault that was found, as ``check where: problem``."""
    found = faults(folder, **options)
    assert len(found) == 1, [f"{finding.check} {finding.where}: {finding.problem}" for finding in found]
    assert found[0].remedy.endswith(".")
    return f"{found[0].check} {found[0].where}: {found[0].problem}"


def change_manifest(folder, change):
    """Change the bundle's manifest through a function on its values."""
    path = folder / BUNDLE / "manifest.json"
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def change_file(folder, name, content):
    """Replace a file of the bundle, and its hash and size in the manifest."""
    (folder / BUNDLE / name).write_bytes(content)
    entry = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    change_manifest(folder, lambda values: values["files"].update({name: entry}))


def test_a_clean_stage_passes(clean_stage):
    assert faults(clean_stage) == []


# The spec, one value each: key, value, what the doctor must say.
SPEC_FAULTS = {
    "permissions are asked for": (
        "android.permissions",
        "INTERNET",
        "permissions android.permissions: asks for INTERNET",
    ),
    "permissions are empty": ("android.permissions", "", "which becomes a permission without a name"),
    "python-for-android is not pinned": ("p4a.commit", "HEAD", "pins p4a.commit: is 'HEAD'"),
    "the Android version is too old for Play": ("android.api", "33", "pins android.api: is '33', not '36'"),
    "numpy refuses the oldest Android": ("android.minapi", "21", "pins android.minapi: is '21', not '24'"),
    "the NDK makes small pages": ("android.ndk", "25b", "pages of 16 KB do not load"),
    "data may be backed up": ("android.allow_backup", "True", "what people typed would go to the cloud"),
    "the bootstrap is one that Kivy lacks": ("p4a.bootstrap", "sdl3", "pins p4a.bootstrap: is 'sdl3'"),
    "LiteRT is of the wrong generation": (
        "android.gradle_dependencies",
        f"com.google.ai.edge.litert:litert:2.1.0,{pins.GRADLE[0]},{pins.GRADLE[1]}",
        "has com.google.ai.edge.litert:litert:2.1.0: only 1.4.1",
    ),
    "LiteRT's interface is missing": (
        "android.gradle_dependencies",
        pins.GRADLE[0],
        "lacks com.google.ai.edge.litert:l",
    ),
    "Gradle names are quoted": ("android.gradle_dependencies", f'"{pins.GRADLE[0]}"', "has quotation marks"),
    "buildozer ignores a key": ("android.permission", "x", "ignored keys android.permission: is no key of buildozer"),
    "a comment stands behind a value": ("orientation", "portrait # for now", "comments orientation: has the value"),
    "the domain is one that stores refuse": ("package.domain", "org.test", "identity package.domain: is 'org.test'"),
    "the upload number is no number": ("android.numeric_version", "1.0", "identity android.numeric_version: is '1.0'"),
    "phones' processor is missing": ("android.archs", "x86_64", "architectures android.archs: is x86_64"),
    "files would be left out": (
        "source.include_exts",
        "py,kv,json,npz,png,ttf,txt",
        "source.include_exts: lacks tflite",
    ),
    "the back key would close the app": (
        "android.extra_manifest_application_arguments",
        "android/locales_config.xml",
        "does not bring android:enableOnBackInvokedCallback",
    ),
    "the icon is not set": ("icon.filename", None, "pictures icon.filename: is not set"),
}
REQUIREMENT_FAULTS = {
    "a requirement has no recipe": (",tensorflow", "requirements tensorflow: has no recipe"),
    "a requirement is misspelt": (",pilow", "requirements pilow: has no recipe"),
    "numpy is not the recipe's": (",numpy==1.26.4", "pins numpy 1.26.4: the recipe is for 2.3.0"),
    "Python is pinned half-way": (",hostpython3==3.12.9", "pins only one of python3 and hostpython3"),
}


@pytest.mark.parametrize("name", SPEC_FAULTS)
def test_a_fault_of_the_spec_is_found(staged, name):
    key, value, said = SPEC_FAULTS[name]
    set_key(staged / SPEC, key, value)
    found = [f"{finding.check} {finding.where}: {finding.problem}" for finding in faults(staged)]
    assert any(said in text for text in found), found


@pytest.mark.parametrize("name", REQUIREMENT_FAULTS)
def test_a_fault_of_the_requirements_is_found(staged, name):
    more, said = REQUIREMENT_FAULTS[name]
    set_key(staged / SPEC, "requirements", ",".join(pins.REQUIREMENTS) + more)
    assert said in only_fault(staged)


def test_a_missing_requirement_is_found(staged):
    set_key(staged / SPEC, "requirements", "python3,kivy==2.3.1,numpy,android,sqlite3,filetype")
    assert "lacks pyjnius" in only_fault(staged)


def test_a_misspelt_requirement_gets_the_right_name_as_remedy(staged):
    set_key(staged / SPEC, "requirements", ",".join(pins.REQUIREMENTS) + ",pyjniuss")
    assert [finding.remedy for finding in faults(staged)] == ["Write pyjnius, or remove it."]


def test_an_engine_that_imports_what_phones_lack_is_found(staged):
    path = staged / "mobile_app" / "engine" / "batch.py"
    path.write_text("import scipy.special\n" + path.read_text())
    assert only_fault(staged) == "imports mobile_app/engine/batch.py: imports scipy, which phones do not have"


def test_the_desktop_interpreter_may_not_be_imported_elsewhere(staged):
    (staged / "mobile_app" / "ui" / "tidy.py").write_text("def f():\n    import ai_edge_litert\n")
    assert "imports ai_edge_litert" in only_fault(staged)


def test_a_module_that_python_dropped_is_found(staged):
    path = staged / "mobile_app" / "engine" / "batch.py"
    path.write_text("import imghdr\n" + path.read_text())
    assert "imports imghdr" in only_fault(staged)


def test_an_import_of_a_module_that_was_not_staged_is_found(staged):
    (staged / "mobile_app" / "engine" / "wordpiece.py").unlink()
    found = faults(staged)
    assert {finding.check for finding in found} == {"imports"}
    assert {finding.problem.rpartition(".")[0] for finding in found} == {"imports mobile_app.engine.wordpiece"}
    assert found[0].problem.endswith(", which is not in the app")


def test_a_file_that_is_no_python_is_found(staged):
    (staged / "mobile_app" / "ui" / "tidy.py").write_text("def f(:\n")
    assert "imports mobile_app/ui/tidy.py: is no Python: line 1" in only_fault(staged)


def test_tests_in_the_app_are_found(staged):
    (staged / "mobile_app" / "test_thing.py").write_text("")
    assert "payload mobile_app/test_thing.py: is for testing" in only_fault(staged)


def test_a_stray_file_is_found(staged):
    (staged / "secrets.json").write_text("{}")
    assert "payload secrets.json: was not staged" in only_fault(staged)


def test_a_link_is_found(staged):
    (staged / "mobile_app" / "ui" / "more.py").symlink_to("/etc/hostname")
    assert any("is a link" in finding.problem for finding in faults(staged))


def test_a_missing_main_is_found(staged):
    (staged / "main.py").unlink()
    assert "payload main.py: is missing" in only_fault(staged)


def test_a_picture_that_is_not_square_is_found(staged):
    (staged / "android" / "icon.png").write_bytes(plain("#102030", 64))
    assert "pictures android/icon.png: is 64 x 64" in only_fault(staged)


def test_half_an_adaptive_icon_is_found(staged):
    set_key(staged / SPEC, "icon.adaptive_background.filename", None)
    assert "is only one of the two layers" in only_fault(staged)


def test_missing_extraction_rules_are_found(staged):
    (staged / "android" / "data_extraction_rules.xml").unlink()
    assert "manifest android/data_extraction_rules.xml: is missing" in only_fault(staged)


def test_a_changed_bundle_is_found(staged):
    path = staged / BUNDLE / "vocab.txt"
    path.write_bytes(path.read_bytes() + b"extra\n")
    assert "bundle mobile_app/assets/bundle: cannot be opened" in only_fault(staged)


def test_flex_operators_are_found(staged):
    change_manifest(staged, lambda values: values["recipes"][RECIPE]["census"].update(flex_ops=["FlexErf"]))
    assert "phones do not have: FlexErf" in only_fault(staged)


def test_dynamic_shapes_are_found(staged):
    change_manifest(staged, lambda values: values["recipes"][RECIPE]["census"].update(dynamic_tensors=3))
    assert "has 3 tensors without a fixed shape" in only_fault(staged)


def test_a_model_that_answers_differently_is_found(staged):
    golden = json.loads((staged / BUNDLE / "golden.json").read_text())
    features = np.asarray(golden["recipes"][RECIPE]["features"])
    golden["recipes"][RECIPE]["features"] = (features[::-1] * 3 + 1).tolist()
    change_file(staged, "golden.json", json.dumps(golden).encode())
    assert "gives other answers than when it was built" in only_fault(staged)


def test_a_bundle_over_the_budget_is_found_with_the_size_of_each_recipe(staged):
    assert "makes the APK about" in only_fault(staged, budget=20)
    assert f"{RECIPE} " in faults(staged, budget=20)[0].remedy


def test_a_release_without_signing_variables_is_found(tmp_path):
    complete = dict.fromkeys(pins.SIGNING, "x") | {pins.SIGNING[0]: str(tmp_path / "store.jks")}
    assert [finding.where for finding in signing.check({})] == list(pins.SIGNING)
    assert [finding.problem for finding in signing.check(complete)] == ["is not there"]
    (tmp_path / "store.jks").write_bytes(b"")
    assert list(signing.check(complete)) == []


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """Give a home without SDK, and put Google out of reach, wherever the test runs."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pins, "GOOGLE", "http://127.0.0.1:9")
    return tmp_path / "home" / ".buildozer" / "android" / "platform"


def test_a_machine_without_sdk_and_ndk_out_of_googles_reach_is_found(clean_stage, offline):
    spec = SpecFile.read(clean_stage / SPEC)
    (sdk,), (ndk,) = list(machine.check_sdk(spec)), list(machine.check_ndk(spec))
    assert sdk.where == f"http://127.0.0.1:9/{pins.SDK_FILE}" and ndk.where.endswith("android-ndk-r28c-linux.zip")
    assert sdk.is_fault and "only Google distributes the Android SDK" in sdk.problem
    assert "GitHub Actions (apk.yml), or set APP_ANDROID_SDK_PATH" in sdk.remedy


def test_an_sdk_without_its_manager_and_another_ndk_are_found(clean_stage, offline):
    ndk = offline / f"android-ndk-r{pins.NDK}"
    (offline / "android-sdk").mkdir(parents=True)
    ndk.mkdir()
    (ndk / "source.properties").write_text("Pkg.Desc = Android NDK\nPkg.Revision = 25.2.9519653\n")
    spec = SpecFile.read(clean_stage / SPEC)
    assert ["no tools/bin/sdkmanager" in finding.problem for finding in machine.check_sdk(spec)] == [True]
    assert ["holds 25.2.9519653, not r28c" in finding.problem for finding in machine.check_ndk(spec)] == [True]
    (ndk / "source.properties").write_text("Pkg.Revision = 28.2.13676358\n")
    (offline / "android-sdk" / "tools" / "bin").mkdir(parents=True)
    (offline / "android-sdk" / "tools" / "bin" / "sdkmanager").write_text("")
    assert [*machine.check_sdk(spec), *machine.check_ndk(spec)] == []


def test_a_missing_or_another_jdk_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert [finding.problem for finding in machine.check_java()] == ["is missing"]
    javac = tmp_path / "bin" / "javac"
    javac.parent.mkdir()
    javac.write_text("#!/bin/sh\necho javac 21.0.2\n")
    javac.chmod(0o755)
    assert "is 21: Gradle" in next(machine.check_java()).problem
    javac.write_text("#!/bin/sh\necho javac 17.0.15\n")
    assert list(machine.check_java()) == []


def test_missing_programs_are_found(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = machine.check_programs()
    assert "autoconf" in finding.where and "apt-get install" in finding.remedy


def test_the_tried_packages_are_installed():
    assert list(machine.check_packages()) == []


def test_the_build_stops_at_the_first_file_that_only_google_has(clean_stage, offline, capsys):
    with pytest.raises(
        CheckFailedError, match=r"commandlinetools-linux-6514223_latest.zip cannot be downloaded.*only Google"
    ):
        build(clean_stage)


def test_buildozer_finds_cython_and_the_environment():
    values = environment()
    assert shutil.which("cython", path=values["PATH"]) and values["VIRTUAL_ENV"] == sys.prefix


def test_what_can_be_repaired_safely_is_repaired(staged):
    set_key(staged / SPEC, "android.permissions", "INTERNET")
    set_key(staged / SPEC, "p4a.commit", "HEAD")
    set_key(staged / SPEC, "source.include_exts", "py,kv")
    (staged / "mobile_app" / "__pycache__").mkdir()
    (staged / "mobile_app" / "__pycache__" / "a.pyc").write_bytes(b"")
    before = (staged / SPEC).read_text()
    assert len(repair(examine(Questions(staged)))) == 4
    assert faults(staged) == []
    assert "# android.permissions is absent on purpose" in before and (staged / SPEC).read_text().count("\n") == (
        before.count("\n") - 1
    )


def test_a_bundle_without_a_licence_is_noted_but_no_fault(staged):
    change_manifest(staged, lambda values: values.update(licence="not stated"))
    notes = [finding.check for finding in examine(Questions(staged)) if not finding.is_fault]
    assert "licence" in notes and faults(staged) == []


def test_no_staged_app_is_one_sentence(tmp_path):
    with pytest.raises(UndertoneError, match="stage the app first"):
        examine(Questions(tmp_path))


def test_the_command_prints_a_table_or_json_and_exits_1_on_faults(staged, monkeypatch, capsys):
    set_key(staged / SPEC, "p4a.commit", "HEAD")
    monkeypatch.setattr(sys, "argv", ["packaging", "doctor", str(staged)])
    assert main() == 1
    shown = capsys.readouterr().out
    assert "FAULT   p4a.commit" in shown and "1 faults" in shown
    monkeypatch.setattr(sys, "argv", ["packaging", "doctor", str(staged), "--json", "--fix"])
    assert main() == 0
    values = json.loads(capsys.readouterr().out)
    assert values["faults"] == 0 and [finding["where"] for finding in values["repaired"]] == ["p4a.commit"]


def test_the_table_wraps_long_cells_and_keeps_every_word(staged):
    set_key(staged / SPEC, "android.permissions", "INTERNET")
    (finding,) = faults(staged)
    text = " ".join("\n".join(table([finding])).split())
    for word in {*finding.problem.split(), *finding.remedy.split()}:
        assert word in text


def test_a_copied_stage_is_as_good_as_the_first(clean_stage, tmp_path):
    copy = Path(shutil.copytree(clean_stage, tmp_path / "copy"))
    assert faults(copy) == []
