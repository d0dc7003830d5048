package android.app;

import android.content.ContentResolver;
import android.content.Intent;
import android.content.res.Resources;
import android.view.View;
import android.view.Window;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** A stand-in for the running activity: what tests set, and what was started. */
public class Activity {
  public static final int RESULT_CANCELED = 0;
  public static final int RESULT_OK = -1;
  protected File filesDir;
  protected File cacheDir;
  private final List<Intent> started = new ArrayList<>();
  private final List<Integer> codes = new ArrayList<>();
  private final View content = new View();
  private boolean isAlone;
  private final Resources resources = new Resources();
  private final Window window = new Window();
  private final ContentResolver resolver = new ContentResolver();

  public ContentResolver getContentResolver() {
    return resolver;
  }

  public Resources getResources() {
    return resources;
  }

  public Window getWindow() {
    return window;
  }

  public File getFilesDir() {
    return filesDir;
  }

  public File getCacheDir() {
    return cacheDir;
  }

  public View findViewById(int id) {
    return id == 0x01020002 ? content : null;
  }

  public void startActivity(Intent intent) {
    if (isAlone) {
      throw new RuntimeException("No Activity found to handle Intent");
    }
    started.add(intent);
  }

  public void startActivityForResult(Intent intent, int requestCode) {
    startActivity(intent);
    codes.add(requestCode);
  }

  /** Removes all other apps from this phone. */
  public void removeOtherApps() {
    isAlone = true;
  }

  public List<Intent> started() {
    return started;
  }

  /** Returns the code of the oldest request without an answer, and forgets it; 0 if there is none. */
  public int nextCode() {
    return codes.isEmpty() ? 0 : codes.remove(0);
  }
}
