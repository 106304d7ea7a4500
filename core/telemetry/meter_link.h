// The program's end of one meter process: what it said, and whether it can still be used. What it says is checked as any
// foreign words are. Used by one thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/child.h"
#include "core/telemetry/meter.h"

namespace tokenmark {

class MeterLink {
 public:
  using Clock = std::chrono::steady_clock;
  static Result<std::unique_ptr<MeterLink>> start(const MeterSource& source, const std::filesystem::path& program);
  ~MeterLink();

  const MeterSource& source() const { return source_; }
  const std::vector<MeteredDevice>& devices() const { return devices_; }
  bool usable() const { return phase_ != Phase::opening && phase_ != Phase::given_up; }
  bool busy() const { return phase_ != Phase::idle && phase_ != Phase::given_up; }  // something is to be heard from it
  bool awaits_first() const;                     // it reads, and has not read each device yet
  bool was_begun() const { return begun_; }      // in this run
  const std::string& why() const { return why_; }  // it was given up
  Clock::time_point last_word() const { return last_word_; }
  int out() const { return child_.out(); }
  int err() const { return child_.err(); }

  void begin(const std::vector<std::size_t>& chosen, std::chrono::nanoseconds every);
  void end();
  void read_words();
  void read_complaints();                        // its standard error: kept for the reason if it fails
  void give_up_hung(Clock::duration silent);

  std::vector<MeterReading> take_readings(std::size_t device);
  void take_left_out(std::vector<MissingMeter>& to);  // values that cannot be, by device and quantity

 private:
  enum class Phase { opening, idle, reading, stopping, given_up };
  MeterLink(const MeterSource& source, Child child) : source_(source), child_(std::move(child)) {}
  void give_up(const std::string& why);
  void say(const std::string& command);
  void take(const std::string& line);
  bool take_devices(const nlohmann::json& list);
  bool take_reading(const nlohmann::json& values);
  bool take_stopped(const nlohmann::json& list);

  const MeterSource& source_;
  Child child_;
  Phase phase_ = Phase::opening;
  std::string words_, complaints_, why_;
  std::vector<MeteredDevice> devices_;
  std::vector<std::size_t> chosen_;
  std::vector<std::vector<MeterReading>> readings_;   // by device
  std::vector<MissingMeter> left_out_;
  Clock::time_point last_word_ = Clock::now();
  bool begun_ = false;
};

}  // namespace tokenmark
