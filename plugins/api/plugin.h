/* The device ABI: what a device must offer to the engine, as one C header.
 *
 * A plugin is a shared library that exports `tokenmark_plugin_query` (the CPU's is linked in and reached the same
 * way). The cut is a whole step of the forward pass, not single operations: the device owns memory layout, graphs
 * and fused kernels; the host owns everything that can be tested without a device (scheduling, block tables,
 * tokenizing, accepting and rejecting).
 *
 * Rules: every struct begins with its size in bytes and the ABI version; a reader uses only fields inside `size`.
 * Handles are opaque. Entries return a tm_status; `last_error` gives the sentence for the calling thread's last
 * failure. Entries marked optional may be null. Unless said otherwise an object is used from one thread at a time.
 * Nothing here throws, prints or exits.
 */
#ifndef TOKENMARK_PLUGIN_H
#define TOKENMARK_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TM_ABI_VERSION 2u
#define TM_PLUGIN_ENTRY "tokenmark_plugin_query"

typedef enum tm_status {
  TM_OK = 0,
  TM_INVALID = 1,       /* an argument or a model that this device cannot take */
  TM_NOT_FOUND = 2,     /* no such tensor, device or entry */
  TM_UNAVAILABLE = 3,   /* no driver, no device, wrong version */
  TM_OUT_OF_MEMORY = 4,
  TM_DEVICE_LOST = 5,
  TM_INTERNAL = 6
} tm_status;

/* Number formats of weights and caches (layouts: kernels/formats/format.h). The values are ggml's type numbers, which
 * model files carry; TM_FP8 and TM_MXFP6 have none there and are this project's own. All are below 64. */
typedef enum tm_format {
  TM_F32 = 0, TM_F16 = 1, TM_Q4_0 = 2, TM_Q8_0 = 8, TM_Q4_K = 12, TM_Q5_K = 13, TM_Q6_K = 14, TM_BF16 = 30,
  TM_MXFP4 = 39, TM_FP8 = 56, TM_MXFP6 = 57
} tm_format;

/* ---- devices ---------------------------------------------------------------------------------------------- */

typedef struct tm_device_capabilities {
  uint32_t size, version;
  char id[64];             /* stable name for configurations: "cpu", "cuda:0" */
  char name[128];          /* for people: "Intel(R) Xeon(R), 2 cores, AVX-512" */
  char pci_id[32];         /* "0000:65:00.0", empty where there is none */
  uint32_t available;      /* 0: it exists or was looked for, but cannot be used; why says the reason */
  char why[256];
  uint64_t memory_bytes;
  uint64_t native_formats;    /* bit per tm_format value: arithmetic at full rate */
  uint64_t emulated_formats;  /* accepted, converted on the way */
  double peak_memory_gb_s;    /* 10^9 B/s; 0: unknown (use `calibrate`) */
  double peak_bf16_tflop_s;   /* dense; 0: unknown */
  uint32_t wave_size;         /* threads that run in lockstep; vector lanes of 32 bits on a CPU */
  uint32_t compute_units;     /* cores, SMs, CUs */
  uint32_t async_depth;       /* steps that may be in flight beside the one being waited for: 0 on a CPU */
} tm_device_capabilities;

typedef struct tm_device_options {
  uint32_t size, version;
  uint32_t threads;          /* CPU: threads of the kernel pool, 0 = one per core in `cores` or of the process */
  const uint32_t* cores;     /* CPU: cores to pin to, or null: not pinned beyond the process' affinity */
  uint32_t n_cores;
  const char* kernels;       /* force an implementation ("portable", "avx2", "avx512"), null: the best */
} tm_device_options;

typedef struct tm_device tm_device;

/* What the machine reaches at best, measured now. Absent values are 0. */
typedef struct tm_ceilings {
  uint32_t size, version;
  double memory_gb_s;   /* reading memory larger than the caches, 10^9 B/s */
  double f32_gflop_s, bf16_gflop_s, int8_gop_s;  /* vector instructions */
  double matrix_bf16_gflop_s, matrix_int8_gop_s;  /* matrix units (AMX, tensor cores) */
} tm_ceilings;

/* Readings of a device; a value counts only if its bit in `valid` is set. */
enum { TM_HAS_POWER = 1, TM_HAS_ENERGY = 2, TM_HAS_TEMPERATURE = 4, TM_HAS_CLOCK = 8, TM_HAS_UTILISATION = 16,
       TM_HAS_MEMORY = 32 };
typedef struct tm_telemetry {
  uint32_t size, version;
  uint32_t valid;
  double power_w, energy_j, temperature_c, clock_mhz, utilisation_share;
  uint64_t memory_used_bytes;
} tm_telemetry;

