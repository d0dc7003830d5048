package org.tensorflow.lite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/** Reads a .tflite file: a FlatBuffer whose tables are addressed by the numbers of their fields. */
final class ModelFile {
  final List<GraphInfo> graphs = new ArrayList<>();
  final List<SignatureInfo> signatures = new ArrayList<>();
  private final List<ByteBuffer> buffers = new ArrayList<>();
  private final List<Integer> operatorCodes = new ArrayList<>();
  private final ByteBuffer file;

  /** Name, type, shape and where the values of a constant are. */
  static final class TensorInfo {
    String name;
    int type;
    int[] shape;
    int[] shapeSignature;
    int buffer;
  }

  /** Operator code, inputs and outputs by index of the tensor; -1 is an absent input. */
  static final class OperatorInfo {
    int code;
    int[] inputs;
    int[] outputs;
  }

  /** Tensors and the operators in their order of execution. */
  static final class GraphInfo {
    final List<TensorInfo> tensors = new ArrayList<>();
    final List<OperatorInfo> operators = new ArrayList<>();
    int[] inputs;
    int[] outputs;
  }

  /** Names of inputs and outputs, sorted as the native library sorts them. */
  static final class SignatureInfo {
    final Map<String, Integer> inputs = new TreeMap<>();
    final Map<String, Integer> outputs = new TreeMap<>();
    String key;
    int graph;
  }

  ModelFile(ByteBuffer content) {
    file = content.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int model = file.getInt(0);
    each(model, 4, table -> buffers.add(bytes(table, 0)));
    each(model, 1, table -> operatorCodes.add(Math.max(byteField(table, 0), intField(table, 3))));
    each(model, 2, table -> graphs.add(graph(table)));
    each(model, 7, table -> signatures.add(signature(table)));
  }

  /** Returns the values of a constant, or null where a tensor is computed. */
  ByteBuffer values(TensorInfo tensor) {
    ByteBuffer found = buffers.get(tensor.buffer);
    return found == null ? null : found.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  private GraphInfo graph(int table) {
    GraphInfo graph = new GraphInfo();
    each(table, 0, tensor -> graph.tensors.add(tensor(tensor)));
    graph.inputs = ints(table, 1);
    graph.outputs = ints(table, 2);
    each(table, 3, operator -> graph.operators.add(operator(operator)));
    return graph;
  }

  private TensorInfo tensor(int table) {
    TensorInfo tensor = new TensorInfo();
    tensor.shape = ints(table, 0);
    tensor.type = byteField(table, 1);
    tensor.buffer = intField(table, 2);
    tensor.name = string(table, 3);
    tensor.shapeSignature = ints(table, 7);
    return tensor;
  }

  private OperatorInfo operator(int table) {
    OperatorInfo operator = new OperatorInfo();
    operator.code = operatorCodes.get(intField(table, 0));
    operator.inputs = ints(table, 1);
    operator.outputs = ints(table, 2);
    return operator;
  }

  private SignatureInfo signature(int table) {
    SignatureInfo signature = new SignatureInfo();
    each(table, 0, map -> signature.inputs.put(string(map, 0), intField(map, 1)));
    each(table, 1, map -> signature.outputs.put(string(map, 0), intField(map, 1)));
    signature.key = string(table, 2);
    signature.graph = intField(table, 4);
    return signature;
  }

  /** Returns where a field of a table is, or 0 where it is absent. */
  private int field(int table, int number) {
    int layout = table - file.getInt(table);
    int slot = 4 + 2 * number;
    int offset = slot < file.getShort(layout) ? file.getShort(layout + slot) : 0;
    return offset == 0 ? 0 : table + offset;
  }

  private int intField(int table, int number) {
    int place = field(table, number);
    return place == 0 ? 0 : file.getInt(place);
  }

  private int byteField(int table, int number) {
    int place = field(table, number);
    return place == 0 ? 0 : file.get(place);
  }

  /** Returns where the elements of a vector begin, after their number; 0 where it is absent. */
  private int vector(int table, int number) {
    int place = field(table, number);
    return place == 0 ? 0 : place + file.getInt(place);
  }

  private void each(int table, int number, IntConsumer read) {
    int start = vector(table, number);
    int count = start == 0 ? 0 : file.getInt(start);
    for (int i = 0; i < count; i++) {
      int place = start + 4 + 4 * i;
      read.accept(place + file.getInt(place));
    }
  }

  private int[] ints(int table, int number) {
    int start = vector(table, number);
    int[] values = new int[start == 0 ? 0 : file.getInt(start)];
    for (int i = 0; i < values.length; i++) {
      values[i] = file.getInt(start + 4 + 4 * i);
    }
    return values;
  }

  private ByteBuffer bytes(int table, int number) {
    int start = vector(table, number);
    if (start == 0) {
      return null;
    }
    int length = file.getInt(start);
    if (length < 0 || start + 4 + length > file.limit()) {
      throw new IndexOutOfBoundsException("a buffer ends behind the file");
    }
    ByteBuffer part = file.duplicate();
    part.position(start + 4);
    part.limit(start + 4 + length);
    return part.slice();
  }

  private String string(int table, int number) {
    ByteBuffer content = bytes(table, number);
    return content == null ? "" : StandardCharsets.UTF_8.decode(content).toString();
  }
}
