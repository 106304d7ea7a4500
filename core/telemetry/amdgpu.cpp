// AMD GPUs by the files of the kernel's driver (https://docs.kernel.org/gpu/amdgpu/thermal.html): the last resort where
// neither of AMD's libraries is there. power1_input is the power of now, power1_average a mean; both in µW.
#include "core/telemetry/kernel_files.h"
#include "core/telemetry/meter.h"

namespace tokenmark {
namespace {

namespace fs = std::filesystem;

class Amdgpu : public Meter {
 public:
  explicit Amdgpu(const fs::path& sys) {
    std::error_code error;
    for (const fs::path& card : entries_of(sys / "class/drm", "card")) {
      if (card.filename().string().find('-') != std::string::npos) continue;  // a connector
      const fs::path device = card / "device";
      if (line_of(device / "vendor") != "0x1002") continue;
      const std::string id = id_of(device);
      const auto monitors = entries_of(device / "hwmon", "hwmon");
      if (id.empty()) continue;
      devices_.push_back({.source = "amdgpu", .id = id, .name = line_of(device / "product_name").value_or("AMD GPU")});
      folders_.push_back({device, monitors.empty() ? fs::path() : monitors.front()});
      if (!number_of(folders_.back().monitor / "power1_input")) devices_.back().note = "power is a mean over about a second";
    }
  }

  MeterReading read(std::size_t index) override {
    const auto& [device, monitor] = folders_[index];
    MeterReading reading;
    const auto put = [&](Quantity quantity, const fs::path& file, double unit) {
      const auto value = number_of(file);
      if (value) reading.set(quantity, static_cast<double>(*value) * unit);
      return value.has_value();
    };
    if (!put(Quantity::power_w, monitor / "power1_input", 1e-6)) put(Quantity::power_w, monitor / "power1_average", 1e-6);
    if (!put(Quantity::temperature_c, monitor / "temp2_input", 1e-3)) put(Quantity::temperature_c, monitor / "temp1_input", 1e-3);  // 2: junction
    put(Quantity::core_mhz, monitor / "freq1_input", 1e-6);
    put(Quantity::memory_mhz, monitor / "freq2_input", 1e-6);
    put(Quantity::busy_share, device / "gpu_busy_percent", 0.01);
    put(Quantity::memory_bytes, device / "mem_info_vram_used", 1);
    return reading;
  }

 private:
  // The device's folder is named after its PCI id; uevent says it too.
  static std::string id_of(const fs::path& device) {
    std::error_code error;
    if (const std::string id = pci_id(fs::canonical(device, error).filename().string()); !id.empty()) return id;
    return pci_id(line_of(device / "pci_slot_name").value_or(""));
  }

  struct Folders {
    fs::path device, monitor;
  };
  std::vector<Folders> folders_;
};

}  // namespace

OpenedMeter open_amdgpu(const MeterPlaces& places) {
  auto found = std::make_unique<Amdgpu>(places.sys);
  if (found->devices().empty()) return fail(ErrorKind::unavailable, "{}: no card of AMD's", (places.sys / "class/drm").string());
  return found;
}

}  // namespace tokenmark