/* ---- models ----------------------------------------------------------------------------------------------- */

typedef enum tm_rope_style { TM_ROPE_INTERLEAVED = 0 /* pairs (2i, 2i+1) */, TM_ROPE_HALF = 1 /* (i, i+d/2) */ } tm_rope_style;
typedef enum tm_rope_scaling { TM_ROPE_PLAIN = 0, TM_ROPE_LINEAR = 1, TM_ROPE_LLAMA3 = 2, TM_ROPE_YARN = 3 } tm_rope_scaling;
typedef enum tm_gating {
  TM_GATE_SOFTMAX = 0,  /* the top experts by logit, softmax over them (Mixtral, Qwen3, gpt-oss) */
  TM_GATE_SIGMOID = 1,  /* sigmoid scores; blk.N.exp_probs_b.bias joins for the selection only (DeepSeek-V3) */
  TM_GATE_SOFTMAX_ALL = 2  /* softmax over all experts, the top ones' shares as they are (DeepSeek-V2) */
} tm_gating;
typedef enum tm_activation {
  TM_SILU = 0,           /* silu(gate) * up */
  TM_SWIGLU_CLAMPED = 1  /* g = min(gate, limit), u = clamp(up, -limit, limit): g sigmoid(1.702 g) (u + 1) (gpt-oss) */
} tm_activation;

/* An architecture as data. What is 0 is absent. Tensors are by GGUF's names (tm_weight_source). */
typedef struct tm_model {
  uint32_t size, version;
  const char* architecture;   /* for messages: "llama", "qwen3moe" */
  uint32_t layers, width, vocabulary, context;
  float rms_epsilon;

  /* attention */
  uint32_t heads, kv_heads;
  uint32_t head_dim;          /* of queries and keys; with latent attention nope + rope dimensions */
  uint32_t value_dim;         /* of values; head_dim unless latent */
  float attention_scale;      /* 0: 1 / sqrt(head_dim) */
  uint32_t qk_norm;           /* 1: RMSNorm of every head of q and k before rope (attn_q_norm, attn_k_norm) */
  uint32_t attention_bias;    /* 1: attn_q/k/v.bias, and attn_output.bias where there is one */
  uint32_t attention_sinks;   /* 1: attn_sinks.weight, one logit a head, in the softmax' denominator only */
  uint32_t window;            /* keys that windowed layers see, the token itself included */
  uint32_t window_period;     /* layer l is windowed unless l % period == period - 1; 0 or 1 with a window: all are */
  uint32_t q_lora, kv_lora;   /* latent attention (MLA): kv_lora > 0; q_lora 0: queries straight from attn_q */

  /* rotary positions */
  uint32_t rope_dim, rope_style, rope_scaling, rope_original_context;
  float rope_theta, rope_factor;
  float rope_low, rope_high;            /* llama3: frequency factors; yarn: beta_slow, beta_fast */
  float rope_attention_factor;          /* yarn: multiplies cos and sin; 0: 1 */
  uint32_t rope_yarn_rounds;            /* yarn: 1: the ramp's bounds are rounded outward to whole dimensions */

  /* feed-forward; layers before `dense_layers`, or all when experts is 0, are dense */
  uint32_t ffn_width, activation;
  float activation_limit;
  uint32_t experts, experts_used, expert_ffn_width, shared_ffn_width, dense_layers;
  uint32_t gating, gate_bias /* 1: ffn_gate_inp.bias */, expert_bias /* 1: ffn_{gate,up,down}_exps.bias */;
  uint32_t gate_normalise;              /* sigmoid: chosen weights are divided by their sum */
  float gate_scale;                     /* multiplies the chosen weights; 0: 1 */
  uint32_t expert_groups, expert_groups_used;  /* a group's score is the sum of its two best; 0: no groups */

  uint32_t mtp_layers;        /* multi-token prediction layers behind the last (blk.layers…, nextn.* tensors): 0 or 1 */
} tm_model;

/* A weight matrix is `rows` outputs by `columns` inputs, each row contiguous in its format's blocks; experts' matrices
 * are `depth` of them one after another. */
typedef struct tm_tensor {
  uint32_t size, version;
  uint32_t format;            /* tm_format */
  uint32_t depth;             /* matrices: 1, or the number of experts */
  uint64_t rows, columns;     /* of one matrix; a vector has rows = 1 */
  uint64_t bytes;             /* of all */
  const void* mapped;         /* the bytes in host memory, valid while the source lives, or null: use `read` */
} tm_tensor;

