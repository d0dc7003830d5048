package org.tensorflow.lite;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor of a loaded model, with the checks of the real one on buffers that come in and go out. */
final class TensorImpl implements Tensor {
  private final int index;
  private final ModelFile.TensorInfo info;
  private final ByteBuffer memory;

  TensorImpl(int index, ModelFile.TensorInfo info) {
    this.index = index;
    this.info = info;
    this.memory = ByteBuffer.allocateDirect(numElements() * dataType().byteSize()).order(ByteOrder.nativeOrder());
  }

  @Override
  public DataType dataType() {
    return DataType.ofFile(info.type);
  }

  @Override
  public int numDimensions() {
    return info.shape.length;
  }

  @Override
  public int numBytes() {
    return memory.capacity();
  }

  @Override
  public int numElements() {
    int product = 1;
    for (int size : info.shape) {
      product *= size;
    }
    return product;
  }

  @Override
  public int[] shape() {
    return info.shape.clone();
  }

  @Override
  public int[] shapeSignature() {
    return info.shapeSignature.length > 0 ? info.shapeSignature.clone() : shape();
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public String name() {
    return info.name;
  }

  @Override
  public ByteBuffer asReadOnlyBuffer() {
    return memory().asReadOnlyBuffer().order(ByteOrder.nativeOrder());
  }

  /** Takes over an input: in one go from a direct buffer in native order, else from its position on. */
  void setTo(Object source) {
    ByteBuffer buffer = byteBuffer(source);
    if (buffer.capacity() != numBytes()) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot copy to a TensorFlowLite tensor (%s) with %d bytes from a Java Buffer with %d bytes.",
              name(), numBytes(), buffer.capacity()));
    }
    if (buffer.isDirect() && buffer.order() == ByteOrder.nativeOrder()) {
      ByteBuffer whole = buffer.duplicate();
      ((Buffer) whole).clear();
      memory().put(whole);
    } else {
      memory().put(buffer);
    }
  }

  /** Writes an output at the position of a buffer. */
  void copyTo(Object target) {
    ByteBuffer buffer = byteBuffer(target);
    if (buffer.capacity() < numBytes()) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot copy from a TensorFlowLite tensor (%s) with %d bytes to a Java Buffer with %d bytes.",
              name(), numBytes(), buffer.capacity()));
    }
    buffer.put(memory());
  }

  /** Returns the memory of the tensor, from its start. */
  ByteBuffer memory() {
    ByteBuffer view = memory.duplicate().order(ByteOrder.nativeOrder());
    ((Buffer) view).clear();
    return view;
  }

  private static ByteBuffer byteBuffer(Object object) {
    if (object == null) {
      throw new IllegalArgumentException("Null is allowed only if the Tensor is bound to a buffer handle.");
    }
    if (!(object instanceof ByteBuffer)) {
      throw new IllegalArgumentException("DataType error: cannot resolve DataType of " + object.getClass().getName());
    }
    return (ByteBuffer) object;
  }
}
