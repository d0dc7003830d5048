package org.tensorflow.lite;

/** Element types; the order of the file format's own enumeration is in {@link #ofFile}. */
public enum DataType {
  FLOAT32(4),
  INT32(4),
  UINT8(1),
  INT64(8),
  STRING(-1),
  BOOL(1),
  INT16(2),
  INT8(1);

  private final int size;

  DataType(int size) {
    this.size = size;
  }

  public int byteSize() {
    return size;
  }

  /** The real one has no FLOAT16 either: such tensors stay inside the model. */
  static DataType ofFile(int code) {
    switch (code) {
      case 0:
        return FLOAT32;
      case 2:
        return INT32;
      case 3:
        return UINT8;
      case 4:
        return INT64;
      case 5:
        return STRING;
      case 6:
        return BOOL;
      case 7:
        return INT16;
      case 9:
        return INT8;
      default:
        throw new IllegalArgumentException("DataType error: DataType " + code + " is not recognized in Java");
    }
  }
}