/* Weights on demand, by GGUF's tensor names:
 *   token_embd.weight, output_norm.weight, output.weight (absent: tied), rope_freqs.weight (optional divisors of the
 *   rope frequencies); in layer N, all with the prefix blk.N.:
 *   attn_norm.weight, attn_q/attn_k/attn_v/attn_output.weight (and .bias), attn_q_norm/attn_k_norm.weight [head_dim],
 *   attn_sinks.weight [heads], ffn_norm.weight (gpt-oss files say post_attention_norm: the host renames it);
 *   latent attention: attn_q_a, attn_q_a_norm, attn_q_b [heads * head_dim, q_lora] (or attn_q), attn_kv_a_mqa
 *   [kv_lora + rope_dim, width], attn_kv_a_norm [kv_lora], attn_k_b (depth heads: [kv_lora, nope]), attn_v_b
 *   (depth heads: [value_dim, kv_lora]), attn_output;
 *   dense: ffn_gate/ffn_up/ffn_down.weight; experts: ffn_gate_inp.weight (.bias), ffn_gate_exps/ffn_up_exps/
 *   ffn_down_exps.weight (depth experts; .bias [experts, n]), exp_probs_b.bias [experts],
 *   ffn_gate_shexp/ffn_up_shexp/ffn_down_shexp.weight;
 *   in an MTP layer besides: nextn.eh_proj.weight [width, 2 width], nextn.enorm, nextn.hnorm.weight, and optionally
 *   nextn.shared_head_norm, nextn.shared_head_head, nextn.embed_tokens.weight (absent: the model's own).
 * The source lives at least as long as the executor. Entries may be called from several threads at once. */
typedef struct tm_weight_source {
  uint32_t size, version;
  void* context;
  tm_status (*find)(void* context, const char* name, tm_tensor* out);
  tm_status (*read)(void* context, const char* name, void* destination, uint64_t bytes);
  /* Optional: `count` rows from `first` on (rows of all matrices numbered through), so that nobody holds a whole one. */
  tm_status (*read_rows)(void* context, const char* name, uint64_t first, uint64_t count, void* destination);
} tm_weight_source;

typedef struct tm_executor_options {
  uint32_t size, version;
  uint32_t tokens_per_block;   /* KV block size in tokens */
  uint32_t blocks;             /* KV blocks in all */
  uint32_t max_sequences;      /* sequence ids in a step are below this */
  uint32_t max_step_tokens;    /* tokens in one step at most */
  uint32_t kv_format;          /* tm_format: TM_F16, TM_BF16, TM_F32, TM_FP8 or TM_Q8_0 */
  const char* tuning;          /* a table that `tune` made for this device, or null: choices by rule */
} tm_executor_options;

/* Which kernel is fastest for which product of a model: measured once by `tune`, kept by the host as a text that is the
 * plugin's own, and given back with tm_executor_options. */
typedef struct tm_tuning_summary {
  uint32_t size, version;
  uint32_t choices;       /* that were measured */
  uint32_t changed;       /* of these, that are not the rule's */
  uint32_t left_out;      /* tune: that were not measured, for lack of time or memory */
  double mean_gain;       /* of the changed ones: time by the rule / time as chosen, geometric mean; 1 where there are none */
  double largest_gain;
} tm_tuning_summary;

typedef struct tm_tuning_request {
  uint32_t size, version;
  double seconds;         /* at most, about */
  const char* known;      /* a table whose choices for other shapes are kept, or null */
  void* context;
  /* Optional. `share` 0…1; `what` is measured now, for people. Other than 0: stop, which is an error. */
  int (*progress)(void* context, double share, const char* what);
  void (*done)(void* context, const char* table, const tm_tuning_summary* summary);  /* once, at the end */
} tm_tuning_request;

typedef struct tm_executor tm_executor;

/* ---- steps ------------------------------------------------------------------------------------------------ */

typedef struct tm_sampling {
  float temperature;   /* 0: the most likely token (lowest id on a tie) */
  float top_p;         /* 1: off */
  float min_p;         /* 0: off */
  int32_t top_k;       /* 0: off */
  float uniform;       /* the random number in [0, 1) for this draw; the host owns seeds, so results do not depend on the device */
} tm_sampling;

/* One forward pass over the tokens of several sequences, one after the other. Sequence s has the tokens
 * [token_offsets[s], token_offsets[s+1]); they attend to everything in its cache up to their own position. */
