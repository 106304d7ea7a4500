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

// When and by whom: barriers of the block and operations of the thread's warp that had been passed.
struct Stamp {
  std::uint64_t block_epoch = 0, warp_epoch = 0;
  std::uint16_t thread = 0, warp = 0;

  bool unordered_with(const Stamp& later) const {
    return block_epoch == later.block_epoch && thread != later.thread && (warp != later.warp || warp_epoch == later.warp_epoch);
  }
};

class SharedMemoryCells {
 public:
  explicit SharedMemoryCells(std::size_t bytes) : bytes_((bytes + 15) / 16 * 16), cells_(bytes_.size() / kCell) {}

  // From here on nothing has been written.
  void begin_block(std::uint64_t epoch) {
    first_epoch_ = epoch;
    std::fill(bytes_.begin(), bytes_.end(), std::byte{0xff});
  }
  const std::byte* read(std::uint64_t at, std::size_t bytes, const Stamp& by);
  std::byte* write(std::uint64_t at, std::size_t bytes, const Stamp& by);

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
