package android.view;

import android.graphics.Insets;
import java.util.HashMap;
import java.util.Map;

/** A stand-in for what covers a window, by kind. */
public final class WindowInsets {
  /** The kinds, as bits. */
  public static final class Type {
    private Type() {}

    public static int statusBars() {
      return 1;
    }

    public static int navigationBars() {
      return 2;
    }

    public static int captionBar() {
      return 4;
    }

    public static int ime() {
      return 8;
    }

    public static int displayCutout() {
      return 128;
    }

    public static int systemBars() {
      return statusBars() | navigationBars() | captionBar();
    }
  }

  private final Map<Integer, Insets> kinds = new HashMap<>();

  public void set(int type, int left, int top, int right, int bottom) {
    kinds.put(type, Insets.of(left, top, right, bottom));
  }

  public Insets getInsets(int types) {
    Insets all = Insets.of(0, 0, 0, 0);
    for (Map.Entry<Integer, Insets> kind : kinds.entrySet()) {
      if ((kind.getKey() & types) != 0) {
        all = Insets.max(all, kind.getValue());
      }
    }
    return all;
  }
}
