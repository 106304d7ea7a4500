/* A stand-in for ROCm SMI: fake_vendor.h. GPU i is at 0000:03:00.0 + i buses, in domain 1 from the second on. FAKE_OLD 1:
   release 5.2, without rsmi_dev_power_get and with the shorter list of frequencies. As the real one it prints to standard
   error when it cannot begin. */
#include "fake_vendor.h"

typedef struct { uint32_t supported, current; uint64_t hertz[32]; } old_frequencies;
typedef struct { uint8_t deep_sleep; uint32_t supported, current; uint64_t hertz[33]; } frequencies;

EXPORT int rsmi_init(uint64_t flags) {
  (void)flags;
  fake_trouble("init");
  const int status = (int)fake_number("FAKE_INIT", 0);
  if (status != 0) fprintf(stderr, "rsmi_init() failed\n");
  return status;
}
EXPORT int rsmi_status_string(int status, const char** out) {
  *out = status == 8 ? "RSMI_STATUS_INIT_ERROR: An error occurred during initialization" : "?";
  return 0;
}
EXPORT int rsmi_num_monitor_devices(uint32_t* count) {
  const int status = (int)fake_number("FAKE_COUNT", 0);
  if (status == 0) *count = fake_gpus();
  return status;
}
EXPORT int rsmi_dev_pci_id_get(uint32_t gpu, uint64_t* out) {
  *out = (uint64_t)(gpu > 0) << 32 | (uint64_t)(3 + gpu) << 8;
  return 0;
}
EXPORT int rsmi_dev_name_get(uint32_t gpu, char* out, size_t size) {
  snprintf(out, size, "Fake Instinct %u", gpu);
  return 0;
}
EXPORT int rsmi_dev_power_ave_get(uint32_t gpu, uint32_t sensor, uint64_t* out) {
  fake_trouble("read");
  *out = (uint64_t)(fake_power_w(gpu) * 1e6);
  return sensor == 0 ? 0 : 2;
}
EXPORT int rsmi_dev_power_get(uint32_t gpu, uint64_t* out, uint32_t* type) {
  fake_trouble("read");
  if (fake_is("FAKE_OLD", "1")) return 2;
  *out = fake_nonsense() ? ~0ull : (uint64_t)((fake_power_w(gpu) + 5) * 1e6);
  *type = 1;
  return 0;
}
EXPORT int rsmi_dev_energy_count_get(uint32_t gpu, uint64_t* out, float* resolution, uint64_t* stamp) {
  if (fake_number("FAKE_COUNTER", 1) == 0) return 2;
  *resolution = 15.259f;
  *out = (uint64_t)(fake_energy_j(gpu) * 1e6 / 15.259);
  *stamp = 1;
  return 0;
}
EXPORT int rsmi_dev_busy_percent_get(uint32_t gpu, uint32_t* out) {
  (void)gpu;
  *out = fake_nonsense() ? 4000u : 80;
  return 0;
}
EXPORT int rsmi_dev_memory_usage_get(uint32_t gpu, uint32_t type, uint64_t* out) {
  (void)gpu;
  *out = 7777;
  return type == 0 ? 0 : 2;
}
EXPORT int rsmi_dev_temp_metric_get(uint32_t gpu, uint32_t sensor, uint32_t metric, int64_t* out) {
  (void)gpu;
  *out = sensor == 1 ? 71000 : 55000;
  return metric == 0 ? 0 : 2;
}
EXPORT int rsmi_dev_gpu_clk_freq_get(uint32_t gpu, uint32_t clock, void* out) {
  (void)gpu;
  if (fake_is("FAKE_OLD", "1")) {
    old_frequencies* f = out;
    f->supported = 3;
    f->current = 1;
    f->hertz[0] = 500000000;
    f->hertz[1] = clock == 0 ? 1502000000 : 1600000000;
    return 0;
  }
  frequencies* f = out;
  f->deep_sleep = 1;
  f->supported = 3;
  f->current = 2;
  f->hertz[1] = 500000000;
  f->hertz[2] = clock == 0 ? 2100000000 : 1300000000;
  return 0;
}
