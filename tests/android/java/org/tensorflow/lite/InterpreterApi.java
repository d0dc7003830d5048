package org.tensorflow.lite;

import java.util.Map;

/** The interface of every interpreter, with the innermost of three classes of options. */
public interface InterpreterApi extends AutoCloseable {
  /** Options that every implementation knows. */
  class Options {
    int numThreads = -1;
    Boolean useXNNPACK;

    public Options() {}

    public Options(Options other) {
      numThreads = other.numThreads;
      useXNNPACK = other.useXNNPACK;
    }

    public Options setNumThreads(int numThreads) {
      this.numThreads = numThreads;
      return this;
    }

    public int getNumThreads() {
      return numThreads;
    }

    public Options setUseXNNPACK(boolean useXNNPACK) {
      this.useXNNPACK = useXNNPACK;
      return this;
    }
  }

  void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String signatureKey);

  void runSignature(Map<String, Object> inputs, Map<String, Object> outputs);

  Tensor getInputTensorFromSignature(String inputName, String signatureKey);

  Tensor getOutputTensorFromSignature(String outputName, String signatureKey);

  String[] getSignatureKeys();

  String[] getSignatureInputs(String signatureKey);

  String[] getSignatureOutputs(String signatureKey);

  int getInputTensorCount();

  Tensor getInputTensor(int index);

  int getOutputTensorCount();

  Tensor getOutputTensor(int index);

  void allocateTensors();

  @Override
  void close();
}
