#include "plugins/gpu/slices.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "kernels/formats/format.h"
#include "plugins/executor/model_check.h"

namespace tokenmark::gpu {
namespace {

constexpr std::uint64_t kWidthUnit = 8;              // kernels read 8 values at a time
constexpr std::uint64_t kReadBytes = 1 << 20;        // of rows whose columns are wanted in part, at a time

std::uint64_t bytes_of(const tm_tensor& tensor, std::uint64_t values) { return row_bytes(static_cast<Format>(tensor.format), values); }

// The rank's of `n`, in whole units but for the last one, as even as they divide.
Span share_of(std::uint64_t n, Rank rank, std::uint64_t unit) {
  const std::uint64_t units = (n + unit - 1) / unit;
  const std::uint64_t begin = units * rank.index / rank.count * unit, end = units * (rank.index + 1) / rank.count * unit;
  return {begin, std::min(end, n) - begin};
}

Span times(Span span, std::uint64_t by) { return {span.begin * by, span.count * by}; }

}  // namespace

Result<std::unique_ptr<RankSlices>> RankSlices::make(const tm_model& model, const tm_weight_source& source, Rank rank) {
  if (model.width % kWidthUnit != 0)
    return fail(ErrorKind::invalid_input, "a model of width {} cannot be split over {} GPUs: sums over them are of multiples of {} values", model.width,
                rank.count, kWidthUnit);
  std::unique_ptr<RankSlices> slices(new RankSlices(model, source, rank));
  TOKENMARK_CHECK(slices->split_attention(model));
  TOKENMARK_CHECK(slices->split_widths(model));
  return slices;
}

RankSlices::RankSlices(const tm_model& model, const tm_weight_source& source, Rank rank) : rank_(rank), model_(model), source_(source) {
  sliced_.size = sizeof sliced_;
  sliced_.version = TM_ABI_VERSION;
  sliced_.context = this;
  sliced_.find = [](void* self, const char* name, tm_tensor* out) {
    Sliced found;
    const tm_status status = static_cast<RankSlices*>(self)->find(name, found);
    if (status == TM_OK) *out = found.part;
    return status;
  };
  sliced_.read = [](void* self, const char* name, void* to, std::uint64_t bytes) {
    Sliced found;
    const auto& slices = *static_cast<RankSlices*>(self);
    if (const tm_status status = slices.find(name, found); status != TM_OK) return status;
    if (bytes != found.part.bytes) return TM_INVALID;
    return slices.read_part(found, 0, found.part.depth * found.part.rows, static_cast<std::byte*>(to));
  };
  if (!source.read_rows) return;
  sliced_.read_rows = [](void* self, const char* name, std::uint64_t first, std::uint64_t count, void* to) {
    Sliced found;
    const auto& slices = *static_cast<RankSlices*>(self);
    if (const tm_status status = slices.find(name, found); status != TM_OK) return status;
    const std::uint64_t rows = found.part.depth * found.part.rows;
    if (first > rows || count > rows - first) return TM_INVALID;
    return slices.read_part(found, first, count, static_cast<std::byte*>(to));
  };
}

// ---- what a rank has ------------------------------------------------------------------------------------------------

Status RankSlices::split_attention(const tm_model& whole) {
  const std::uint32_t n = rank_.count;
  if (whole.heads % n != 0)
    return fail(ErrorKind::invalid_input, "{} heads of attention cannot be split over {} GPUs", whole.heads, n);
  heads_ = share_of(whole.heads, rank_, 1);
  model_.heads = whole.heads / n;
  if (executor::is_latent(whole)) {
    model_.kv_heads = model_.heads;
  } else {
    if (whole.kv_heads % n != 0 && n % whole.kv_heads != 0)
      return fail(ErrorKind::invalid_input, "{} key/value heads can neither be split over {} GPUs nor shared by equally many of them", whole.kv_heads, n);
    kv_heads_ = whole.kv_heads % n == 0 ? share_of(whole.kv_heads, rank_, 1) : Span{std::uint64_t{rank_.index} * whole.kv_heads / n, 1};
    model_.kv_heads = static_cast<std::uint32_t>(kv_heads_.count);
  }
  const std::uint64_t columns = heads_.count * whole.value_dim, block = block_of("attn_output.weight");
  if (columns % block != 0)
    return fail(ErrorKind::invalid_input, "{} heads of {} values are {} columns of attn_output for each of {} GPUs, no multiple of its format's blocks of {}",
                whole.heads, whole.value_dim, columns, n, block);
  return {};
}

Status RankSlices::split_widths(const tm_model& whole) {
  if (whole.experts == 0 || whole.dense_layers > 0) {
    TOKENMARK_TRY(ffn_, split_width("the feed-forward width", whole.ffn_width, "ffn_down.weight"));
    model_.ffn_width = static_cast<std::uint32_t>(ffn_.count);
  }
  if (whole.experts > 0) {
    TOKENMARK_TRY(expert_ffn_, split_width("the experts' feed-forward width", whole.expert_ffn_width, "ffn_down_exps.weight"));
    model_.expert_ffn_width = static_cast<std::uint32_t>(expert_ffn_.count);
  }
  if (whole.shared_ffn_width > 0) {
    TOKENMARK_TRY(shared_ffn_, split_width("the shared expert's feed-forward width", whole.shared_ffn_width, "ffn_down_shexp.weight"));
    model_.shared_ffn_width = static_cast<std::uint32_t>(shared_ffn_.count);
  }
  if (whole.vocabulary < rank_.count * kWidthUnit)
    return fail(ErrorKind::invalid_input, "a vocabulary of {} tokens is too small for {} GPUs", whole.vocabulary, rank_.count);
  vocabulary_ = share_of(whole.vocabulary, rank_, kWidthUnit);
  return {};
}

Result<Span> RankSlices::split_width(const char* what, std::uint32_t width, const char* down) const {
  const std::uint64_t unit = std::max(block_of(down), kWidthUnit);
  if (width < rank_.count * unit)
    return fail(ErrorKind::invalid_input, "{}, {}, cannot be split over {} GPUs: each takes whole blocks of {}", what, width, rank_.count, unit);
  return share_of(width, rank_, unit);
}

std::uint64_t RankSlices::block_of(const char* tensor) const {
  std::uint64_t largest = 1;
  for (std::uint32_t l = 0; l < model_.layers + model_.mtp_layers; ++l) {
    tm_tensor found{};
    found.size = sizeof found;
    found.version = TM_ABI_VERSION;
    if (source_.find(source_.context, fmt::format("blk.{}.{}", l, tensor).c_str(), &found) != TM_OK) continue;  // said when it is loaded
    if (const auto format = format_from_number(found.format)) largest = std::max<std::uint64_t>(largest, static_cast<std::uint64_t>(block_values(*format)));
  }
  return largest;
}

RankSlices::Slice RankSlices::slice_of(const std::string& name) const {
  if (name == "output.weight") return {Cut::rows, vocabulary_};
  if (!name.starts_with("blk.")) return {};
  const std::size_t dot = name.find('.', 4);
  const std::string_view tensor = std::string_view(name).substr(dot == std::string::npos ? name.size() : dot + 1);
  const bool latent = executor::is_latent(model_);
  const std::uint64_t kv_dim = model_.head_dim;
  const struct {
    std::string_view name;
    Slice slice;
  } kSlices[] = {
      {"attn_q.weight", {Cut::rows, times(heads_, model_.head_dim)}},
      {"attn_q.bias", {Cut::columns, times(heads_, model_.head_dim)}},
      {"attn_q_b.weight", {Cut::rows, times(heads_, model_.head_dim)}},
      {"attn_k.weight", {Cut::rows, times(kv_heads_, kv_dim)}},
      {"attn_k.bias", {Cut::columns, times(kv_heads_, kv_dim)}},
      {"attn_v.weight", {Cut::rows, times(kv_heads_, kv_dim)}},
      {"attn_v.bias", {Cut::columns, times(kv_heads_, kv_dim)}},
      {"attn_k_b.weight", {latent ? Cut::depth : Cut::none, heads_}},
      {"attn_v_b.weight", {latent ? Cut::depth : Cut::none, heads_}},
      {"attn_output.weight", {Cut::columns, times(heads_, model_.value_dim)}},
      {"attn_output.bias", {Cut::first_only, {}}},
      {"attn_sinks.weight", {Cut::columns, heads_}},
      {"ffn_gate.weight", {Cut::rows, ffn_}},
      {"ffn_up.weight", {Cut::rows, ffn_}},
      {"ffn_down.weight", {Cut::columns, ffn_}},
      {"ffn_gate_exps.weight", {Cut::rows, expert_ffn_}},
      {"ffn_gate_exps.bias", {Cut::columns, expert_ffn_}},
      {"ffn_up_exps.weight", {Cut::rows, expert_ffn_}},
      {"ffn_up_exps.bias", {Cut::columns, expert_ffn_}},
      {"ffn_down_exps.weight", {Cut::columns, expert_ffn_}},
      {"ffn_down_exps.bias", {Cut::first_only, {}}},
      {"ffn_gate_shexp.weight", {Cut::rows, shared_ffn_}},
      {"ffn_up_shexp.weight", {Cut::rows, shared_ffn_}},
      {"ffn_down_shexp.weight", {Cut::columns, shared_ffn_}},
      {"nextn.shared_head_head.weight", {Cut::rows, vocabulary_}},
  };
  for (const auto& one : kSlices)
    if (one.name == tensor) return one.slice;
  return {};
}

// ---- tensors --------------------------------------------------------------------------------------------------------

// A tied output is a part of the embedding, which is there whole beside it.
tm_status RankSlices::find(const char* name, Sliced& out) const {
  const auto ask = [&](const char* asked) {
    out.name = asked;
    out.whole = {};
    out.whole.size = sizeof out.whole;
    out.whole.version = TM_ABI_VERSION;
    return source_.find(source_.context, asked, &out.whole);
  };
  tm_status status = ask(name);
  if (status == TM_NOT_FOUND && std::string_view(name) == "output.weight") status = ask("token_embd.weight");
  if (status != TM_OK) return status;
  out.slice = slice_of(name);
  out.part = out.whole;
  const auto [cut, span] = out.slice;
  if (cut == Cut::none) return TM_OK;
  out.part.mapped = nullptr;
  if (cut == Cut::depth) out.part.depth = span.count;
  if (cut == Cut::rows) out.part.rows = span.count;
  if (cut == Cut::columns) out.part.columns = span.count;
  out.part.bytes = out.part.depth * out.part.rows * bytes_of(out.part, out.part.columns);
  return TM_OK;
}

// Of the source's own rows, numbered through.
tm_status RankSlices::read_whole_rows(const Sliced& tensor, std::uint64_t first, std::uint64_t count, std::byte* to) const {
  const std::uint64_t row = bytes_of(tensor.whole, tensor.whole.columns);
  if (source_.read_rows) return source_.read_rows(source_.context, tensor.name.c_str(), first, count, to);
  if (tensor.whole.mapped) {
    std::memcpy(to, static_cast<const std::byte*>(tensor.whole.mapped) + first * row, count * row);
    return TM_OK;
  }
  std::vector<std::byte> all(tensor.whole.bytes);
  const tm_status status = source_.read(source_.context, tensor.name.c_str(), all.data(), all.size());
  if (status == TM_OK) std::memcpy(to, all.data() + first * row, count * row);
  return status;
}

tm_status RankSlices::read_part(const Sliced& tensor, std::uint64_t first, std::uint64_t count, std::byte* to) const {
  const auto [cut, span] = tensor.slice;
  const std::uint64_t whole_row = bytes_of(tensor.whole, tensor.whole.columns), part_row = bytes_of(tensor.part, tensor.part.columns);
  if (cut == Cut::first_only && rank_.index > 0) {
    std::memset(to, 0, count * part_row);
    return TM_OK;
  }
  if (cut == Cut::none || cut == Cut::first_only) return read_whole_rows(tensor, first, count, to);
  if (cut == Cut::depth) return read_whole_rows(tensor, span.begin * tensor.whole.rows + first, count, to);
  // Rows of one matrix after another's; of columns as many whole rows at a time as there is memory for.
  const std::uint64_t of_matrix = tensor.part.rows, at_once = cut == Cut::rows ? of_matrix : std::max<std::uint64_t>(kReadBytes / whole_row, 1);
  std::vector<std::byte> rows(cut == Cut::columns ? std::min(at_once, count) * whole_row : 0);
  for (std::uint64_t n = 0; count > 0; first += n, count -= n, to += n * part_row) {
    n = std::min(count, at_once);
    if (cut == Cut::columns) {
      if (const tm_status status = read_whole_rows(tensor, first, n, rows.data()); status != TM_OK) return status;
      const std::byte* from = rows.data() + bytes_of(tensor.whole, span.begin);
      for (std::uint64_t r = 0; r < n; ++r) std::memcpy(to + r * part_row, from + r * whole_row, part_row);
      continue;
    }
    n = std::min(n, of_matrix - first % of_matrix);
    const std::uint64_t begin = first / of_matrix * tensor.whole.rows + span.begin + first % of_matrix;
    if (const tm_status status = read_whole_rows(tensor, begin, n, to); status != TM_OK) return status;
  }
  return TM_OK;
}

}  // namespace tokenmark::gpu
