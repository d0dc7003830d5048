import numpy as np
import pytest

from mobile_app.engine.npz import pack, unpack


def test_arrays_come_back_as_they_were():
    arrays = {"labels": np.array(["joy", "Überraschung"]), "n": np.array(3), "empty": np.zeros((0, 4), np.float32)}
    found = unpack(pack(arrays))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_objects_are_never_pickled():
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"object": np.array([object()])})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", pack({"a": np.ones(100)})[:-40]])
def test_what_is_no_npz_is_refused(content):
    with pytest.raises(ValueError, match=r"\w"):
        unpack(content)