typedef struct tm_step {
  uint32_t size, version;
  uint32_t n_sequences, n_tokens;
  const int32_t* tokens;         /* [n_tokens]; -1: the one the previous step sampled last for this sequence id */
  const int32_t* positions;      /* [n_tokens] */
  const int32_t* slots;          /* [n_tokens]: where its keys and values go: block * tokens_per_block + offset */
  const int32_t* sequence_ids;   /* [n_sequences], stable while a sequence lives */
  const int32_t* token_offsets;  /* [n_sequences + 1] */
  const int32_t* kv_lengths;     /* [n_sequences]: tokens in its cache after this step */
  const int32_t* block_tables;   /* [n_sequences][block_table_stride]: its blocks in order */
  uint32_t block_table_stride;
  uint32_t n_samples;
  const int32_t* sample_rows;    /* [n_samples]: indices of tokens after which one is sampled */
  const tm_sampling* sampling;   /* [n_samples] */
  uint32_t n_logits;
  const int32_t* logit_rows;     /* [n_logits]: indices of tokens whose logits are wanted back */
  uint32_t n_hidden;
  const int32_t* hidden_rows;    /* [n_hidden]: indices of tokens whose last hidden state (before output_norm) is wanted */
  /* Null: the model. Else the MTP layer alone predicts the token after next: [n_tokens][width], for each token the
   * hidden state of the token before it (from `hidden` of a step of the model, or of the MTP layer itself). */
  const float* previous_hidden;
  uint32_t previous_is_mtp;      /* 1: of the MTP layer itself, whose own last norm belongs to it then */
} tm_step;

/* Buffers of the caller; they and the step's arrays stay alive until `wait` returns. */
typedef struct tm_step_result {
  uint32_t size, version;
  int32_t* tokens;   /* [n_samples] */
  float* logits;     /* [n_logits][vocabulary], or null when n_logits is 0 */
  float* hidden;     /* [n_hidden][width], or null when n_hidden is 0 */
} tm_step_result;

/* ---- the table -------------------------------------------------------------------------------------------- */

typedef struct tm_plugin {
  uint32_t size, version;
  const char* name;      /* "cpu", "cuda", "hip", "sim" */
  const char* build;     /* for people: compiler, architectures */
  const char* (*last_error)(void);
  /* Fills up to `capacity` entries and sets *count to the number there are. No devices is not an error. */
  tm_status (*enumerate)(tm_device_capabilities* out, uint32_t capacity, uint32_t* count);
  tm_status (*open_device)(const char* id, const tm_device_options* options, tm_device** out);
  void (*close_device)(tm_device* device);
  tm_status (*create_executor)(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                               const tm_executor_options* options, tm_executor** out);
  void (*destroy_executor)(tm_executor* executor);
  /* Bytes an executor with these options would take on the device, weights included. */
  tm_status (*memory_needed)(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                             const tm_executor_options* options, uint64_t* bytes);
  tm_status (*warm)(tm_executor* executor, const uint32_t* step_tokens, uint32_t n);  /* optional */
  tm_status (*step)(tm_executor* executor, const tm_step* step, tm_step_result* result);  /* may return before it is done */
  tm_status (*wait)(tm_executor* executor);                                             /* until the oldest step is done */
  tm_status (*calibrate)(tm_device* device, tm_ceilings* out);      /* optional */
  tm_status (*telemetry)(tm_device* device, tm_telemetry* out);     /* optional; any thread */
  tm_status (*export_blocks)(tm_executor* executor, const int32_t* blocks, uint32_t n, void* out, uint64_t bytes);       /* optional */
  tm_status (*import_blocks)(tm_executor* executor, const int32_t* blocks, uint32_t n, const void* in, uint64_t bytes);  /* optional */
  void* (*resolve)(const char* kernel);                             /* optional: kernels by name, for conformance tests only */
  /* Optional, both or none. Measures with random weights of the shapes that `weights` finds (none is read) for steps as
   * `options` has them. */
  tm_status (*tune)(tm_device* device, const tm_model* model, const tm_weight_source* weights, const tm_executor_options* options,
                    const tm_tuning_request* request);
  /* Of a device by its id, without opening it. TM_OK: the table can be used, `out` (null: not wanted) says what is in it.
   * TM_UNAVAILABLE: it is of another device, driver or other kernels; TM_INVALID: line and value are wrong. */
  tm_status (*check_tuning)(const char* device, const char* table, tm_tuning_summary* out);
} tm_plugin;

/* The one exported symbol. `host_version` is the host's TM_ABI_VERSION; a plugin that cannot serve it returns null. */
typedef const tm_plugin* (*tm_plugin_query_fn)(uint32_t host_version);

#ifdef __cplusplus
}
#endif
#endif
