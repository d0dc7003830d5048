package org.tensorflow.lite;

import java.nio.ByteBuffer;

/** Converts the memory of tensors to floats and back. */
final class Numbers {
  private static final int FLOAT32 = 0;
  private static final int FLOAT16 = 1;
  private static final int INT32 = 2;

  private Numbers() {}

  static float[] read(ByteBuffer content, int type) {
    float[] values = new float[content.remaining() / (type == FLOAT16 ? 2 : 4)];
    for (int i = 0; i < values.length; i++) {
      values[i] = next(content, type);
    }
    return values;
  }

  static void write(float[] values, ByteBuffer target) {
    for (float value : values) {
      target.putFloat(value);
    }
  }

  private static float next(ByteBuffer content, int type) {
    switch (type) {
      case FLOAT32:
        return content.getFloat();
      case FLOAT16:
        return widened(content.getShort());
      case INT32:
        return content.getInt();
      default:
        throw new IllegalStateException("Internal error: this stand-in has no type " + type);
    }
  }

  private static float widened(short half) {
    int exponent = (half >> 10) & 0x1f;
    float fraction = (half & 0x3ff) / 1024f;
    float size = exponent == 0 ? fraction * (float) Math.pow(2, -14) : (1 + fraction) * (float) Math.pow(2, exponent - 15);
    return half < 0 ? -size : size;
  }
}
