package android.os;

/** A stand-in for the languages of the phone. */
public final class LocaleList {
  private final String tags;

  public LocaleList(String tags) {
    this.tags = tags;
  }

  public String toLanguageTags() {
    return tags;
  }
}
