package org.tensorflow.lite;

import java.nio.ByteBuffer;

/** What callers see of a tensor; its implementation is not public. */
public interface Tensor {
  DataType dataType();

  int numDimensions();

  int numBytes();

  int numElements();

  int[] shape();

  int[] shapeSignature();

  int index();

  String name();

  ByteBuffer asReadOnlyBuffer();
}
