package io.lazytensor.pjrt.internal;

/**
 * Layout of the PJRT C API's argument structs: one nested class each, with the offset of every
 * field the binding uses. Every struct starts with {@code size_t struct_size} and {@code void*
 * extension_start}.
 *
 * <p>Source: XLA {@code xla/pjrt/c/pjrt_c_api.h}, versions 0.54 to 0.114, LP64. A test compares all
 * of it with the table measured by a C compiler.
 */
final class PjrtAbi {
  /** The newest minor version of the API whose sizes are known here. */
  static final int NEWEST_MINOR = 114;

  /** Offset of {@code struct_size} in every struct. */
  static final long STRUCT_SIZE = 0;

  /** The function table: {@code struct_size}, {@code extension_start}, the version, then slots. */
  static final long API_MAJOR = 32;

  static final long API_MINOR = 36;
  static final long API_SLOTS = 40;

  private PjrtAbi() {}

  /** {@code PJRT_NamedValue}. */
  static final class NamedValue {
    static final Struct STRUCT = Struct.NAMED_VALUE;
    static final long NAME = 16;
    static final long NAME_SIZE = 24;
    static final long TYPE = 32;
    static final long STRING_VALUE = 40;
    static final long INT64_VALUE = 40;
    static final long FLOAT_VALUE = 40;
    static final long BOOL_VALUE = 40;
    static final long VALUE_SIZE = 48;

    private NamedValue() {}
  }

  /** {@code PJRT_Error_Destroy_Args}. */
  static final class ErrorDestroy {
    static final Struct STRUCT = Struct.ERROR_DESTROY;
    static final long ERROR = 16;

    private ErrorDestroy() {}
  }

  /** {@code PJRT_Error_Message_Args}. */
  static final class ErrorMessage {
    static final Struct STRUCT = Struct.ERROR_MESSAGE;
    static final long ERROR = 16;
    static final long MESSAGE = 24;
    static final long MESSAGE_SIZE = 32;

    private ErrorMessage() {}
  }

  /** {@code PJRT_Error_GetCode_Args}. */
  static final class ErrorGetCode {
    static final Struct STRUCT = Struct.ERROR_GET_CODE;
    static final long ERROR = 16;
    static final long CODE = 24;

    private ErrorGetCode() {}
  }

  /** {@code PJRT_Plugin_Initialize_Args}. */
  static final class PluginInitialize {
    static final Struct STRUCT = Struct.PLUGIN_INITIALIZE;

    private PluginInitialize() {}
  }

  /** {@code PJRT_Plugin_Attributes_Args}. */
  static final class PluginAttributes {
    static final Struct STRUCT = Struct.PLUGIN_ATTRIBUTES;
    static final long ATTRIBUTES = 16;
    static final long NUM_ATTRIBUTES = 24;

    private PluginAttributes() {}
  }

  /** {@code PJRT_Event_Destroy_Args}. */
  static final class EventDestroy {
    static final Struct STRUCT = Struct.EVENT_DESTROY;
    static final long EVENT = 16;

    private EventDestroy() {}
  }

  /** {@code PJRT_Event_IsReady_Args}. */
  static final class EventIsReady {
    static final Struct STRUCT = Struct.EVENT_IS_READY;
    static final long EVENT = 16;
    static final long IS_READY = 24;

    private EventIsReady() {}
  }

  /** {@code PJRT_Event_Await_Args}. */
  static final class EventAwait {
    static final Struct STRUCT = Struct.EVENT_AWAIT;
    static final long EVENT = 16;

    private EventAwait() {}
  }

  /** {@code PJRT_Client_Create_Args}. */
  static final class ClientCreate {
    static final Struct STRUCT = Struct.CLIENT_CREATE;
    static final long CREATE_OPTIONS = 16;
    static final long NUM_OPTIONS = 24;
    static final long CLIENT = 64;

    private ClientCreate() {}
  }

