package io.lazytensor.checkpoint;

import io.lazytensor.xla.ir.DType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Element types of PyTorch's tensors, under PyTorch's names.
 *
 * <p>Source: PyTorch 2.14 {@code torch/storage.py} ({@code _dtype_to_storage_type_map}, {@code
 * _new_dtypes}) and safetensors {@code tensor.rs} ({@code Dtype}).
 */
public enum TorchDType {
  /** IEEE binary64. */
  FLOAT64(8, "DoubleStorage", "F64", DType.F64),
  /** IEEE binary32. */
  FLOAT32(4, "FloatStorage", "F32", DType.F32),
  /** IEEE binary16. */
  FLOAT16(2, "HalfStorage", "F16", DType.F16),
  /** The upper half of an IEEE binary32. */
  BFLOAT16(2, "BFloat16Storage", "BF16", DType.BF16),
  /** Signed 64-bit integer. */
  INT64(8, "LongStorage", "I64", DType.S64),
  /** Signed 32-bit integer. */
  INT32(4, "IntStorage", "I32", DType.S32),
  /** Signed 16-bit integer. */
  INT16(2, "ShortStorage", "I16", DType.S16),
  /** Signed 8-bit integer. */
  INT8(1, "CharStorage", "I8", DType.S8),
  /** Unsigned 8-bit integer. */
  UINT8(1, "ByteStorage", "U8", DType.U8),
  /** Boolean, one byte an element. */
  BOOL(1, "BoolStorage", "BOOL", DType.PRED),
  /** Two {@code float64}: real, imaginary. */
  COMPLEX128(16, "ComplexDoubleStorage", null, DType.C128),
  /** Two {@code float32}: real, imaginary. */
  COMPLEX64(8, "ComplexFloatStorage", "C64", DType.C64),
  /** Quantized signed byte. */
  QINT8(1, "QInt8Storage", null, null),
  /** Quantized unsigned byte. */
  QUINT8(1, "QUInt8Storage", null, null),
  /** Quantized signed 32-bit integer. */
  QINT32(4, "QInt32Storage", null, null),
  /** Two quantized unsigned numbers of 4 bits. */
  QUINT4X2(1, "QUInt4x2Storage", null, null),
  /** Four quantized unsigned numbers of 2 bits. */
  QUINT2X4(1, "QUInt2x4Storage", null, null),
  /** Unsigned 16-bit integer. */
  UINT16(2, null, "U16", DType.U16),
  /** Unsigned 32-bit integer. */
  UINT32(4, null, "U32", DType.U32),
  /** Unsigned 64-bit integer. */
  UINT64(8, null, "U64", DType.U64),
  /** Two {@code float16}: real, imaginary. */
  COMPLEX32(4, null, null, null),
  /** Two {@code bfloat16}: real, imaginary. */
  BCOMPLEX32(4, null, null, null),
  /** 8-bit float: 5 bits exponent. */
  FLOAT8_E5M2(1, null, "F8_E5M2", DType.F8E5M2),
  /** 8-bit float: 4 bits exponent, no infinity. */
  FLOAT8_E4M3FN(1, null, "F8_E4M3", DType.F8E4M3FN),
  /** 8-bit float: 5 bits exponent, one zero, one NaN. */
  FLOAT8_E5M2FNUZ(1, null, "F8_E5M2FNUZ", DType.F8E5M2FNUZ),
  /** 8-bit float: 4 bits exponent, one zero, one NaN. */
  FLOAT8_E4M3FNUZ(1, null, "F8_E4M3FNUZ", DType.F8E4M3FNUZ),
  /** 8-bit power of two. */
  FLOAT8_E8M0FNU(1, null, "F8_E8M0", DType.F8E8M0FNU),
  /** Two 4-bit floats in a byte, counted as one element. */
  FLOAT4_E2M1FN_X2(1, null, "F4", null),
  /** Eight uninterpreted bits. */
  BITS8(1, null, null, null),
  /** Sixteen uninterpreted bits. */
  BITS16(2, null, null, null),
  /** Eight times one uninterpreted bit. */
  BITS1X8(1, null, null, null),
  /** Four times two uninterpreted bits. */
  BITS2X4(1, null, null, null),
  /** Two times four uninterpreted bits. */
  BITS4X2(1, null, null, null),
  /** Signed 1-bit integer in a byte. */
  INT1(1, null, null, null),
  /** Signed 2-bit integer in a byte. */
  INT2(1, null, null, null),
  /** Signed 3-bit integer in a byte. */
  INT3(1, null, null, null),
  /** Signed 4-bit integer in a byte. */
  INT4(1, null, null, null),
  /** Signed 5-bit integer in a byte. */
  INT5(1, null, null, null),
  /** Signed 6-bit integer in a byte. */
  INT6(1, null, null, null),
  /** Signed 7-bit integer in a byte. */
  INT7(1, null, null, null),
  /** Unsigned 1-bit integer in a byte. */
  UINT1(1, null, null, null),
  /** Unsigned 2-bit integer in a byte. */
  UINT2(1, null, null, null),
  /** Unsigned 3-bit integer in a byte. */
  UINT3(1, null, null, null),
  /** Unsigned 4-bit integer in a byte. */
  UINT4(1, null, null, null),
  /** Unsigned 5-bit integer in a byte. */
  UINT5(1, null, null, null),
  /** Unsigned 6-bit integer in a byte. */
  UINT6(1, null, null, null),
  /** Unsigned 7-bit integer in a byte. */
  UINT7(1, null, null, null);

