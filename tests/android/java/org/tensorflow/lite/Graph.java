package org.tensorflow.lite;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Computes one graph in float, operator by operator. Inputs and outputs have the memory of their tensors. */
final class Graph {
  private final ModelFile.GraphInfo info;
  private final Map<Integer, TensorImpl> tensors = new HashMap<>();
  private final float[][] values;

  Graph(ModelFile.GraphInfo info, ModelFile file) {
    this.info = info;
    values = new float[info.tensors.size()][];
    for (int index = 0; index < values.length; index++) {
      ModelFile.TensorInfo tensor = info.tensors.get(index);
      ByteBuffer content = file.values(tensor);
      values[index] = content == null ? null : Numbers.read(content, tensor.type);
    }
    for (int[] border : new int[][] {info.inputs, info.outputs}) {
      for (int index : border) {
        tensors.put(index, new TensorImpl(index, info.tensors.get(index)));
      }
    }
  }

  int inputCount() {
    return info.inputs.length;
  }

  TensorImpl inputAt(int index) {
    return at(info.inputs, index, "input");
  }

  int outputCount() {
    return info.outputs.length;
  }

  TensorImpl outputAt(int index) {
    return at(info.outputs, index, "output");
  }

  TensorImpl tensor(int index) {
    return tensors.get(index);
  }

  void run() {
    for (int index : info.inputs) {
      values[index] = Numbers.read(tensor(index).memory(), info.tensors.get(index).type);
    }
    for (ModelFile.OperatorInfo operator : info.operators) {
      values[operator.outputs[0]] = compute(operator);
    }
    for (int index : info.outputs) {
      Numbers.write(values[index], tensor(index).memory());
    }
  }

  private TensorImpl at(int[] border, int index, String kind) {
    if (index < 0 || index >= border.length) {
      throw new IllegalArgumentException("Invalid " + kind + " Tensor index: " + index);
    }
    return tensor(border[index]);
  }

  private float[] compute(ModelFile.OperatorInfo operator) {
    float[] x = values[operator.inputs[0]];
    int[] shape = info.tensors.get(operator.inputs[0]).shape;
    switch (operator.code) {
      case 6: // DEQUANTIZE: float16 was widened when it was read
      case 22: // RESHAPE
      case 53: // CAST
        return x;
      case 45: // STRIDED_SLICE
        return whole(x, info.tensors.get(operator.outputs[0]).shape);
      case 36: // GATHER
        return Kernels.gather(x, shape[0], second(operator));
      case 74: // SUM
        return Kernels.sum(x, shape, second(operator));
      case 18: // MUL
        return Kernels.pairwise(x, second(operator), (a, b) -> a * b);
      case 42: // DIV
        return Kernels.pairwise(x, second(operator), (a, b) -> a / b);
      case 9: // FULLY_CONNECTED
        return Kernels.fullyConnected(x, second(operator));
      case 28: // TANH
        return Kernels.each(x, a -> (float) Math.tanh(a));
      case 14: // LOGISTIC
        return Kernels.each(x, a -> (float) (1 / (1 + Math.exp(-a))));
      case 25: // SOFTMAX
        return Kernels.softmax(x);
      default:
        throw new IllegalStateException("Internal error: this stand-in has no operator " + operator.code);
    }
  }

  private float[] second(ModelFile.OperatorInfo operator) {
    return values[operator.inputs[1]];
  }

  private static float[] whole(float[] x, int[] shape) {
    if (Arrays.stream(shape).reduce(1, (a, b) -> a * b) != x.length) {
      throw new IllegalStateException("Internal error: this stand-in has no slices but whole ones");
    }
    return x;
  }
}
