/* A stand-in for NVIDIA's library: fake_vendor.h. GPU i is at 0000:41:00.0 + i buses. Compiled with LACKS_A_SYMBOL it has no
   nvmlDeviceGetCount_v2. FAKE_NAME: of the GPUs; FAKE_MIG 1: split boards; FAKE_OLD 1: no POWER_INSTANT. */
#include "fake_vendor.h"

typedef struct { unsigned number; } *device;
static struct { unsigned number; } boards[64];

typedef struct { char legacy[16]; unsigned domain, bus, slot, device_id, subsystem; char id[32]; } pci_place;
typedef struct { unsigned gpu, memory; } utilisation;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2;
typedef struct { unsigned field, scope; long long stamp, latency; int type; int status; unsigned long long value; } field_value;

EXPORT int nvmlInit_v2(void) {
  fake_trouble("init");
  return (int)fake_number("FAKE_INIT", 0);
}
EXPORT const char* nvmlErrorString(int status) { return status == 9 ? "Driver Not Loaded" : "Unknown Error"; }
#ifndef LACKS_A_SYMBOL
EXPORT int nvmlDeviceGetCount_v2(unsigned* count) {
  const int status = (int)fake_number("FAKE_COUNT", 0);
  if (status == 0) *count = fake_gpus();
  return status;
}
#endif
EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned index, device* out) {
  if (index >= fake_gpus() || index >= 64) return 2;
  /* Another order than that of the buses: whoever goes by the index is wrong. */
  const unsigned number = fake_gpus() - 1 - index;
  boards[number].number = number;
  *out = (device)&boards[number];
  return 0;
}
EXPORT int nvmlDeviceGetPciInfo_v3(device d, pci_place* out) {
  memset(out, 0, sizeof *out);
  snprintf(out->id, sizeof out->id, "00000000:%02X:00.0", 0x41 + d->number);
  return 0;
}
EXPORT int nvmlDeviceGetHandleByPciBusId_v2(const char* id, device* out) {
  unsigned domain, bus;
  if (sscanf(id, "%x:%x:00.0", &domain, &bus) != 2 || bus < 0x41 || bus >= 0x41 + fake_gpus()) return 6;
  boards[bus - 0x41].number = bus - 0x41;
  *out = (device)&boards[bus - 0x41];
  return 0;
}
EXPORT int nvmlDeviceGetName(device d, char* out, unsigned size) {
  const char* name = getenv("FAKE_NAME");
  snprintf(out, size, "%s %u", name ? name : "Fake GPU", d->number);
  return 0;
}
EXPORT int nvmlDeviceGetTotalEnergyConsumption(device d, unsigned long long* out) {
  fake_trouble("read");
  if (fake_number("FAKE_COUNTER", 1) == 0) return 3;
  *out = fake_nonsense() ? ~0ull : (unsigned long long)(fake_energy_j(d->number) * 1e3);
  return 0;
}
EXPORT int nvmlDeviceGetPowerUsage(device d, unsigned* out) {
  *out = fake_nonsense() ? ~0u : (unsigned)(fake_power_w(d->number) * 1e3);
  return 0;
}
EXPORT int nvmlDeviceGetFieldValues(device d, int n, field_value* out) {
  for (int i = 0; i < n; ++i) {
    out[i].status = out[i].field == 186 && !fake_is("FAKE_OLD", "1") ? 0 : 3;
    out[i].type = 1;
    out[i].value = (unsigned)(fake_power_w(d->number) * 1e3) + 5000;  /* 5 W above the mean: told apart */
    if (fake_nonsense()) out[i].value = 4294967295u;
  }
  return 0;
}
EXPORT int nvmlDeviceGetTemperature(device d, unsigned sensor, unsigned* out) {
  (void)sensor;
  *out = fake_nonsense() ? 4000u : 60 + d->number;
  return 0;
}
EXPORT int nvmlDeviceGetClockInfo(device d, unsigned clock, unsigned* out) {
  (void)d;
  *out = fake_nonsense() ? 4000000000u : clock == 1 ? 1980 : 2619;
  return 0;
}
EXPORT int nvmlDeviceGetUtilizationRates(device d, utilisation* out) {
  (void)d;
  out->gpu = fake_nonsense() ? 900 : 75;
  out->memory = 30;
  return 0;
}
EXPORT int nvmlDeviceGetMemoryInfo_v2(device d, memory_v2* out) {
  (void)d;
  if (out->version != (sizeof *out | 2u << 24)) return 25;
  out->used = fake_nonsense() ? ~0ull : 12345678;
  return 0;
}
EXPORT int nvmlDeviceGetCurrentClocksThrottleReasons(device d, unsigned long long* out) {
  (void)d;
  *out = 0x4 | 0x20;  /* power cap, thermal */
  return 0;
}
EXPORT int nvmlDeviceGetMigMode(device d, unsigned* current, unsigned* pending) {
  (void)d;
  *current = *pending = fake_is("FAKE_MIG", "1");
  return 0;
}
