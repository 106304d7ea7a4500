#include "base/vendor_library.h"

#include <dlfcn.h>

namespace tokenmark {

Result<VendorLibrary> VendorLibrary::open(const std::vector<std::string>& names) {
  std::string why;
  for (const std::string& name : names) {
    VendorLibrary library;
    library.name = name;
    library.handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library.handle_ != nullptr) return library;
    const char* said = dlerror();
    if (why.empty() || (said != nullptr && std::string(said).find("No such file") == std::string::npos))
      why = said != nullptr ? said : name + ": it cannot be loaded";
  }
  return fail(ErrorKind::unavailable, "{}", why);
}

void* VendorLibrary::find(const char* symbol) const { return dlsym(handle_, symbol); }

}  // namespace tokenmark
