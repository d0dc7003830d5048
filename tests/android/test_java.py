from concurrent.futures import ThreadPoolExecutor

import pytest

from mobile_app.engine import java as engine_java
from mobile_app.engine.errors import InterpreterError, UndertoneError


@pytest.fixture(autouse=True)
def nothing_resolved(monkeypatch):
    monkeypatch.setattr(engine_java, "_resolved", {})


def on_another_thread(job):
    with ThreadPoolExecutor(1, thread_name_prefix="engine") as thread:
        return thread.submit(job).result()


def test_a_class_resolved_on_the_main_thread_serves_every_thread(java):
    engine_java.resolve(["java.util.HashMap"])
    assert on_another_thread(lambda: engine_java.java_class("java.util.HashMap")().size()) == 0


def test_a_class_is_not_looked_up_on_another_thread(java):
    with pytest.raises(UndertoneError, match=r"HashMap to be looked up on the main thread; found the thread engine_0"):
        on_another_thread(lambda: engine_java.java_class("java.util.HashMap"))


def test_an_app_without_litert_says_what_to_add(java):
    with pytest.raises(UndertoneError, match=r"class org\.tensorflow\.lite\.Gone in this app; .*gradle_dependencies"):
        engine_java.java_class("org.tensorflow.lite.Gone")


def test_a_missing_class_of_the_system_is_named(java):
    with pytest.raises(UndertoneError, match=r"android\.view\.Gone in this app; found NoClassDefFoundError.*check"):
        engine_java.java_class("android.view.Gone")


def test_preparing_does_nothing_on_a_desktop(monkeypatch):
    monkeypatch.delenv("ANDROID_ARGUMENT", raising=False)
    engine_java.prepare_interpreter()
    assert engine_java._resolved == {}


def test_a_prepared_interpreter_opens_on_another_thread(phone, bundle_path):
    from mobile_app.engine.interpreter import open_interpreter

    path = bundle_path / "model.fp32.tflite"
    with pytest.raises(UndertoneError, match="on the main thread"):
        on_another_thread(lambda: open_interpreter(path))
    engine_java.prepare_interpreter()
    assert "encode_8" in on_another_thread(lambda: open_interpreter(path)).signatures


def test_exceptions_of_java_become_one_line(java):
    integer = engine_java.java_class("java.lang.Integer")
    with (
        pytest.raises(InterpreterError, match=r'a number; found NumberFormatException: For input string: "x"; retry$'),
        engine_java.java_errors(InterpreterError, "a number", "retry"),
    ):
        integer.parseInt("x")


def test_other_exceptions_pass_unchanged(java):
    with pytest.raises(KeyError), engine_java.java_errors(InterpreterError, "a number", "retry"):
        {}["x"]
