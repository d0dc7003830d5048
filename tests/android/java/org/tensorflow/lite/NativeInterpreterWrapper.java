package org.tensorflow.lite;

import java.io.File;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** In the real library the border to native code; here it reads the file and computes itself. */
class NativeInterpreterWrapper {
  private final List<Graph> graphs = new ArrayList<>();
  private final Map<String, Signature> signatures = new TreeMap<>();

  NativeInterpreterWrapper(File file, InterpreterImpl.Options options) {
    this(map(file), file.toString());
  }

  NativeInterpreterWrapper(ByteBuffer buffer, InterpreterImpl.Options options) {
    this(checked(buffer), "ByteBuffer");
  }

  private NativeInterpreterWrapper(ByteBuffer content, String source) {
    try {
      ModelFile file = new ModelFile(content);
      for (ModelFile.GraphInfo info : file.graphs) {
        graphs.add(new Graph(info, file));
      }
      for (ModelFile.SignatureInfo info : file.signatures) {
        signatures.put(info.key, new Signature(info, graphs.get(info.graph)));
      }
    } catch (IndexOutOfBoundsException | BufferUnderflowException | NegativeArraySizeException error) {
      throw new IllegalArgumentException(
          "Contents of " + source + " does not encode a valid TensorFlow Lite model: " + error.getMessage());
    }
  }

  String[] signatureKeys() {
    return signatures.keySet().toArray(new String[0]);
  }

  Signature signature(String key) {
    if (!signatures.containsKey(key)) {
      throw new IllegalArgumentException("Input error: Signature " + key + " not found.");
    }
    return signatures.get(key);
  }

  Graph primary() {
    return graphs.get(0);
  }

  void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String key) {
    if (inputs == null || inputs.isEmpty()) {
      throw new IllegalArgumentException("Input error: Inputs should not be null or empty.");
    }
    if (outputs == null) {
      throw new IllegalArgumentException("Input error: Outputs should not be null.");
    }
    Signature signature = signature(key);
    for (Map.Entry<String, Object> input : inputs.entrySet()) {
      signature.input(input.getKey()).setTo(input.getValue());
    }
    signature.graph.run();
    for (Map.Entry<String, Object> output : outputs.entrySet()) {
      if (output.getValue() != null) {
        signature.output(output.getKey()).copyTo(output.getValue());
      }
    }
  }

  private static ByteBuffer map(File file) {
    try (FileChannel channel = FileChannel.open(file.toPath(), StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
    } catch (IOException error) {
      throw new IllegalArgumentException("Could not open '" + file + "'.");
    }
  }

  private static ByteBuffer checked(ByteBuffer buffer) {
    boolean isMapped = buffer instanceof MappedByteBuffer && buffer.isReadOnly();
    if (!isMapped && (!buffer.isDirect() || buffer.order() != ByteOrder.nativeOrder())) {
      throw new IllegalArgumentException(
          "Model ByteBuffer should be either a MappedByteBuffer of the model file, or a direct ByteBuffer using "
              + "ByteOrder.nativeOrder() which contains bytes of model content.");
    }
    return buffer;
  }

  /** Names for the inputs and outputs of a graph. */
  static final class Signature {
    final Graph graph;
    private final ModelFile.SignatureInfo info;

    Signature(ModelFile.SignatureInfo info, Graph graph) {
      this.info = info;
      this.graph = graph;
    }

    String[] inputNames() {
      return info.inputs.keySet().toArray(new String[0]);
    }

    String[] outputNames() {
      return info.outputs.keySet().toArray(new String[0]);
    }

    TensorImpl input(String name) {
      return find(info.inputs, name, "input");
    }

    TensorImpl output(String name) {
      return find(info.outputs, name, "output");
    }

    private TensorImpl find(Map<String, Integer> names, String name, String kind) {
      if (!names.containsKey(name)) {
        throw new IllegalArgumentException("Input error: " + kind + " " + name + " not found.");
      }
      return graph.tensor(names.get(name));
    }
  }
}
