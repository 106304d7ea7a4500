/* A stand-in for AMD SMI: fake_vendor.h. Two sockets, GPUs spread over them, at 0000:c1:00.0 + i buses. FAKE_RELEASE: 23.2,
   24.6, 25.3 or 26.0, whose layouts it has. It writes as much as the largest struct of that release. */
#include "fake_vendor.h"

typedef struct { unsigned number; } gpu;
static gpu gpus[64];
static int sockets[2];

static double release(void) { return fake_number("FAKE_RELEASE", 24.6); }

EXPORT int amdsmi_init(uint64_t flags) {
  fake_trouble("init");
  return flags == 2 ? (int)fake_number("FAKE_INIT", 0) : 1;
}
EXPORT int amdsmi_get_lib_version(uint32_t* out) {
  const uint32_t major = (uint32_t)release(), minor = (uint32_t)(release() * 10 + 0.5) % 10;
  if (major == 25) *out++ = 0;  /* the year that was no longer set */
  out[0] = major;
  out[1] = minor;
  return 0;
}
EXPORT int amdsmi_get_socket_handles(uint32_t* count, void** out) {
  const int status = (int)fake_number("FAKE_COUNT", 0);
  if (status != 0) return status;
  *count = 2;
  if (out) out[0] = &sockets[0], out[1] = &sockets[1];
  return 0;
}
EXPORT int amdsmi_get_processor_handles(void* socket, uint32_t* count, void** out) {
  const unsigned first = socket == &sockets[0] ? 0 : fake_gpus() / 2, last = socket == &sockets[0] ? fake_gpus() / 2 : fake_gpus();
  *count = last - first;
  for (unsigned i = first; out && i < last; ++i) {
    gpus[i].number = i;
    out[i - first] = &gpus[i];
  }
  return 0;
}
EXPORT int amdsmi_get_gpu_device_bdf(gpu* g, uint64_t* out) {
  *out = (uint64_t)(0xc1 + g->number) << 8;
  return 0;
}
EXPORT int amdsmi_get_gpu_asic_info(gpu* g, char* out) {
  sprintf(out, "Fake MI %u", g->number);
  return 0;
}
EXPORT int amdsmi_get_energy_count(gpu* g, uint64_t* out, float* resolution, uint64_t* stamp) {
  fake_trouble("read");
  if (fake_number("FAKE_COUNTER", 1) == 0) return 2;
  *resolution = 15.3f;
  *out = (uint64_t)(fake_energy_j(g->number) * 1e6 / 15.3);
  *stamp = 1;
  return 0;
}
EXPORT int amdsmi_get_power_info(gpu* g, unsigned char* out) {
  const uint32_t watts = (uint32_t)fake_power_w(g->number), none = 0xffff;
  const int wide = release() >= 25;
  memset(out, 0, wide ? 192 : 68);
  if (release() < 23.35) {
    memcpy(out, &watts, 4);  /* the mean alone */
    return 0;
  }
  if (wide && release() >= 26) {
    const uint64_t socket = watts;
    memcpy(out, &socket, 8);
  }
  unsigned char* at = out + (wide ? 8 : 0);
  memcpy(at, fake_is("FAKE_OLD", "1") ? &none : &watts, 4);      /* older chips have the mean only */
  memcpy(at + 4, fake_is("FAKE_OLD", "1") ? &watts : &none, 4);
  return 0;
}
EXPORT int amdsmi_get_gpu_activity(gpu* g, uint32_t* out) {
  (void)g;
  memset(out, 0, 64);
  out[0] = fake_nonsense() ? 0xffff : 42;
  return 0;
}
EXPORT int amdsmi_get_gpu_vram_usage(gpu* g, uint32_t* out) {
  (void)g;
  out[0] = 196592;
  out[1] = 4976;
  return 0;
}
EXPORT int amdsmi_get_temp_metric(gpu* g, uint32_t sensor, uint32_t metric, int64_t* out) {
  (void)g;
  (void)metric;
  if (sensor != 1) return 2;
  *out = release() < 23.15 ? 66000 : 66;
  return 0;
}
EXPORT int amdsmi_get_clock_info(gpu* g, uint32_t clock, uint32_t* out) {
  (void)g;
  memset(out, 0, 32);
  out[0] = clock == 0 ? 2100 : clock == 4 ? 1300 : 0xffffffff;
  return 0;
}
