package android.content.res;

/** A stand-in for the way to the configuration. */
public class Resources {
  private final Configuration configuration = new Configuration();

  public Configuration getConfiguration() {
    return configuration;
  }
}
