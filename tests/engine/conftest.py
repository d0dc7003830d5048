import pytest

from tests.engine.helpers import write_bundle


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory):
    """Return the folder of a tiny bundle; copy it before changing it."""
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(folder, tmp_path_factory.mktemp("saved_model"))
    return folder
