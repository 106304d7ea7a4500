// A vendor's shared library, opened at run time with prototypes of our own.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tokenmark {

// Stays loaded to the end of the process: vendors' libraries keep threads and handlers.
class VendorLibrary {
 public:
  // The first of the names that can be loaded; an error tells the loader's words about the last.
  static Result<VendorLibrary> open(const std::vector<std::string>& names);

  // An entry that must be there: where it is not, `problem` names it (the first one).
  template <class Function>
  void need(Function*& function, const char* symbol) {
    function = reinterpret_cast<Function*>(find(symbol));
    if (function == nullptr && problem.empty()) problem = name + ": it has no " + symbol;
  }
  // One that older or newer releases may lack: null there.
  template <class Function>
  void may(Function*& function, const char* symbol) {
    function = reinterpret_cast<Function*>(find(symbol));
  }

  std::string name, problem;

 private:
  void* find(const char* symbol) const;
  void* handle_ = nullptr;
};

}  // namespace tokenmark
