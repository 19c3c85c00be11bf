#include "core/device_library.h"

#include <dlfcn.h>

#include <map>
#include <mutex>
#include <stdexcept>

namespace primer {
namespace {

const DeviceLibrary& open_library(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(std::string("the device library cannot be loaded: ") + dlerror());
  using Entry = const DeviceLibrary* (*)();
  const Entry entry = reinterpret_cast<Entry>(dlsym(library, "primer_device_library"));
  if (!entry) throw std::runtime_error(path + " is no device library: it has no function primer_device_library");
  const DeviceLibrary& found = *entry();
  if (found.version != kDeviceLibraryVersion) {
    throw std::runtime_error(path + " is of version " + std::to_string(found.version) + ", this engine of version " +
                             std::to_string(kDeviceLibraryVersion) + "; build both from the same sources");
  }
  return found;
}

}  // namespace

const DeviceLibrary& load_device_library(const char* path) {
  static std::mutex mutex;
  static std::map<std::string, const DeviceLibrary*> loaded;
  const std::lock_guard<std::mutex> lock(mutex);
  const DeviceLibrary*& library = loaded[path];
  if (!library) library = &open_library(path);
  return *library;
}

}  // namespace primer
