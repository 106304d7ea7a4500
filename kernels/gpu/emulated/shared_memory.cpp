#include "kernels/gpu/emulated/shared_memory.h"

#include <fmt/format.h>

namespace tokenmark::gpu::emulated {

void SharedMemoryCells::check_range(std::uint64_t at, std::size_t bytes) const {
  if (at > bytes_.size() || bytes > bytes_.size() - at)
    throw Violation{fmt::format("accesses bytes {} to {} of {} bytes of shared memory", at, at + bytes, bytes_.size())};
}

const std::byte* SharedMemoryCells::read(std::uint64_t at, std::size_t bytes, const Stamp& by) {
  check_range(at, bytes);
  for (std::uint64_t c = at / kCell; c < (at + bytes) / kCell; ++c) {
    Cell& cell = cells_[c];
    if (cell.write.block_epoch < first_epoch_) throw Violation{fmt::format("reads byte {} of shared memory, which nobody wrote", c * kCell)};
    if (cell.write.unordered_with(by))
      throw Violation{fmt::format("reads byte {} of shared memory, which thread {} wrote with no barrier between", c * kCell, cell.write.thread)};
    if (cell.read.block_epoch == by.block_epoch && cell.read.thread != by.thread)
      (cell.read.warp == by.warp ? cell.read_beside : cell.read_elsewhere) = cell.read;
    cell.read = by;
  }
  return bytes_.data() + at;
}

std::byte* SharedMemoryCells::write(std::uint64_t at, std::size_t bytes, const Stamp& by) {
  check_range(at, bytes);
  for (std::uint64_t c = at / kCell; c < (at + bytes) / kCell; ++c) {
    Cell& cell = cells_[c];
    if (cell.write.unordered_with(by))
      throw Violation{fmt::format("writes byte {} of shared memory, as thread {} did, with no barrier between", c * kCell, cell.write.thread)};
    for (const Stamp& read : {cell.read, cell.read_beside, cell.read_elsewhere})
      if (read.unordered_with(by))
        throw Violation{fmt::format("writes byte {} of shared memory, which thread {} read with no barrier between", c * kCell, read.thread)};
    cell.write = by;
  }
  return bytes_.data() + at;
}

}  // namespace tokenmark::gpu::emulated