  /** {@code PJRT_Client_Destroy_Args}. */
  static final class ClientDestroy {
    static final Struct STRUCT = Struct.CLIENT_DESTROY;
    static final long CLIENT = 16;

    private ClientDestroy() {}
  }

  /** {@code PJRT_Client_PlatformName_Args}. */
  static final class ClientPlatformName {
    static final Struct STRUCT = Struct.CLIENT_PLATFORM_NAME;
    static final long CLIENT = 16;
    static final long PLATFORM_NAME = 24;
    static final long PLATFORM_NAME_SIZE = 32;

    private ClientPlatformName() {}
  }

  /** {@code PJRT_Client_PlatformVersion_Args}. */
  static final class ClientPlatformVersion {
    static final Struct STRUCT = Struct.CLIENT_PLATFORM_VERSION;
    static final long CLIENT = 16;
    static final long PLATFORM_VERSION = 24;
    static final long PLATFORM_VERSION_SIZE = 32;

    private ClientPlatformVersion() {}
  }

  /** {@code PJRT_Client_AddressableDevices_Args}. */
  static final class ClientAddressableDevices {
    static final Struct STRUCT = Struct.CLIENT_ADDRESSABLE_DEVICES;
    static final long CLIENT = 16;
    static final long ADDRESSABLE_DEVICES = 24;
    static final long NUM_ADDRESSABLE_DEVICES = 32;

    private ClientAddressableDevices() {}
  }

  /** {@code PJRT_Client_Compile_Args}. */
  static final class ClientCompile {
    static final Struct STRUCT = Struct.CLIENT_COMPILE;
    static final long CLIENT = 16;
    static final long PROGRAM = 24;
    static final long COMPILE_OPTIONS = 32;
    static final long COMPILE_OPTIONS_SIZE = 40;
    static final long EXECUTABLE = 48;

    private ClientCompile() {}
  }

  /** {@code PJRT_Program}. */
  static final class Program {
    static final Struct STRUCT = Struct.PROGRAM;
    static final long CODE = 16;
    static final long CODE_SIZE = 24;
    static final long FORMAT = 32;
    static final long FORMAT_SIZE = 40;

    private Program() {}
  }

  /** {@code PJRT_Client_BufferFromHostBuffer_Args}. */
  static final class ClientBufferFromHostBuffer {
    static final Struct STRUCT = Struct.CLIENT_BUFFER_FROM_HOST_BUFFER;
    static final long CLIENT = 16;
    static final long DATA = 24;
    static final long TYPE = 32;
    static final long DIMS = 40;
    static final long NUM_DIMS = 48;
    static final long HOST_BUFFER_SEMANTICS = 72;
    static final long DEVICE = 80;
    static final long DONE_WITH_HOST_BUFFER = 104;
    static final long BUFFER = 112;

    private ClientBufferFromHostBuffer() {}
  }

  /** {@code PJRT_Device_GetDescription_Args}. */
  static final class DeviceGetDescription {
    static final Struct STRUCT = Struct.DEVICE_GET_DESCRIPTION;
    static final long DEVICE = 16;
    static final long DEVICE_DESCRIPTION = 24;

    private DeviceGetDescription() {}
  }

  /** {@code PJRT_DeviceDescription_Id_Args}. */
  static final class DeviceDescriptionId {
    static final Struct STRUCT = Struct.DEVICE_DESCRIPTION_ID;
    static final long DEVICE_DESCRIPTION = 16;
    static final long ID = 24;

    private DeviceDescriptionId() {}
  }

  /** {@code PJRT_DeviceDescription_Kind_Args}. */
  static final class DeviceDescriptionKind {
    static final Struct STRUCT = Struct.DEVICE_DESCRIPTION_KIND;
    static final long DEVICE_DESCRIPTION = 16;
    static final long DEVICE_KIND = 24;
    static final long DEVICE_KIND_SIZE = 32;

    private DeviceDescriptionKind() {}
  }

