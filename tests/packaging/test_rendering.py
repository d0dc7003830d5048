"""What buildozer and python-for-android themselves make of the spec."""

import tarfile
from xml.etree import ElementTree

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging import pins, tools
from mobile_app.packaging.recipe_graph import resolve
from mobile_app.packaging.rendering import render
from mobile_app.packaging.spec_edit import set_key
from mobile_app.packaging.spec_file import SpecFile
from mobile_app.packaging.stage import SPEC

ANDROID = "{http://schemas.android.com/apk/res/android}"


@pytest.fixture(scope="module")
def rendering(clean_stage, tmp_path_factory):
    return render(clean_stage, tmp_path_factory.mktemp("render") / "gradle")


@pytest.fixture(scope="module")
def manifest(rendering):
    return ElementTree.fromstring(rendering.manifest)


def test_the_pinned_versions_are_installed():
    assert tools.installed() == {"buildozer": pins.BUILDOZER, "python-for-android": pins.P4A}


@pytest.mark.parametrize(
    "line",
    [
        "compileSdkVersion 36",
        "targetSdkVersion 36",
        "minSdkVersion 24",
        "implementation 'com.google.ai.edge.litert:litert:1.4.1'",
        "implementation 'com.google.ai.edge.litert:litert-api:1.4.1'",
        'noCompress "tflite"',
        "namespace 'io.github.ada.moods'",
        "versionCode 1000",
        "versionName '0.1.0'",
    ],
)
def test_the_gradle_file_says(rendering, line):
    assert line in [text.strip() for text in rendering.gradle.splitlines()]


def test_the_manifest_asks_for_no_permission(manifest):
    assert not [element.tag for element in manifest.iter() if "permission" in element.tag]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("allowBackup", "false"),
        ("dataExtractionRules", "@xml/data_extraction_rules"),
        ("enableOnBackInvokedCallback", "false"),
        ("localeConfig", "@xml/locales_config"),
        ("icon", "@mipmap/icon"),
        ("debuggable", "true"),
    ],
)
def test_the_application_element_says(manifest, attribute, value):
    assert manifest.find("application").get(ANDROID + attribute) == value


def test_the_manifest_names_the_versions(manifest):
    versions = manifest.find("uses-sdk").attrib
    assert versions == {ANDROID + "minSdkVersion": "24", ANDROID + "targetSdkVersion": "36"}


def test_nothing_may_be_backed_up(rendering):
    rules = ElementTree.parse(rendering.resources / "xml" / "data_extraction_rules.xml").getroot()
    assert [part.tag for part in rules] == ["cloud-backup", "device-transfer"]
    for part in rules:
        assert {exclude.get("domain") for exclude in part} == {"root", "file", "database", "sharedpref", "external"}


def test_the_icon_is_adaptive_and_the_name_is_ours(rendering, clean_stage):
    icon = ElementTree.parse(rendering.resources / "mipmap-anydpi-v26" / "icon.xml").getroot()
    assert [layer.get(ANDROID + "drawable") for layer in icon] == ["@mipmap/icon_background", "@mipmap/icon_foreground"]
    for name in ("icon", "icon_foreground", "icon_background"):
        theirs = (rendering.resources / "mipmap" / f"{name}.png").read_bytes()
        assert theirs == (clean_stage / "android" / f"{name}.png").read_bytes()
    assert ">Moods<" in (rendering.resources / "values" / "strings.xml").read_text()
    assert "#f6efe7" in (rendering.resources / "values" / "strings.xml").read_text()


def test_every_staged_file_but_pictures_and_xml_is_in_the_payload(rendering, clean_stage):
    with tarfile.open(rendering.payload) as archive:
        packed = {member.name for member in archive if member.isfile()}
    ours = {path.relative_to(clean_stage).as_posix() for path in clean_stage.rglob("*") if path.is_file()}
    assert {name for name in ours if not name.startswith("android/")} - {SPEC} == packed - {
        "sitecustomize.py",
        "p4a_env_vars.txt",
    }


def test_a_release_is_not_debuggable(clean_stage, tmp_path):
    release = ElementTree.fromstring(render(clean_stage, tmp_path / "release", release=True).manifest)
    assert release.find("application").get(ANDROID + "debuggable") is None


def test_rendering_shows_what_an_empty_permissions_key_does(staged, tmp_path):
    set_key(staged / SPEC, "android.permissions", "")
    spoilt = ElementTree.fromstring(render(staged, tmp_path / "gradle").manifest)
    assert spoilt.find("uses-permission").get(ANDROID + "name") == "android.permission."


def test_a_spec_that_buildozer_refuses_is_reported(staged, tmp_path):
    set_key(staged / SPEC, "title", None)
    with pytest.raises(UndertoneError, match="a spec that buildozer accepts"):
        render(staged, tmp_path / "gradle")


def test_the_recipes_can_be_built_in_an_order(clean_stage):
    graph = resolve(SpecFile.read(clean_stage / SPEC).requirements)
    position = {name: number for number, name in enumerate(graph.order)}
    assert {"hostpython3", "python3", "numpy", "kivy", "pyjnius", "android", "sqlite3", "sdl2"} <= set(position)
    assert position["hostpython3"] < position["python3"] < position["numpy"]
    assert position["pyjnius"] < position["kivy"]
    assert (graph.versions["python3"], graph.versions["numpy"]) == (pins.PHONE_PYTHON, pins.PHONE_NUMPY)
    assert "tensorflow" not in graph.modules
    assert resolve(["python3", "kivy", "tensorflow"]).modules != graph.modules
