"""What a developer says about their app is checked once, kindly."""

import pytest

from mobile_app.engine.errors import UndertoneError
from mobile_app.packaging.app_config import AppConfig, AppConfigError
from mobile_app.packaging.png import plain


def test_the_defaults_are_an_app():
    app = AppConfig()
    assert (app.identity, app.upload_number) == ("io.github.undertone.undertone", 1000)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": ""}, r"title to be 1 to 50 characters"),
        ({"title": 'Say "hi"'}, "without quotes"),
        ({"package": "My-App"}, r"package to be lower-case letters.*found 'My-App'"),
        ({"package": "class"}, "no words that Java reserves; found class"),
        ({"domain": "github"}, "at least two parts"),
        ({"domain": "org.test"}, "a domain of your own"),
        ({"version": "1.2"}, "three numbers such as \"1.2.0\"; found '1.2'"),
        ({"numeric_version": 0}, "a whole number from 1"),
        ({"numeric_version": "7"}, "numeric_version to be a number"),
        ({"icon_colour": "red"}, 'a colour such as "#7b3f63"'),
        ({"languages": ["English"]}, "language tags"),
        ({"languages": []}, "languages to be at least one"),
        ({"languages": ["en", "en"]}, "each value once"),
        ({"recipes": ["int8"]}, "a recipe, one of fp32, fp16"),
        ({"recipes": "fp32"}, r'recipes to be a list such as \["a", "b"\]'),
        ({"architectures": ["mips"]}, "one or both of arm64-v8a, x86_64"),
        ({"titel": "x"}, "found 'titel'; write title"),
        ({"icon": "nowhere.png"}, "name an existing PNG file"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_remedy(values, message, tmp_path):
    with pytest.raises(UndertoneError, match=message):
        AppConfig.from_values(values, tmp_path)


def test_an_icon_must_be_a_square_png_that_is_large_enough(tmp_path):
    (tmp_path / "small.png").write_bytes(plain("#102030", 64))
    (tmp_path / "photo.png").write_bytes(b"\xff\xd8\xff\xe0 a photo")
    with pytest.raises(AppConfigError, match=r"at least 192 x 192 pixels; found 64 x 64"):
        AppConfig(icon=tmp_path / "small.png")
    with pytest.raises(UndertoneError, match=r"save the picture as PNG"):
        AppConfig(icon=tmp_path / "photo.png")


def test_app_toml_is_read_with_paths_beside_it_and_flags_win(tmp_path):
    (tmp_path / "icon.png").write_bytes(plain("#102030", 256))
    file = tmp_path / "app.toml"
    file.write_text('title = "Moods"\nversion = "2.3.4"\nicon = "icon.png"\nlanguages = ["en", "pt-BR"]\n')
    app = AppConfig.from_toml(file, {"title": "Moods!"})
    assert (app.title, app.upload_number, app.icon, app.languages) == (
        "Moods!",
        2_003_004,
        tmp_path / "icon.png",
        ("en", "pt-BR"),
    )


def test_a_broken_or_missing_app_toml_is_refused(tmp_path):
    (tmp_path / "app.toml").write_text("title = Moods\n")
    with pytest.raises(AppConfigError, match='write lines such as title = "My app"'):
        AppConfig.from_toml(tmp_path / "app.toml", {})
    with pytest.raises(AppConfigError, match="an app description in"):
        AppConfig.from_toml(tmp_path / "none.toml", {})
