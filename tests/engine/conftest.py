from contextlib import closing

import pytest

from mobile_app.engine.bundle import Bundle
from mobile_app.engine.encoder import Encoder
from mobile_app.engine.store import Store
from tests.engine.helpers import write_bundle
from tests.engine.learning import write_learning_bundle


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory):
    """Return the folder of a tiny bundle; copy it before changing it."""
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(folder, tmp_path_factory.mktemp("saved_model"))
    return folder


@pytest.fixture(scope="session")
def learning_bundle(bundle_path, tmp_path_factory):
    return Bundle.open(write_learning_bundle(bundle_path, tmp_path_factory.mktemp("learning") / "bundle"))


@pytest.fixture(scope="session")
def encoder(learning_bundle):
    with closing(Encoder(learning_bundle)) as encoder:
        yield encoder


@pytest.fixture
def store(tmp_path):
    with closing(Store(tmp_path / "undertone.db")) as store:
        yield store
