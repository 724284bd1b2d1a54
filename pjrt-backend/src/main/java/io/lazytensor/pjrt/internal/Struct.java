package io.lazytensor.pjrt.internal;

import org.jspecify.annotations.Nullable;

/**
 * Structs of the PJRT C API with their sizes, as pairs of the minor version that brought a size and
 * the size: {@code X_STRUCT_SIZE}, which ends with the last field and leaves padding out.
 *
 * <p>Plug-ins compare it with the size they were built with, some for equality.
 */
@SuppressWarnings("ImmutableEnumChecker") // nobody writes the arrays
enum Struct {
  NAMED_VALUE("PJRT_NamedValue", 0, 56),
  ERROR_DESTROY("PJRT_Error_Destroy_Args", 0, 24),
  ERROR_MESSAGE("PJRT_Error_Message_Args", 0, 40),
  ERROR_GET_CODE("PJRT_Error_GetCode_Args", 0, 28),
  PLUGIN_INITIALIZE("PJRT_Plugin_Initialize_Args", 0, 16),
  PLUGIN_ATTRIBUTES("PJRT_Plugin_Attributes_Args", 54, 24, 71, 32),
  EVENT_DESTROY("PJRT_Event_Destroy_Args", 0, 24),
  EVENT_IS_READY("PJRT_Event_IsReady_Args", 0, 25),
  EVENT_AWAIT("PJRT_Event_Await_Args", 0, 24),
  CLIENT_CREATE("PJRT_Client_Create_Args", 54, 72, 61, 88),
  CLIENT_DESTROY("PJRT_Client_Destroy_Args", 0, 24),
  CLIENT_PLATFORM_NAME("PJRT_Client_PlatformName_Args", 0, 40),
  CLIENT_PLATFORM_VERSION("PJRT_Client_PlatformVersion_Args", 0, 40),
  CLIENT_ADDRESSABLE_DEVICES("PJRT_Client_AddressableDevices_Args", 0, 40),
  CLIENT_COMPILE("PJRT_Client_Compile_Args", 0, 56),
  PROGRAM("PJRT_Program", 0, 48),
  CLIENT_BUFFER_FROM_HOST_BUFFER("PJRT_Client_BufferFromHostBuffer_Args", 0, 120),
  DEVICE_GET_DESCRIPTION("PJRT_Device_GetDescription_Args", 0, 32),
  DEVICE_DESCRIPTION_ID("PJRT_DeviceDescription_Id_Args", 0, 28),
  DEVICE_DESCRIPTION_KIND("PJRT_DeviceDescription_Kind_Args", 0, 40),
  DEVICE_MEMORY_STATS("PJRT_Device_MemoryStats_Args", 54, 185, 113, 201),
  LOADED_EXECUTABLE_DESTROY("PJRT_LoadedExecutable_Destroy_Args", 0, 24),
  LOADED_EXECUTABLE_GET_EXECUTABLE("PJRT_LoadedExecutable_GetExecutable_Args", 0, 32),
  LOADED_EXECUTABLE_ADDRESSABLE_DEVICES("PJRT_LoadedExecutable_AddressableDevices_Args", 0, 40),
  LOADED_EXECUTABLE_EXECUTE("PJRT_LoadedExecutable_Execute_Args", 0, 80),
  EXECUTE_OPTIONS(
      "PJRT_ExecuteOptions", 54, 72, 64, 80, 76, 88, 78, 112, 97, 120, 108, 121, 112, 144),
  EXECUTABLE_DESTROY("PJRT_Executable_Destroy_Args", 0, 24),
  EXECUTABLE_NUM_OUTPUTS("PJRT_Executable_NumOutputs_Args", 0, 32),
  EXECUTABLE_OUTPUT_ELEMENT_TYPES("PJRT_Executable_OutputElementTypes_Args", 0, 40),
  EXECUTABLE_OUTPUT_DIMENSIONS("PJRT_Executable_OutputDimensions_Args", 0, 48),
  EXECUTABLE_GET_COMPILED_MEMORY_STATS(
      "PJRT_Executable_GetCompiledMemoryStats_Args", 54, 104, 72, 112, 90, 120, 104, 144),
  EXECUTABLE_SERIALIZE("PJRT_Executable_Serialize_Args", 0, 56),
  EXECUTABLE_DESERIALIZE_AND_LOAD(
      "PJRT_Executable_DeserializeAndLoad_Args", 54, 48, 71, 64, 111, 72),
  BUFFER_DESTROY("PJRT_Buffer_Destroy_Args", 0, 24),
  BUFFER_TO_HOST_BUFFER("PJRT_Buffer_ToHostBuffer_Args", 0, 56),
  BUFFER_MEMORY_LAYOUT("PJRT_Buffer_MemoryLayout", 0, 76),
  BUFFER_MEMORY_LAYOUT_TILED("PJRT_Buffer_MemoryLayout_Tiled", 0, 56),
  BUFFER_READY_EVENT("PJRT_Buffer_ReadyEvent_Args", 0, 32);

  // Room behind the newest known struct, for fields of versions to come; zero means "not given".
  private static final int SPARE = 128;

  private final String cName;
  private final int[] minors;
  private final int[] sizes;

  Struct(String cName, int... minorsAndSizes) {
    this.cName = cName;
    this.minors = new int[minorsAndSizes.length / 2];
    this.sizes = new int[minorsAndSizes.length / 2];
    for (int i = 0; i < minors.length; i++) {
      minors[i] = minorsAndSizes[2 * i];
      sizes[i] = minorsAndSizes[2 * i + 1];
    }
  }

  /** Returns the name in the header. */
  String cName() {
    return cName;
  }

  /** Returns {@code X_STRUCT_SIZE} of a minor version; of the oldest known for still older ones. */
  int sizeAt(int minor) {
    int size = sizes[0];
    for (int i = 1; i < minors.length && minors[i] <= minor; i++) {
      size = sizes[i];
    }
    return size;
  }

  /** Returns the bytes to allocate: the newest struct, padded, and room to grow. */
  long allocation() {
    return ((sizes[sizes.length - 1] + 7L) & -8L) + SPARE;
  }

  /** Returns the struct of a name in the header, or null. */
  static @Nullable Struct named(String cName) {
    for (Struct struct : values()) {
      if (struct.cName.equals(cName)) {
        return struct;
      }
    }
    return null;
  }
}
