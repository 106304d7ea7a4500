/* A plugin without arithmetic, compiled once for each way in which a plugin can be good or bad (KIND_…). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/api/plugin.h"

#define EXPORT __attribute__((visibility("default")))

static const char* last_error(void) { return "a test plugin computes nothing"; }

static tm_status enumerate(tm_device_capabilities* out, uint32_t capacity, uint32_t* count) {
#if KIND_HANG_IN_ENUMERATE
  for (;;) sleep(1);
#endif
  printf("ok\n"); /* what a plugin prints must not be taken for a verdict */
#if KIND_MANY_DEVICES
  *count = 40;
#else
  *count = 2;
#endif
  for (uint32_t i = 0; i < *count && i < capacity; ++i) {
    memset(&out[i], 0, sizeof out[i]);
    out[i].size = sizeof out[i];
    out[i].version = TM_ABI_VERSION;
    snprintf(out[i].id, sizeof out[i].id, "test:%u", i);
    memset(out[i].name, 'n', sizeof out[i].name); /* not ended */
    out[i].available = i != 1;
    if (i == 1) strcpy(out[i].why, "its fan is off");
  }
  return TM_OK;
}

static tm_status open_device(const char* id, const tm_device_options* options, tm_device** out) {
  (void)id, (void)options, (void)out;
  return TM_UNAVAILABLE;
}
static void close_device(tm_device* device) { (void)device; }
static tm_status create_executor(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                                 const tm_executor_options* options, tm_executor** out) {
  (void)device, (void)model, (void)weights, (void)options, (void)out;
  return TM_UNAVAILABLE;
}
static void destroy_executor(tm_executor* executor) { (void)executor; }
static tm_status memory_needed(tm_device* device, const tm_model* model, const tm_weight_source* weights,
                               const tm_executor_options* options, uint64_t* bytes) {
  (void)device, (void)model, (void)weights, (void)options, (void)bytes;
  return TM_UNAVAILABLE;
}
static tm_status step(tm_executor* executor, const tm_step* s, tm_step_result* result) {
  (void)executor, (void)s, (void)result;
  return TM_UNAVAILABLE;
}
static tm_status wait_step(tm_executor* executor) {
  (void)executor;
  return TM_UNAVAILABLE;
}

static tm_plugin table = {
    .size = sizeof(tm_plugin), .version = TM_ABI_VERSION, .name = "test", .build = "test", .last_error = last_error,
    .enumerate = enumerate, .open_device = open_device, .close_device = close_device,
    .create_executor = create_executor, .destroy_executor = destroy_executor, .memory_needed = memory_needed,
    .step = step, .wait = wait_step};

#if KIND_CRASH_AT_LOAD
__attribute__((constructor)) static void at_load(void) { abort(); }
#elif KIND_EXIT_AT_LOAD
__attribute__((constructor)) static void at_load(void) { _exit(0); }
#endif

#if KIND_NO_SYMBOL
EXPORT const tm_plugin* some_other_query(uint32_t host_version) {
#else
EXPORT const tm_plugin* tokenmark_plugin_query(uint32_t host_version) {
#endif
  (void)host_version;
#if KIND_CRASH_IN_QUERY
  abort();
#elif KIND_REFUSING
  return NULL;
#elif KIND_OLD_VERSION
  table.version = 77;
#elif KIND_NO_ENTRIES
  table.step = NULL;
#elif KIND_SMALL_TABLE
  table.size = 32;
#elif KIND_NO_NAME
  table.name = NULL;
#elif KIND_MANY_DEVICES
  table.name = "many";
  table.size = (uint32_t)((char*)&table.calibrate - (char*)&table); /* mandatory entries only */
  table.resolve = (void* (*)(const char*))1;                       /* beyond its size: must not be seen */
#endif
  return &table;
}