  private static final String TENSOR = "Tensor";
  private static final Map<String, TorchDType> BY_TORCH = index(type -> type.torchName);
  private static final Map<String, TorchDType> BY_STORAGE = index(type -> type.storageClass);
  private static final Map<String, TorchDType> BY_SAFETENSORS = index(type -> type.safetensors);

  private final int byteSize;
  private final String torchName = name().toLowerCase(Locale.ROOT);
  private final @Nullable String storageClass;
  private final @Nullable String safetensors;
  private final @Nullable DType dtype;

  TorchDType(
      int byteSize,
      @Nullable String storageClass,
      @Nullable String safetensors,
      @Nullable DType dtype) {
    this.byteSize = byteSize;
    this.storageClass = storageClass;
    this.safetensors = safetensors;
    this.dtype = dtype;
  }

  private static Map<String, TorchDType> index(Function<TorchDType, @Nullable String> name) {
    return Arrays.stream(values())
        .filter(type -> name.apply(type) != null)
        .collect(Collectors.toMap(type -> String.valueOf(name.apply(type)), type -> type));
  }

  /** Returns PyTorch's name, such as {@code float32}. */
  public String torchName() {
    return torchName;
  }

  /** Returns the bytes one element takes. */
  public int byteSize() {
    return byteSize;
  }

  /** Returns the element type of this library; empty if it has none. */
  public Optional<DType> dtype() {
    return Optional.ofNullable(dtype);
  }

  /** Returns the safetensors name, such as {@code F32}; empty if safetensors has none. */
  public Optional<String> safetensorsName() {
    return Optional.ofNullable(safetensors);
  }

  /** Returns the class of typed storages; types without one are stored untyped. */
  Optional<String> storageClass() {
    return Optional.ofNullable(storageClass);
  }

  /** Returns whether elements are pairs of real and imaginary part. */
  boolean isComplex() {
    return this == COMPLEX128 || this == COMPLEX64 || this == COMPLEX32 || this == BCOMPLEX32;
  }

  /** Returns whether the sign of an element, or of its parts, is its highest bit. */
  boolean isFloating() {
    return isComplex() || this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /** Returns the bytes that swap together on a machine of the other byte order. */
  int swapUnit() {
    return isComplex() ? byteSize / 2 : byteSize;
  }

  /** Returns the type that holds elements of this library's type, if PyTorch has it. */
  public static Optional<TorchDType> of(DType type) {
    return Arrays.stream(values()).filter(candidate -> candidate.dtype == type).findFirst();
  }

  /** Returns the type of this PyTorch name, if there is one. */
  public static Optional<TorchDType> ofTorchName(String name) {
    return Optional.ofNullable(BY_TORCH.get(name));
  }

  static Optional<TorchDType> ofStorageClass(String name) {
    return Optional.ofNullable(BY_STORAGE.get(name));
  }

  /** Returns the type of the tensors of an old class, such as {@code FloatTensor}. */
  static Optional<TorchDType> ofTensorClass(String name) {
    return name.endsWith(TENSOR)
        ? ofStorageClass(name.substring(0, name.length() - TENSOR.length()) + "Storage")
        : Optional.empty();
  }

  static Optional<TorchDType> ofSafetensorsName(String name) {
    return Optional.ofNullable(BY_SAFETENSORS.get(name));
  }

  @Override
  public String toString() {
    return torchName;
  }
}
