package android.content.res;

import android.os.LocaleList;

/** A stand-in for what the person has set. */
public final class Configuration {
  public float fontScale = 1f;
  public int uiMode = 0x11;
  private String tags = "en-US";

  /** Sets what the person sets. */
  public void set(int uiMode, float fontScale, String tags) {
    this.uiMode = uiMode;
    this.fontScale = fontScale;
    this.tags = tags;
  }

  public LocaleList getLocales() {
    return new LocaleList(tags);
  }
}
