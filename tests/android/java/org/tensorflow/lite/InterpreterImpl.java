package org.tensorflow.lite;

import java.util.Map;

/** Not public, as in the real library: callers reach its methods through {@link Interpreter}. */
class InterpreterImpl implements InterpreterApi {
  /** The middle class of options. */
  static class Options extends InterpreterApi.Options {
    Boolean allowBufferHandleOutput;

    public Options() {}

    public Options(InterpreterApi.Options options) {
      super(options);
    }
  }

  private NativeInterpreterWrapper wrapper;

  InterpreterImpl(NativeInterpreterWrapper wrapper) {
    this.wrapper = wrapper;
  }

  @Override
  public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String signatureKey) {
    open().runSignature(inputs, outputs, keyOrOnly(signatureKey));
  }

  @Override
  public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs) {
    runSignature(inputs, outputs, null);
  }

  @Override
  public Tensor getInputTensorFromSignature(String inputName, String signatureKey) {
    return open().signature(keyOrOnly(signatureKey)).input(inputName);
  }

  @Override
  public Tensor getOutputTensorFromSignature(String outputName, String signatureKey) {
    return open().signature(keyOrOnly(signatureKey)).output(outputName);
  }

  @Override
  public String[] getSignatureKeys() {
    return open().signatureKeys();
  }

  @Override
  public String[] getSignatureInputs(String signatureKey) {
    return open().signature(signatureKey).inputNames();
  }

  @Override
  public String[] getSignatureOutputs(String signatureKey) {
    return open().signature(signatureKey).outputNames();
  }

  @Override
  public int getInputTensorCount() {
    return open().primary().inputCount();
  }

  @Override
  public Tensor getInputTensor(int index) {
    return open().primary().inputAt(index);
  }

  @Override
  public int getOutputTensorCount() {
    return open().primary().outputCount();
  }

  @Override
  public Tensor getOutputTensor(int index) {
    return open().primary().outputAt(index);
  }

  @Override
  public void allocateTensors() {
    open();
  }

  @Override
  public void close() {
    wrapper = null;
  }

  private NativeInterpreterWrapper open() {
    if (wrapper == null) {
      throw new IllegalStateException("Internal error: The Interpreter has already been closed.");
    }
    return wrapper;
  }

  private String keyOrOnly(String signatureKey) {
    String[] keys = getSignatureKeys();
    if (signatureKey == null && keys.length == 1) {
      return keys[0];
    }
    if (signatureKey == null) {
      throw new IllegalArgumentException("Input error: SignatureDef signatureKey should not be null.");
    }
    return signatureKey;
  }
}
