"""What the system says about itself."""

import os


def prefers_dark() -> bool:
    """Return whether the phone is set to a dark theme; False where the system cannot be asked."""
    if "ANDROID_ARGUMENT" not in os.environ:
        return False
    from jnius import autoclass  # type: ignore[import-not-found]  # only on Android

    night_mask, night_yes = 0x30, 0x20  # android.content.res.Configuration.UI_MODE_NIGHT_*
    activity = autoclass("org.kivy.android.PythonActivity").mActivity
    return bool(activity.getResources().getConfiguration().uiMode & night_mask == night_yes)
