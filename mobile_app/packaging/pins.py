"""Every version that an Android build depends on, in one place: the spec, the doctor and the docs read them here."""

from dataclasses import dataclass

BUILDOZER = "1.6.0"
P4A = "2026.5.9"
P4A_COMMIT = "58d21141f17c889bf8585f5665921d72028f8831"  # tag v2026.05.09, the release on PyPI
BOOTSTRAP = "sdl2"  # Kivy 2.3.1 has no SDL3 code
API, MIN_API = 36, 24  # Play asks for 36 since 2026-08-31; numpy's recipe asks for 24
NDK, NDK_REVISION = "28c", "28.2."  # pages of 16 KB by default since r28
JDK = 17
LITERT = "1.4.1"  # the last line with org.tensorflow.lite.Interpreter and 16 KB pages
GRADLE = tuple(f"com.google.ai.edge.litert:{artifact}:{LITERT}" for artifact in ("litert", "litert-api"))
PHONE_PYTHON, PHONE_NUMPY = "3.14.2", "2.3.0"
REQUIREMENTS = ("python3", "kivy==2.3.1", "numpy", "pyjnius", "android", "sqlite3", "filetype")
ARCHITECTURES = ("arm64-v8a", "x86_64")
PAGE = 16384
BUDGET_MB = 45.0
# What buildozer downloads of what Google alone distributes (for Linux; the SDK's tag is part of buildozer 1.6.0).
GOOGLE = "https://dl.google.com/android/repository"
SDK_FILE, NDK_FILE = "commandlinetools-linux-6514223_latest.zip", f"android-ndk-r{NDK}-linux.zip"
SIGNING = (
    "P4A_RELEASE_KEYSTORE",
    "P4A_RELEASE_KEYALIAS",
    "P4A_RELEASE_KEYSTORE_PASSWD",
    "P4A_RELEASE_KEYALIAS_PASSWD",
)


@dataclass(frozen=True)
class Component:
    """Third-party software inside the APK.

    :param licence: its SPDX identifier.
    """

    name: str
    version: str
    licence: str
    source: str


COMPONENTS = (
    Component("Python", PHONE_PYTHON, "PSF-2.0", "https://www.python.org"),
    Component("Kivy", "2.3.1", "MIT", "https://kivy.org"),
    Component("NumPy", PHONE_NUMPY, "BSD-3-Clause", "https://numpy.org"),
    Component("PyJNIus", "1.7.0", "MIT", "https://github.com/kivy/pyjnius"),
    Component("python-for-android", P4A, "MIT", "https://github.com/kivy/python-for-android"),
    Component("LiteRT", LITERT, "Apache-2.0", "https://ai.google.dev/edge/litert"),
    Component("SDL, SDL_image, SDL_mixer, SDL_ttf", "2.30.11", "Zlib", "https://www.libsdl.org"),
    Component("SQLite", "3.50.4", "blessing", "https://sqlite.org"),
    Component("OpenSSL", "3.3.1", "Apache-2.0", "https://www.openssl.org"),
    Component("libffi", "3.4.2", "MIT", "https://github.com/libffi/libffi"),
    Component("filetype, six, chardet, idna, urllib3, certifi, requests", "by Kivy", "various", "https://pypi.org"),
)
