package android.os;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;

/** A stand-in for a file descriptor of the system that an app may take over. */
public class ParcelFileDescriptor {
  // Java must not close what the app has taken over.
  private static final List<Object> GIVEN_AWAY = new ArrayList<>();
  private final Object stream;
  private final FileDescriptor descriptor;

  private ParcelFileDescriptor(Object stream, FileDescriptor descriptor) {
    this.stream = stream;
    this.descriptor = descriptor;
  }

  public static ParcelFileDescriptor open(File file, String mode) throws FileNotFoundException {
    try {
      if (mode.equals("r")) {
        FileInputStream stream = new FileInputStream(file);
        return new ParcelFileDescriptor(stream, stream.getFD());
      }
      if (mode.equals("wt")) {
        FileOutputStream stream = new FileOutputStream(file);
        return new ParcelFileDescriptor(stream, stream.getFD());
      }
    } catch (FileNotFoundException error) {
      throw error;
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
    throw new IllegalArgumentException("Bad mode: " + mode);
  }

  public int detachFd() throws ReflectiveOperationException {
    GIVEN_AWAY.add(stream);
    Field number = FileDescriptor.class.getDeclaredField("fd");
    number.setAccessible(true);
    return number.getInt(descriptor);
  }
}
