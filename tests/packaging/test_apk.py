"""The doctor on a built APK."""

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging.apk_file import ApkFile
from mobile_app.packaging.doctor import Questions, examine
from mobile_app.packaging.rendering import render
from tests.packaging.apk_maker import library, make_apk


@pytest.fixture(scope="module")
def manifest(clean_stage, tmp_path_factory):
    """Let python-for-android write the manifest of the staged app."""
    return render(clean_stage, tmp_path_factory.mktemp("apk") / "gradle").manifest


def problems(path, **options):
    found = examine(Questions(path, path, **options))
    return [f"{finding.check} {finding.where}: {finding.problem}" for finding in found]


def test_the_apk_that_was_meant_passes(manifest, tmp_path):
    apk = make_apk(tmp_path / "app.apk", manifest)
    assert ApkFile(apk).attribute("uses-sdk", "targetSdkVersion") == "36"
    assert problems(apk) == []


# What is replaced in the manifest, and what the doctor must say.
FAULTS = {
    "a permission": (
        "<application ",
        '<uses-permission android:name="android.permission.INTERNET"/><application ',
        "permissions android.permission.INTERNET: is asked for",
    ),
    "backup": ('allowBackup="false"', 'allowBackup="true"', "manifest allowBackup: is true"),
    "the back key": ('android:enableOnBackInvokedCallback="false"', "", "enableOnBackInvokedCallback: is None"),
    "extraction rules": (
        'android:dataExtractionRules="@xml/data_extraction_rules"',
        "",
        "dataExtractionRules: is missing",
    ),
    "the target version": ('targetSdkVersion="36"', 'targetSdkVersion="33"', "manifest targetSdkVersion: is 33"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_manifest_is_found(manifest, tmp_path, name):
    old, new, said = FAULTS[name]
    assert old in manifest
    (found,) = problems(make_apk(tmp_path / "app.apk", manifest.replace(old, new, 1)))
    assert said in found


def test_an_unaligned_library_is_found(manifest, tmp_path):
    names = {"libSDL2.so": 0x1000, "libtensorflowlite_jni.so": 0x4000, "libbig.so": 0x10000}
    libraries = {f"lib/arm64-v8a/{name}": library(alignment) for name, alignment in names.items()}
    (found,) = problems(make_apk(tmp_path / "app.apk", manifest, libraries=libraries))
    assert "alignment lib/arm64-v8a/libSDL2.so: is aligned to 0x1000, not 0x4000" in found


def test_a_library_stored_off_a_page_is_found(manifest, tmp_path):
    libraries = {"lib/arm64-v8a/libtensorflowlite_jni.so": library(0x4000)}
    (found,) = problems(make_apk(tmp_path / "app.apk", manifest, libraries=libraries, stored=True))
    assert "is stored off a 16 KB boundary" in found


def test_an_apk_for_emulators_alone_and_without_litert_is_found(manifest, tmp_path):
    apk = make_apk(tmp_path / "app.apk", manifest, libraries={"lib/x86_64/libmain.so": library(0x4000)})
    found = problems(apk)
    assert "has libraries for x86_64: phones need arm64-v8a" in found[0]
    assert "libtensorflowlite_jni.so: is missing" in found[1]


def test_an_apk_without_a_model_is_found(manifest, tmp_path):
    found = problems(make_apk(tmp_path / "app.apk", manifest, payload=("main.pyc",)))
    assert [text.partition(": ")[2] for text in found] == ["lacks a model", "lacks manifest.json"]


def test_a_debuggable_release_is_found(manifest, tmp_path):
    apk = make_apk(tmp_path / "app.apk", manifest)
    assert ["debuggable: is true" in text for text in problems(apk, release=True)] == [True]


def test_an_apk_over_the_budget_is_found(manifest, tmp_path):
    (found,) = problems(make_apk(tmp_path / "app.apk", manifest), budget=0.0001)
    assert "the budget is 0.0001" in found


@pytest.mark.parametrize(("content", "message"), [(None, "build it first"), (b"no zip", "build it first")])
def test_what_is_no_apk_is_refused(tmp_path, content, message):
    path = tmp_path / "app.apk"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UndertoneError, match=message):
        ApkFile(path)
