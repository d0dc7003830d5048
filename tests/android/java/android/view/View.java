package android.view;

/** A stand-in for a part of the window. */
public class View {
  private int left;
  private int top;
  private int width;
  private int height;
  private WindowInsets insets;

  /** Puts the view into the window, in pixels. */
  public void place(int left, int top, int width, int height) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.height = height;
  }

  /** Says what covers the window; before that it is not there yet. */
  public void cover(WindowInsets insets) {
    this.insets = insets;
  }

  public int getWidth() {
    return width;
  }

  public int getHeight() {
    return height;
  }

  public void getLocationInWindow(int[] place) {
    place[0] = left;
    place[1] = top;
  }

  public WindowInsets getRootWindowInsets() {
    return insets;
  }
}
