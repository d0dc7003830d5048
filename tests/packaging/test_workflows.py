"""The workflows: valid, pinned, and with commands that run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mobile_app.packaging import pins

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
ANDROID = ("apk", "release")
TOOLS = Path(sys.executable).parent


def steps(name):
    """Return the steps of a workflow's only job."""
    (job,) = yaml.safe_load(WORKFLOWS[name].read_text())["jobs"].values()
    return job["steps"]


def command(name, step):
    (found,) = [entry["run"] for entry in steps(name) if entry.get("name") == step]
    return found


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_follows_the_published_schema(name):
    check = [str(TOOLS / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(WORKFLOWS[name])]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_schema_check_can_fail(tmp_path):
    (tmp_path / "bad.yml").write_text("on: push\njobs:\n  a:\n    steps: 1\n")
    check = [str(TOOLS / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(tmp_path / "bad.yml")]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("name", WORKFLOWS)
def test_shell_commands_pass_shellcheck(name):
    scripts = [step["run"] for step in steps(name) if "run" in step]
    for script in scripts:
        check = [str(TOOLS / "shellcheck"), "--shell=bash", "--exclude=SC2154", "-"]
        done = subprocess.run(check, input="set -e\n" + script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ANDROID)
def test_actions_are_pinned_by_commit_and_jobs_have_limits(name):
    values = yaml.safe_load(WORKFLOWS[name].read_text())
    uses = [step["uses"] for step in steps(name) if "uses" in step]
    assert uses and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", action) for action in uses)
    assert values["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job and job["runs-on"] == "ubuntu-24.04" for job in values["jobs"].values())


@pytest.mark.parametrize("name", ANDROID)
def test_expressions_stay_out_of_scripts(name):
    """Keep what others can choose (inputs, names of tags) out of the text of a script."""
    assert not [step["run"] for step in steps(name) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("name", ANDROID)
def test_java_and_the_cache_follow_the_pins(name):
    (java,) = [step["with"] for step in steps(name) if "setup-java" in step.get("uses", "")]
    assert java["java-version"] == str(pins.JDK)
    for step in steps(name):
        for file in re.findall(r"hashFiles\((.*?)\)", str(step.get("with", ""))):
            assert all((ROOT / path).is_file() for path in re.findall(r"'([^']+)'", file.replace('"', "'")))


def test_a_release_hands_over_every_signing_variable():
    (build,) = [step for step in steps("release") if step.get("name") == "Build"]
    assert set(build["env"]) == set(pins.SIGNING)
    assert not [name for name, value in build["env"].items() if "PASSWD" in name and "secrets." not in value]


@pytest.mark.parametrize(("name", "reference"), [("apk", ""), ("release", "v7.8.9")])
def test_the_steps_before_the_build_run_here_as_they_are_written(name, reference, app, tmp_path):
    """Run the very commands of the workflow in a folder laid out like a clone, up to what only Google has."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    for part in ("mobile_app", "LICENSE"):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / "app.toml").write_text(f'title = "Moods"\nbundle = "{app.bundle}"\nrecipes = ["fp16"]\n')
    (tmp_path / "build" / "demo").mkdir(parents=True)
    (tmp_path / "build" / "demo" / "bundle").symlink_to(app.bundle)
    environment = os.environ | {"APP": "app.toml", "GITHUB_REF_NAME": reference, "PYTHONPATH": str(ROOT)}
    for step in ("Stage", "Doctor on the staged app"):
        script = ["bash", "-e", "-c", command(name, step)]
        done = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert f"version = {reference[1:] or '0.1.0'}\n" in (tmp_path / "build" / "android" / "buildozer.spec").read_text()


def test_the_keystore_step_decodes_what_the_secret_holds(tmp_path):
    script = ["bash", "-e", "-c", command("release", "Keystore")]
    environment = os.environ | {"KEYSTORE_BASE64": "a2V5cw==", "RUNNER_TEMP": str(tmp_path)}
    subprocess.run(script, env=environment, check=True)
    assert (tmp_path / "release.jks").read_bytes() == b"keys"
    assert (tmp_path / "release.jks").stat().st_mode & 0o077 == 0


def test_the_same_commands_stand_in_the_makefile():
    text = (ROOT / "Makefile").read_text()
    for part in ("packaging stage --overwrite", "packaging doctor", "packaging build"):
        assert f"$(PY) -m mobile_app.{part}" in text
