// What the kernels of a step's attention take, and how keys and values lie in a GPU's memory. Plain structs, shared by kernels
// and host.
//
// A layer's cache is four planes. Row (block · kv_heads + kv head) · tokens_per_block + offset is one head's key of one token:
// the tokens of a block lie one after another for a head, so that a tile of keys is read in long runs.
//
//   keys    [row][key_pitch]       values of the format, key_dim rounded up to a multiple of 16; zeros beyond key_dim
//   values  [row][value_pitch]     the same; with values_in_keys there are none: a value is the first value_dim of its key
//   scales  fp8: a float a row, whose greatest magnitude became 448. q8_0: a half for every 32 values
#pragma once

#include <cstdint>

namespace tokenmark::gpu {

// A step (plugins/api/plugin.h: tm_step) in device memory. The two counts are the host's and may be more than there are
// tokens and sequences: a padding token has slot -1, a padding sequence no tokens.
struct StepArrays {
  const std::int32_t* tokens = nullptr;             // [n_tokens]; -1: the one sampled last
  const std::int32_t* positions = nullptr;          // [n_tokens]
  const std::int32_t* slots = nullptr;              // [n_tokens]; -1: padding
  const std::int32_t* sequence_of_token = nullptr;  // [n_tokens]: index into the step's sequences
  const std::int32_t* token_offsets = nullptr;      // [n_sequences + 1]
  const std::int32_t* block_tables = nullptr;       // [n_sequences][block_table_stride]
  std::uint32_t block_table_stride = 0;
  std::uint32_t n_tokens = 0, n_sequences = 0;
};

// The rows that a layer goes on with: tokens, ascending, padding (-1) last. tokens == null: all tokens of the step.
struct StepRows {
  const std::int32_t* tokens = nullptr;
  std::uint32_t count = 0;
};

constexpr std::uint32_t kMostValueDim = 512;

struct Cache {
  void* keys = nullptr;
  void* values = nullptr;
  void* key_scales = nullptr;     // null: the format has none
  void* value_scales = nullptr;
  std::uint32_t format = 0;       // tm_format: f32, f16, bf16, fp8, q8_0
  std::uint32_t tokens_per_block = 0, kv_heads = 0;
  std::uint32_t key_dim = 0, value_dim = 0;
  std::uint32_t key_pitch = 0, value_pitch = 0;  // values
  std::uint32_t values_in_keys = 0;
};

// Cosines and sines by position: [positions][2][rope_dim / 2].
struct Rope {
  const float* table = nullptr;
  std::uint32_t dim = 0;          // values of a head that are turned, from its first on; 0: none
  std::uint32_t interleaved = 0;  // 1: pairs (2i, 2i+1); 0: (i, i + dim/2)
};

// For every token: norm and rope of its keys, keys and values into the cache. For every row: norm and rope of its queries.
struct StoreHeadsArguments {
  StepArrays step;
  StepRows rows;
  Cache cache;
  Rope rope;
  const float* queries = nullptr;     // [rows][query_pitch], heads one after another
  const float* keys = nullptr;        // [tokens][kv_pitch]
  const float* values = nullptr;      // [tokens][kv_pitch]
  const float* q_norm = nullptr;      // [head_dim] or null: no norm
  const float* k_norm = nullptr;
  std::uint16_t* out = nullptr;       // BF16 [rows][heads][head_dim], times scale
  std::uint32_t query_pitch = 0, kv_pitch = 0;  // values
  std::uint32_t heads = 0;
  float epsilon = 0, scale = 1;
};  // x: tokens, then rows; y: heads in groups of StoreHeads::kWarps

// Latent attention: the cache holds the normed latent and the turned part of the key.
struct StoreLatentsArguments {
  StepArrays step;
  StepRows rows;
  Cache cache;                        // key_dim = kv_lora + rope.dim, value_dim = kv_lora
  Rope rope;
  const float* latents = nullptr;     // [tokens][latent_pitch]: latent, then the key's part to turn
  const float* norm = nullptr;        // [kv_lora]
  const float* absorbed = nullptr;    // [rows][heads][kv_lora]
  const float* queries = nullptr;     // [rows][query_pitch]: heads of query_dim, the part to turn at their end
  std::uint16_t* out = nullptr;       // BF16 [rows][heads][kv_lora + rope.dim], times scale
  std::uint32_t latent_pitch = 0, query_pitch = 0, query_dim = 0;
  std::uint32_t heads = 0;
  float epsilon = 0, scale = 1;
};  // x: tokens, then rows; y: as StoreHeads, a token's latent being one head

// Rows of one sequence that a block attends with.
struct AttentionTile {
  std::int32_t sequence, first_row, rows;
};

// Cuts the rows into tiles: sequences with up to short_rows rows into tiles of short_tile, others of long_tile.
struct PlanTilesArguments {
  StepArrays step;
  StepRows rows;
  std::uint32_t short_rows = 0, short_tile = 0, long_tile = 0;
  AttentionTile* short_tiles = nullptr;
  AttentionTile* long_tiles = nullptr;
  std::uint32_t* counts = nullptr;    // [2]: of short ones, of long ones
};  // one block

struct AttendArguments {
  StepArrays step;
  StepRows rows;
  Cache cache;
  const std::uint16_t* queries = nullptr;  // BF16 [rows][heads][key_dim], scaled
  const float* sinks = nullptr;            // [heads] or null
  std::uint16_t* out = nullptr;            // BF16 [rows][heads][value_dim]
  const AttentionTile* tiles = nullptr;
  const std::uint32_t* n_tiles = nullptr;
  std::uint32_t heads = 0;
  std::uint32_t head_tile = 0;             // heads of a block at most, all of one key/value head
  std::uint32_t window = 0;                // keys that a token sees, itself included; 0: all
  // Parts of the keys, each a block's. With one the block writes `out`; else what it gathered, and merge_parts the rest:
  std::uint32_t parts = 1;
  float* partial_sums = nullptr;           // [tile][head tile][part][row of the tile][value_dim]
  float* partial_rows = nullptr;           // [tile][head tile][part][row of the tile][2]: greatest score, sum of weights
};  // x: parts; y: kv_heads · head tiles of one; z: tiles

}  // namespace tokenmark::gpu
