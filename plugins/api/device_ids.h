// Device ids as people write them: "cpu", "cuda:0"; several of one plugin, which compute one model together, as "cuda:0,cuda:1",
// "cuda:0,1" or "cuda:0-3". Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tokenmark {

// One by one, in their order. An error: none, of several plugins, or one of them twice.
Result<std::vector<std::string>> device_ids(const std::string& text);

// In one line: "cuda:0,cuda:1", which is an id too.
std::string joined(const std::vector<std::string>& ids, std::string_view between = ",");

// Equal shares of the devices, one after another, each as an id of one device or several.
Result<std::vector<std::string>> replica_devices(const std::string& text, std::uint32_t replicas);

}  // namespace tokenmark