  /** {@code PJRT_Device_MemoryStats_Args}. */
  static final class DeviceMemoryStats {
    static final Struct STRUCT = Struct.DEVICE_MEMORY_STATS;
    static final long DEVICE = 16;
    static final long BYTES_IN_USE = 24;
    static final long PEAK_BYTES_IN_USE = 32;
    static final long PEAK_BYTES_IN_USE_IS_SET = 40;
    static final long BYTES_LIMIT = 80;
    static final long BYTES_LIMIT_IS_SET = 88;

    private DeviceMemoryStats() {}
  }

  /** {@code PJRT_LoadedExecutable_Destroy_Args}. */
  static final class LoadedExecutableDestroy {
    static final Struct STRUCT = Struct.LOADED_EXECUTABLE_DESTROY;
    static final long EXECUTABLE = 16;

    private LoadedExecutableDestroy() {}
  }

  /** {@code PJRT_LoadedExecutable_GetExecutable_Args}. */
  static final class LoadedExecutableGetExecutable {
    static final Struct STRUCT = Struct.LOADED_EXECUTABLE_GET_EXECUTABLE;
    static final long LOADED_EXECUTABLE = 16;
    static final long EXECUTABLE = 24;

    private LoadedExecutableGetExecutable() {}
  }

  /** {@code PJRT_LoadedExecutable_AddressableDevices_Args}. */
  static final class LoadedExecutableAddressableDevices {
    static final Struct STRUCT = Struct.LOADED_EXECUTABLE_ADDRESSABLE_DEVICES;
    static final long EXECUTABLE = 16;
    static final long ADDRESSABLE_DEVICES = 24;
    static final long NUM_ADDRESSABLE_DEVICES = 32;

    private LoadedExecutableAddressableDevices() {}
  }

  /** {@code PJRT_LoadedExecutable_Execute_Args}. */
  static final class LoadedExecutableExecute {
    static final Struct STRUCT = Struct.LOADED_EXECUTABLE_EXECUTE;
    static final long EXECUTABLE = 16;
    static final long OPTIONS = 24;
    static final long ARGUMENT_LISTS = 32;
    static final long NUM_DEVICES = 40;
    static final long NUM_ARGS = 48;
    static final long OUTPUT_LISTS = 56;
    static final long DEVICE_COMPLETE_EVENTS = 64;
    static final long EXECUTE_DEVICE = 72;

    private LoadedExecutableExecute() {}
  }

  /** {@code PJRT_ExecuteOptions}. */
  static final class ExecuteOptions {
    static final Struct STRUCT = Struct.EXECUTE_OPTIONS;
    static final long LAUNCH_ID = 48;
    static final long NON_DONATABLE_INPUT_INDICES = 56;
    static final long NUM_NON_DONATABLE_INPUT_INDICES = 64;

    private ExecuteOptions() {}
  }

  /** {@code PJRT_Executable_Destroy_Args}. */
  static final class ExecutableDestroy {
    static final Struct STRUCT = Struct.EXECUTABLE_DESTROY;
    static final long EXECUTABLE = 16;

    private ExecutableDestroy() {}
  }

  /** {@code PJRT_Executable_NumOutputs_Args}. */
  static final class ExecutableNumOutputs {
    static final Struct STRUCT = Struct.EXECUTABLE_NUM_OUTPUTS;
    static final long EXECUTABLE = 16;
    static final long NUM_OUTPUTS = 24;

    private ExecutableNumOutputs() {}
  }

  /** {@code PJRT_Executable_OutputElementTypes_Args}. */
  static final class ExecutableOutputElementTypes {
    static final Struct STRUCT = Struct.EXECUTABLE_OUTPUT_ELEMENT_TYPES;
    static final long EXECUTABLE = 16;
    static final long OUTPUT_TYPES = 24;
    static final long NUM_OUTPUT_TYPES = 32;

    private ExecutableOutputElementTypes() {}
  }

