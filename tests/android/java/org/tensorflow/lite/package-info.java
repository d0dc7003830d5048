/**
 * A stand-in for LiteRT's Java library on a desktop JVM: its class layout, its checks, and numbers computed from the
 * weights of the .tflite file. It knows the few operators of the models in the tests.
 */
package org.tensorflow.lite;
