// A meter: one source of readings (a vendor's library, files of the kernel, a management controller), opened at run time
// and never linked. Each is used by one thread, which it may block or, where foreign code is loaded, take down: that is
// why readings come from processes of their own (metering.h).
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/telemetry/readings.h"

namespace tokenmark {

class Meter {
 public:
  virtual ~Meter() = default;
  const std::vector<MeteredDevice>& devices() const { return devices_; }
  // What the device tells now; `device`: its place in devices(). What cannot be read is absent; the time is set by the
  // caller. Nonsense may be among it.
  virtual MeterReading read(std::size_t device) = 0;

 protected:
  std::vector<MeteredDevice> devices_;
};

// A management controller that is asked over the network or a local tool. Set up on the machine that is metered, in a
// file (docs/power.md); a password is read when it is needed and kept nowhere.
struct IpmiPlace {
  std::vector<std::string> command;       // "ipmitool", with what comes before "dcmi power reading"; empty: not set up
};
struct RedfishPlace {
  std::string url;                        // "https://bmc.example"; empty: not set up
  std::string chassis;                    // its id; empty: the first
  std::string user, password_file, password_env;
  std::string ca_file, tls_verify = "on";
};

// Where meters look.
struct MeterPlaces {
  std::filesystem::path sys = "/sys";
  std::string nvml = "libnvidia-ml.so.1";
  std::vector<std::string> rocm_smi = {"librocm_smi64.so", "librocm_smi64.so.7", "librocm_smi64.so.1", "/opt/rocm/lib/librocm_smi64.so"};
  std::vector<std::string> amd_smi = {"libamd_smi.so", "libamd_smi.so.26", "libamd_smi.so.25", "libamd_smi.so.24", "/opt/rocm/lib/libamd_smi.so"};
  IpmiPlace ipmi;
  RedfishPlace redfish;
};
// As $TOKENMARK_METERS says, a JSON file, or $XDG_CONFIG_HOME/tokenmark/meters.json where there is one.
Result<MeterPlaces> configured_places();
Result<MeterPlaces> places_from_json(std::string_view text, const std::string& file);

using OpenedMeter = Result<std::unique_ptr<Meter>>;
OpenedMeter open_nvml(const MeterPlaces& places);
OpenedMeter open_amd_smi(const MeterPlaces& places);
OpenedMeter open_rocm_smi(const MeterPlaces& places);
OpenedMeter open_amdgpu(const MeterPlaces& places);   // the kernel's files
OpenedMeter open_powercap(const MeterPlaces& places);
OpenedMeter open_perf(const MeterPlaces& places);     // perf's power/energy-pkg/
OpenedMeter open_ipmi(const MeterPlaces& places);
OpenedMeter open_redfish(const MeterPlaces& places);

// All sources, the better ones first: where two meter the same device, the first counts.
struct MeterSource {
  const char* name;
  const char* what;                  // for people
  OpenedMeter (*open)(const MeterPlaces&);
  std::chrono::milliseconds patience;  // one look at all its devices takes no longer, or it hangs
  const char* folder = nullptr;      // below sys: where it is not there, neither is the meter
  bool is_set_up_by_hand = false;    // absent unless the places name it
};
const std::vector<MeterSource>& meter_sources();
const MeterSource* find_meter_source(std::string_view name);

}  // namespace tokenmark
