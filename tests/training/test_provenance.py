"""What is passed on of a run tells of no machine."""

import pytest

from training.provenance import without_folders


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/home/ada/runs/base", "base"),
        ("fit --teacher /a/one,/b/two --out=/c/run", "fit --teacher one,two --out=run"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("runs/base and 1 / 2", "runs/base and 1 / 2"),
        ({"runs": ["/a/b", 3, None]}, {"runs": ["b", 3, None]}),
    ],
)
def test_absolute_paths_are_cut_down_to_their_names(value, expected):
    assert without_folders(value) == expected
