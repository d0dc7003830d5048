"""Results of activities, brought to Python callbacks through a Java listener as python-for-android does."""

from jnius import PythonJavaClass, autoclass, java_method

_listeners = []


class _Listener(PythonJavaClass):
    __javainterfaces__ = ["org/kivy/android/PythonActivity$ActivityResultListener"]

    def __init__(self, callback):
        super().__init__()
        self._callback = callback

    @java_method("(IILandroid/content/Intent;)V")
    def onActivityResult(self, request_code, result_code, intent):
        self._callback(request_code, result_code, intent)


def bind(*, on_activity_result):
    listener = _Listener(on_activity_result)
    _listeners.append(listener)  # Java holds no reference to it
    autoclass("org.kivy.android.PythonActivity").mActivity.registerActivityResultListener(listener)
