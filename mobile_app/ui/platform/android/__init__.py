"""The system around the app on Android, through pyjnius."""

from mobile_app.engine.java import java_class
from mobile_app.ui.platform.android.appearance import AndroidAppearance
from mobile_app.ui.platform.android.documents import AndroidDocuments
from mobile_app.ui.platform.android.folders import AndroidFolders
from mobile_app.ui.platform.android.results import ActivityResults
from mobile_app.ui.platform.android.sharing import AndroidSharing
from mobile_app.ui.platform.android.surroundings import AndroidSurroundings
from mobile_app.ui.platform.interfaces import Platform
from mobile_app.ui.worker import Deliver


def android_platform(deliver: Deliver) -> Platform:
    """Return the phone around the app; call it on the main thread.

    :raises UndertoneError: if this is another thread.
    """
    activity = java_class("org.kivy.android.PythonActivity").mActivity
    return Platform(
        AndroidAppearance(activity),
        AndroidSurroundings(activity),
        AndroidFolders(activity),
        AndroidDocuments(activity, ActivityResults(activity), deliver),
        AndroidSharing(activity),
    )
