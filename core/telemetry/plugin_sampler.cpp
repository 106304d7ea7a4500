#include "core/telemetry/plugin_sampler.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace tokenmark {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t now_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count(); }

MeterReading reading_of(const tm_telemetry& told) {
  MeterReading reading;
  const auto put = [&](std::uint32_t bit, Quantity quantity, double value) {
    if ((told.valid & bit) != 0) reading.set(quantity, value);
  };
  put(TM_HAS_POWER, Quantity::power_w, told.power_w);
  put(TM_HAS_ENERGY, Quantity::energy_j, told.energy_j);
  put(TM_HAS_TEMPERATURE, Quantity::temperature_c, told.temperature_c);
  put(TM_HAS_CLOCK, Quantity::core_mhz, told.clock_mhz);
  put(TM_HAS_UTILISATION, Quantity::busy_share, told.utilisation_share);
  put(TM_HAS_MEMORY, Quantity::memory_bytes, static_cast<double>(told.memory_used_bytes));
  take_out_nonsense(reading);
  return reading;
}

}  // namespace

struct PluginSampler::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<MeterReading> readings;
  std::size_t looks = 0;
  bool stop = false, ended = true, told = false;
};

PluginSampler::PluginSampler(MeteredDevice device, std::function<bool(tm_telemetry&)> read, std::chrono::milliseconds patience)
    : device_(std::move(device)), read_(std::move(read)), patience_(patience), shared_(std::make_shared<Shared>()) {}

PluginSampler::~PluginSampler() {
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->changed.notify_all();
  shared_->changed.wait_for(lock, patience_, [&] { return shared_->ended; });
}

bool PluginSampler::hangs() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->stop && !shared_->ended;
}

void PluginSampler::start(std::chrono::nanoseconds every) {
  {
    const std::lock_guard lock(shared_->mutex);
    if (!shared_->ended) return;  // a call of an earlier run has not come back
    shared_->readings.clear();
    shared_->looks = 0;
    shared_->stop = shared_->ended = shared_->told = false;
  }
  std::thread([shared = shared_, read = read_, every] {
    auto next = Clock::now();
    for (bool last = false;;) {
      tm_telemetry told{};
      told.size = sizeof told;
      told.version = TM_ABI_VERSION;
      const std::int64_t before = now_ns();
      const bool has = read(told);
      MeterReading reading = has ? reading_of(told) : MeterReading();
      reading.at_ns = before + (now_ns() - before) / 2;
      std::unique_lock lock(shared->mutex);
      shared->readings.push_back(reading);
      shared->told = shared->told || (has && told.valid != 0);
      ++shared->looks;
      shared->changed.notify_all();
      if (last) break;
      next += every * ((Clock::now() - next) / every + 1);
      shared->changed.wait_until(lock, next, [&] { return shared->stop; });
      last = shared->stop;  // once more
    }
    const std::lock_guard lock(shared->mutex);
    shared->ended = true;
    shared->changed.notify_all();
  }).detach();
  std::unique_lock lock(shared_->mutex);
  shared_->changed.wait_for(lock, patience_, [&] { return shared_->looks > 0; });
}

void PluginSampler::stop(bool computes, Metering& to) {
  std::unique_lock lock(shared_->mutex);
  shared_->stop = true;
  shared_->changed.notify_all();
  const bool ended = shared_->changed.wait_for(lock, patience_, [&] { return shared_->ended; });
  if (!ended) to.missing.push_back({"plugin", fmt::format("{}: its telemetry hangs: no answer for {} ms", device_.name, patience_.count())});
  if (shared_->told) to.series.push_back({device_, computes, std::exchange(shared_->readings, {})});
  else if (ended) to.missing.push_back({"plugin", fmt::format("{}: its telemetry tells nothing", device_.name)});
}

}  // namespace tokenmark
