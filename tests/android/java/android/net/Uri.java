package android.net;

import java.io.File;

/** A stand-in for addresses of documents; here they are files. */
public class Uri {
  public final File file;

  private Uri(File file) {
    this.file = file;
  }

  public static Uri fromFile(File file) {
    return new Uri(file);
  }
}
