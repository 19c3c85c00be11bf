// A library that brings devices. It is loaded by its path and exports:
//   extern "C" const primer::DeviceLibrary* primer_device_library();
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/device.h"

namespace primer {

// Raised whenever core/device.h or core/instruction.h change what crosses.
constexpr int64_t kDeviceLibraryVersion = 4;

struct DeviceLibrary {
  int64_t version;
  // Driver and libraries, a line each as "name: finding", for people. Does not throw.
  std::string (*report)();
  // Names, by which the dynamic linker knows them, of libraries that it would use and the system lacks; a line each. Does not throw.
  std::string (*missing)();
  // Devices that can be opened; throws a sentence when there can be none (no driver, one too old).
  int32_t (*count)();
  std::unique_ptr<Device> (*open)(int32_t ordinal);
};

// Throws when the file is missing, is no such library or one of another version. Loaded once, never unloaded.
const DeviceLibrary& load_device_library(const char* path);

}  // namespace primer