  /** {@code PJRT_Executable_OutputDimensions_Args}. */
  static final class ExecutableOutputDimensions {
    static final Struct STRUCT = Struct.EXECUTABLE_OUTPUT_DIMENSIONS;
    static final long EXECUTABLE = 16;
    static final long NUM_OUTPUTS = 24;
    static final long DIMS = 32;
    static final long DIM_SIZES = 40;

    private ExecutableOutputDimensions() {}
  }

  /** {@code PJRT_Executable_GetCompiledMemoryStats_Args}. */
  static final class ExecutableGetCompiledMemoryStats {
    static final Struct STRUCT = Struct.EXECUTABLE_GET_COMPILED_MEMORY_STATS;
    static final long EXECUTABLE = 16;
    static final long GENERATED_CODE_SIZE_IN_BYTES = 24;
    static final long ARGUMENT_SIZE_IN_BYTES = 32;
    static final long OUTPUT_SIZE_IN_BYTES = 40;
    static final long ALIAS_SIZE_IN_BYTES = 48;
    static final long TEMP_SIZE_IN_BYTES = 56;

    private ExecutableGetCompiledMemoryStats() {}
  }

  /** {@code PJRT_Executable_Serialize_Args}. */
  static final class ExecutableSerialize {
    static final Struct STRUCT = Struct.EXECUTABLE_SERIALIZE;
    static final long EXECUTABLE = 16;
    static final long SERIALIZED_BYTES = 24;
    static final long SERIALIZED_BYTES_SIZE = 32;
    static final long SERIALIZED_EXECUTABLE = 40;
    static final long SERIALIZED_EXECUTABLE_DELETER = 48;

    private ExecutableSerialize() {}
  }

  /** {@code PJRT_Executable_DeserializeAndLoad_Args}. */
  static final class ExecutableDeserializeAndLoad {
    static final Struct STRUCT = Struct.EXECUTABLE_DESERIALIZE_AND_LOAD;
    static final long CLIENT = 16;
    static final long SERIALIZED_EXECUTABLE = 24;
    static final long SERIALIZED_EXECUTABLE_SIZE = 32;
    static final long LOADED_EXECUTABLE = 40;

    private ExecutableDeserializeAndLoad() {}
  }

  /** {@code PJRT_Buffer_Destroy_Args}. */
  static final class BufferDestroy {
    static final Struct STRUCT = Struct.BUFFER_DESTROY;
    static final long BUFFER = 16;

    private BufferDestroy() {}
  }

  /** {@code PJRT_Buffer_ToHostBuffer_Args}. */
  static final class BufferToHostBuffer {
    static final Struct STRUCT = Struct.BUFFER_TO_HOST_BUFFER;
    static final long SRC = 16;
    static final long HOST_LAYOUT = 24;
    static final long DST = 32;
    static final long DST_SIZE = 40;
    static final long EVENT = 48;

    private BufferToHostBuffer() {}
  }

  /** {@code PJRT_Buffer_MemoryLayout}. */
  static final class BufferMemoryLayout {
    static final Struct STRUCT = Struct.BUFFER_MEMORY_LAYOUT;
    static final long TILED = 16;
    static final long TYPE = 72;

    private BufferMemoryLayout() {}
  }

  /** {@code PJRT_Buffer_MemoryLayout_Tiled}. */
  static final class BufferMemoryLayoutTiled {
    static final Struct STRUCT = Struct.BUFFER_MEMORY_LAYOUT_TILED;
    static final long MINOR_TO_MAJOR = 16;
    static final long MINOR_TO_MAJOR_SIZE = 24;

    private BufferMemoryLayoutTiled() {}
  }

  /** {@code PJRT_Buffer_ReadyEvent_Args}. */
  static final class BufferReadyEvent {
    static final Struct STRUCT = Struct.BUFFER_READY_EVENT;
    static final long BUFFER = 16;
    static final long EVENT = 24;

    private BufferReadyEvent() {}
  }
}
