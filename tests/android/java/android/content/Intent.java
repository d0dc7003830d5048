package android.content;

import android.net.Uri;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A stand-in for requests to other apps, with the overloads among which a caller must hit the right one. */
public class Intent {
  public static final String ACTION_SEND = "android.intent.action.SEND";
  public static final String ACTION_CHOOSER = "android.intent.action.CHOOSER";
  public static final String ACTION_OPEN_DOCUMENT = "android.intent.action.OPEN_DOCUMENT";
  public static final String ACTION_CREATE_DOCUMENT = "android.intent.action.CREATE_DOCUMENT";
  public static final String CATEGORY_OPENABLE = "android.intent.category.OPENABLE";
  public static final String EXTRA_TEXT = "android.intent.extra.TEXT";
  public static final String EXTRA_TITLE = "android.intent.extra.TITLE";
  public static final String EXTRA_INTENT = "android.intent.extra.INTENT";
  public static final String EXTRA_MIME_TYPES = "android.intent.extra.MIME_TYPES";
  private final Map<String, Object> extras = new HashMap<>();
  private final Set<String> categories = new HashSet<>();
  private String action;
  private String type;
  private Uri data;

  public Intent() {}

  public Intent(Intent other) {
    action = other.action;
    extras.putAll(other.extras);
  }

  public Intent(String action) {
    this.action = action;
  }

  public Intent(String action, Uri data) {
    this.action = action;
    this.data = data;
  }

  public static Intent createChooser(Intent target, CharSequence title) {
    Intent chooser = new Intent(ACTION_CHOOSER);
    chooser.extras.put(EXTRA_INTENT, target);
    chooser.extras.put(EXTRA_TITLE, title.toString());
    return chooser;
  }

  public Intent putExtra(String name, boolean value) {
    return put(name, value);
  }

  public Intent putExtra(String name, int value) {
    return put(name, value);
  }

  public Intent putExtra(String name, char value) {
    return put(name, value);
  }

  public Intent putExtra(String name, String value) {
    return put(name, value);
  }

  public Intent putExtra(String name, CharSequence value) {
    return put(name, value);
  }

  public Intent putExtra(String name, String[] value) {
    return put(name, value);
  }

  public Intent putExtra(String name, CharSequence[] value) {
    return put(name, value);
  }

  public Intent putExtra(String name, int[] value) {
    return put(name, value);
  }

  public Intent addCategory(String category) {
    categories.add(category);
    return this;
  }

  public boolean hasCategory(String category) {
    return categories.contains(category);
  }

  public Intent setType(String type) {
    this.type = type;
    return this;
  }

  public String getType() {
    return type;
  }

  public String getAction() {
    return action;
  }

  public Uri getData() {
    return data;
  }

  /** Like the real one, null where the extra is of another type. */
  public String getStringExtra(String name) {
    return extras.get(name) instanceof String ? (String) extras.get(name) : null;
  }

  public String[] getStringArrayExtra(String name) {
    return extras.get(name) instanceof String[] ? (String[]) extras.get(name) : null;
  }

  public Intent getIntentExtra(String name) {
    return (Intent) extras.get(name);
  }

  private Intent put(String name, Object value) {
    extras.put(name, value);
    return this;
  }
}
