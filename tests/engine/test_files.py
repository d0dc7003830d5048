import hashlib

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.engine.files import new_folder, sha256_of, write_file


def test_the_hash_is_that_of_the_whole_file(tmp_path):
    content = b"x" * (3 << 20)
    (tmp_path / "file").write_bytes(content)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "folder" / "file"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [child.name for child in path.parent.iterdir()] == ["file"]


def test_a_file_that_cannot_be_written_is_refused_with_the_reason(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(UndertoneError, match=r"to write .*file; found Is a directory; free some space"):
        write_file(tmp_path / "file", b"new")
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_a_folder_appears_only_when_it_is_finished(tmp_path):
    path = tmp_path / "bundle"
    with new_folder(path) as folder:
        (folder / "file").write_text("content")
        assert not path.exists()
    assert (path / "file").read_text() == "content"


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), new_folder(tmp_path / "bundle") as folder:
        (folder / "file").write_text("content")
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_kept_unless_overwriting_is_allowed(tmp_path):
    path = tmp_path / "bundle"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(UndertoneError, match="add --overwrite"), new_folder(path):
        pass
    assert (path / "old").exists()
    with new_folder(path, overwrite=True) as folder:
        (folder / "new").touch()
    assert [child.name for child in path.iterdir()] == ["new"]
    assert [child.name for child in tmp_path.iterdir()] == ["bundle"]
