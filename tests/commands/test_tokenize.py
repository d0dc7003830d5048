import json

from mobile_app.engine.bundle import Bundle
from tests.commands.helpers import assert_refused, mobile_app


def test_every_line_gives_a_list_of_ids(bundle_path):
    lines = ["I am happy.", "", "unhappy [MASK]", "  漢 \u0085", "a b", "very " * 40]
    done = mobile_app("tokenize", "--bundle", bundle_path, stdin="\n".join(lines))
    tokenizer = Bundle.open(bundle_path).tokenizer()
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [tokenizer.encode(line) for line in lines]


def test_bytes_that_are_no_utf8_are_refused_with_their_line(bundle_path):
    done = mobile_app("tokenize", "--bundle", bundle_path, stdin=b"\xff\n")
    assert_refused(done, "byte 0xFF at position 1 of line 1")
