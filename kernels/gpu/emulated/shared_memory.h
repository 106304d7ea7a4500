// A block's shared memory with the memory of who touched it. Two accesses to the same place, one of them a write, by
// different threads are a race unless a barrier of the block, or within one warp an operation of the warp, lies between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tokenmark::gpu::emulated {

struct Violation {
  std::string what;
};

// When and by whom, in one word: barriers of the block (32 bits) and operations of the thread's warp (16) that had been
// passed, and the thread (warp and lane, 10 and 6 bits).
class Stamp {
 public:
  Stamp() = default;
  Stamp(std::uint64_t block_epoch, std::uint64_t warp_epoch, std::uint32_t warp, std::uint32_t lane)
      : word_(block_epoch << 32 | (warp_epoch & 0xffff) << 16 | warp << 6 | lane) {}

  std::uint64_t block_epoch() const { return word_ >> 32; }
  std::uint32_t warp() const { return static_cast<std::uint32_t>(word_ >> 6) & 0x3ff; }
  std::uint32_t lane() const { return static_cast<std::uint32_t>(word_) & 0x3f; }
  bool same_thread(const Stamp& other) const { return ((word_ ^ other.word_) & 0xffff) == 0; }
  bool same_barrier(const Stamp& other) const { return (word_ ^ other.word_) >> 32 == 0; }
  // Of the same block, and nothing lies between that orders them.
  bool unordered_with(const Stamp& later) const {
    const std::uint64_t differs = word_ ^ later.word_;
    return differs >> 32 == 0 && (differs & 0xffff) != 0 && ((differs & 0xffc0) != 0 || (differs & 0xffff0000) == 0);
  }
  bool operator==(const Stamp&) const = default;

 private:
  std::uint64_t word_ = 0;
};

class SharedMemoryCells {
 public:
  explicit SharedMemoryCells(std::size_t bytes) : bytes_((bytes + 15) / 16 * 16), cells_(bytes_.size() / kCell) {}

  // From here on nothing has been written.
  void begin_block(std::uint64_t epoch) {
    first_epoch_ = epoch;
    std::fill(bytes_.begin(), bytes_.end(), std::byte{0xff});
  }
  // An error says who else was there: a warp and a lane.
  const std::byte* read(std::uint64_t at, std::size_t bytes, Stamp by);
  std::byte* write(std::uint64_t at, std::size_t bytes, Stamp by);
  // For what was read() before, by this thread or one for its warp.
  const std::byte* bytes() const { return bytes_.data(); }

 private:
  static constexpr std::size_t kCell = 2;
  // Of the readers the last, and the last of another thread of its warp and of another warp: one of them is not the writer.
  struct Cell {
    Stamp write, read, read_beside, read_elsewhere;
  };
  void check_range(std::uint64_t at, std::size_t bytes) const;

  std::vector<std::byte> bytes_;
  std::vector<Cell> cells_;
  std::uint64_t first_epoch_ = 1;
};

}  // namespace tokenmark::gpu::emulated
