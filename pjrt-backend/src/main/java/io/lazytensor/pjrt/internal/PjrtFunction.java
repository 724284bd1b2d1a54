package io.lazytensor.pjrt.internal;

/**
 * Functions of the API's table that the binding calls, with their slots. The order of slots is
 * append-only since 0.57.
 */
enum PjrtFunction {
  ERROR_DESTROY(0, "PJRT_Error_Destroy"),
  ERROR_MESSAGE(1, "PJRT_Error_Message"),
  ERROR_GET_CODE(2, "PJRT_Error_GetCode"),
  PLUGIN_INITIALIZE(3, "PJRT_Plugin_Initialize"),
  PLUGIN_ATTRIBUTES(4, "PJRT_Plugin_Attributes"),
  EVENT_DESTROY(5, "PJRT_Event_Destroy"),
  EVENT_IS_READY(6, "PJRT_Event_IsReady"),
  EVENT_AWAIT(8, "PJRT_Event_Await"),
  CLIENT_CREATE(10, "PJRT_Client_Create"),
  CLIENT_DESTROY(11, "PJRT_Client_Destroy"),
  CLIENT_PLATFORM_NAME(12, "PJRT_Client_PlatformName"),
  CLIENT_PLATFORM_VERSION(14, "PJRT_Client_PlatformVersion"),
  CLIENT_ADDRESSABLE_DEVICES(16, "PJRT_Client_AddressableDevices"),
  CLIENT_COMPILE(20, "PJRT_Client_Compile"),
  CLIENT_BUFFER_FROM_HOST_BUFFER(22, "PJRT_Client_BufferFromHostBuffer"),
  DEVICE_DESCRIPTION_ID(23, "PJRT_DeviceDescription_Id"),
  DEVICE_DESCRIPTION_KIND(26, "PJRT_DeviceDescription_Kind"),
  DEVICE_GET_DESCRIPTION(29, "PJRT_Device_GetDescription"),
  DEVICE_MEMORY_STATS(34, "PJRT_Device_MemoryStats"),
  EXECUTABLE_DESTROY(40, "PJRT_Executable_Destroy"),
  EXECUTABLE_NUM_OUTPUTS(44, "PJRT_Executable_NumOutputs"),
  EXECUTABLE_SERIALIZE(49, "PJRT_Executable_Serialize"),
  LOADED_EXECUTABLE_DESTROY(50, "PJRT_LoadedExecutable_Destroy"),
  LOADED_EXECUTABLE_GET_EXECUTABLE(51, "PJRT_LoadedExecutable_GetExecutable"),
  LOADED_EXECUTABLE_ADDRESSABLE_DEVICES(52, "PJRT_LoadedExecutable_AddressableDevices"),
  LOADED_EXECUTABLE_EXECUTE(55, "PJRT_LoadedExecutable_Execute"),
  EXECUTABLE_DESERIALIZE_AND_LOAD(56, "PJRT_Executable_DeserializeAndLoad"),
  BUFFER_DESTROY(58, "PJRT_Buffer_Destroy"),
  BUFFER_TO_HOST_BUFFER(70, "PJRT_Buffer_ToHostBuffer"),
  BUFFER_READY_EVENT(72, "PJRT_Buffer_ReadyEvent"),
  EXECUTABLE_OUTPUT_ELEMENT_TYPES(90, "PJRT_Executable_OutputElementTypes"),
  EXECUTABLE_OUTPUT_DIMENSIONS(91, "PJRT_Executable_OutputDimensions"),
  EXECUTABLE_GET_COMPILED_MEMORY_STATS(96, "PJRT_Executable_GetCompiledMemoryStats");

  private final int slot;
  private final String cName;

  PjrtFunction(int slot, String cName) {
    this.slot = slot;
    this.cName = cName;
  }

  /** Returns the offset of its pointer in the table. */
  long offset() {
    return PjrtAbi.API_SLOTS + 8L * slot;
  }

  int slot() {
    return slot;
  }

  String cName() {
    return cName;
  }

  @Override
  public String toString() {
    return cName;
  }
}
