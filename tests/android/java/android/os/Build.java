package android.os;

/** A stand-in for facts about the phone. */
public class Build {
  /** The version of Android. */
  public static class VERSION {
    public static int SDK_INT = 36;

    /** Changes the phone. */
    public static void set(int version) {
      SDK_INT = version;
    }
  }
}
