package org.tensorflow.lite;

import java.io.File;
import java.nio.ByteBuffer;

/** The public class that applications make. */
public final class Interpreter extends InterpreterImpl implements InterpreterApi {
  /** The outermost class of options; its setters return it, and the compiler adds bridges to those of its parents. */
  public static class Options extends InterpreterImpl.Options {
    public Options() {}

    public Options(InterpreterApi.Options options) {
      super(options);
    }

    @Override
    public Options setNumThreads(int numThreads) {
      super.setNumThreads(numThreads);
      return this;
    }

    @Override
    public Options setUseXNNPACK(boolean useXNNPACK) {
      super.setUseXNNPACK(useXNNPACK);
      return this;
    }
  }

  public Interpreter(File modelFile) {
    this(modelFile, null);
  }

  public Interpreter(File modelFile, Options options) {
    super(new NativeInterpreterWrapper(modelFile, options));
  }

  public Interpreter(ByteBuffer byteBuffer) {
    this(byteBuffer, null);
  }

  public Interpreter(ByteBuffer byteBuffer, Options options) {
    super(new NativeInterpreterWrapper(byteBuffer, options));
  }
}
