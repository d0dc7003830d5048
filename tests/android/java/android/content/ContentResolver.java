package android.content;

import android.net.Uri;
import android.os.ParcelFileDescriptor;
import java.io.FileNotFoundException;

/** A stand-in for the way to the content of documents. */
public class ContentResolver {
  public ParcelFileDescriptor openFileDescriptor(Uri uri, String mode) throws FileNotFoundException {
    if (uri.file.getName().equals("nowhere")) {
      return null;
    }
    return ParcelFileDescriptor.open(uri.file, mode);
  }
}
