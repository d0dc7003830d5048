package org.tensorflow.lite;

/** The arithmetic of the few operators that the models of the tests have. */
final class Kernels {
  private Kernels() {}

  /** A function of one number. */
  interface One {
    float of(float a);
  }

  /** A function of two numbers. */
  interface Two {
    float of(float a, float b);
  }

  static float[] each(float[] x, One function) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = function.of(x[i]);
    }
    return y;
  }

  /** Combines two tensors; the smaller is repeated along the last axis of the larger. */
  static float[] pairwise(float[] a, float[] b, Two function) {
    int size = Math.max(a.length, b.length);
    float[] y = new float[size];
    for (int i = 0; i < size; i++) {
      y[i] = function.of(a[i / (size / a.length)], b[i / (size / b.length)]);
    }
    return y;
  }

  static float[] gather(float[] table, int rows, float[] indices) {
    int width = table.length / rows;
    float[] y = new float[indices.length * width];
    for (int i = 0; i < indices.length; i++) {
      int row = (int) indices[i];
      if (row < 0 || row >= rows) {
        throw new IllegalStateException(
            "Internal error: Failed to run on the given Interpreter: gather index out of bounds");
      }
      System.arraycopy(table, row * width, y, i * width, width);
    }
    return y;
  }

  /** Sums over the middle axis of [1, length, width]. */
  static float[] sum(float[] x, int[] shape, float[] axes) {
    if (axes.length != 1 || axes[0] != 1 || shape.length != 3) {
      throw new IllegalStateException("Internal error: this stand-in sums over the second of three axes alone");
    }
    float[] y = new float[shape[2]];
    for (int i = 0; i < x.length; i++) {
      y[i % shape[2]] += x[i];
    }
    return y;
  }

  static float[] fullyConnected(float[] x, float[] weights) {
    float[] y = new float[weights.length / x.length];
    for (int i = 0; i < weights.length; i++) {
      y[i / x.length] += weights[i] * x[i % x.length];
    }
    return y;
  }

  static float[] softmax(float[] x) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : x) {
      largest = Math.max(largest, value);
    }
    float top = largest;
    float[] y = each(x, value -> (float) Math.exp(value - top));
    float total = 0;
    for (float value : y) {
      total += value;
    }
    float all = total;
    return each(y, value -> value / all);
  }
}
