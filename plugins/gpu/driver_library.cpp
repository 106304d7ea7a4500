#include <dlfcn.h>

#include "plugins/gpu/driver_functions.h"

namespace tokenmark::gpu {

Result<DriverLibrary> DriverLibrary::open(std::initializer_list<const char*> names) {
  std::string why;
  for (const char* name : names) {
    DriverLibrary library;
    library.name_ = name;
    library.handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library.handle_) return library;
    if (const char* said = dlerror()) why = said;
  }
  return fail(ErrorKind::unavailable, "no driver or runtime: {}", why);
}

Result<void*> DriverLibrary::address_of(const char* symbol) const {
  if (void* address = dlsym(handle_, symbol)) return address;
  return fail(ErrorKind::unavailable, "{} has no function '{}': it is of another version", name_, symbol);
}

}  // namespace tokenmark::gpu
