package android.view;

/** A stand-in for the window of the app. */
public class Window {
  private final View decor = new View();

  public View getDecorView() {
    return decor;
  }
}
