#include "kernels/gpu/emulated/shared_memory.h"

#include <fmt/format.h>

namespace tokenmark::gpu::emulated {

void SharedMemoryCells::check_range(std::uint64_t at, std::size_t bytes) const {
  if (at > bytes_.size() || bytes > bytes_.size() - at)
    throw Violation{fmt::format("accesses bytes {} to {} of {} bytes of shared memory", at, at + bytes, bytes_.size())};
}

namespace {

std::string by(const Stamp& stamp) { return fmt::format("lane {} of warp {}", stamp.lane(), stamp.warp()); }

}  // namespace

const std::byte* SharedMemoryCells::read(std::uint64_t at, std::size_t bytes, Stamp now) {
  check_range(at, bytes);
  for (std::uint64_t c = at / kCell; c < (at + bytes) / kCell; ++c) {
    Cell& cell = cells_[c];
    if (cell.write.block_epoch() < first_epoch_) throw Violation{fmt::format("reads byte {} of shared memory, which nobody wrote", c * kCell)};
    if (cell.write.unordered_with(now))
      throw Violation{fmt::format("reads byte {} of shared memory, which {} wrote with no barrier between", c * kCell, by(cell.write))};
    if (cell.read == now) continue;
    if (cell.read.same_barrier(now) && !cell.read.same_thread(now))
      (cell.read.warp() == now.warp() ? cell.read_beside : cell.read_elsewhere) = cell.read;
    cell.read = now;
  }
  return bytes_.data() + at;
}

std::byte* SharedMemoryCells::write(std::uint64_t at, std::size_t bytes, Stamp now) {
  check_range(at, bytes);
  for (std::uint64_t c = at / kCell; c < (at + bytes) / kCell; ++c) {
    Cell& cell = cells_[c];
    if (cell.write.unordered_with(now))
      throw Violation{fmt::format("writes byte {} of shared memory, as {} did, with no barrier between", c * kCell, by(cell.write))};
    for (const Stamp& read : {cell.read, cell.read_beside, cell.read_elsewhere})
      if (read.unordered_with(now))
        throw Violation{fmt::format("writes byte {} of shared memory, which {} read with no barrier between", c * kCell, by(read))};
    cell.write = now;
  }
  return bytes_.data() + at;
}

}  // namespace tokenmark::gpu::emulated
