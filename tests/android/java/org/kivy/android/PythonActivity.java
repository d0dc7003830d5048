package org.kivy.android;

import android.app.Activity;
import android.content.Intent;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** A stand-in for the activity of python-for-android, which passes results on to listeners. */
public class PythonActivity extends Activity {
  /** Who hears of results. */
  public interface ActivityResultListener {
    void onActivityResult(int requestCode, int resultCode, Intent data);
  }

  public static PythonActivity mActivity = new PythonActivity();
  private final List<ActivityResultListener> listeners = new ArrayList<>();

  /** Begins anew with these folders. */
  public static PythonActivity start(String files, String cache) {
    mActivity = new PythonActivity();
    mActivity.filesDir = new File(files);
    mActivity.cacheDir = new File(cache);
    return mActivity;
  }

  public void registerActivityResultListener(ActivityResultListener listener) {
    listeners.add(listener);
  }

  /** Answers a request as the system does: on a thread of its own, to everyone. */
  public void answer(int requestCode, int resultCode, Intent data) {
    Thread system =
        new Thread(
            () -> {
              for (ActivityResultListener listener : listeners) {
                listener.onActivityResult(requestCode, resultCode, data);
              }
            });
    system.start();
  }
}
