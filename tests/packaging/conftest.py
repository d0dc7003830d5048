"""A staged app made once, and copies of it to spoil."""

import shutil
from pathlib import Path

import pytest

from mobile_app.packaging.app_config import AppConfig
from mobile_app.packaging.stage import stage

RECIPE = "dynamic_wi8_afp32"


@pytest.fixture(scope="session")
def app(tiny_bundle) -> AppConfig:
    """Describe an app of a developer's own, with one recipe of the tiny bundle."""
    return AppConfig(title="Moods", package="moods", domain="io.github.ada", bundle=tiny_bundle, recipes=(RECIPE,))


@pytest.fixture(scope="session")
def clean_stage(app, tmp_path_factory) -> Path:
    """Stage the app. Do not change it."""
    return stage(app, tmp_path_factory.mktemp("stage") / "android").path


@pytest.fixture
def staged(clean_stage, tmp_path) -> Path:
    """Copy the staged app."""
    return Path(shutil.copytree(clean_stage, tmp_path / "android"))
