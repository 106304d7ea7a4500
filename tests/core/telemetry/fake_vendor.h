/* What the stand-ins for vendors' libraries share: they do what variables of the environment say, at every call anew.
     FAKE_GPUS          how many; 2
     FAKE_POWER_W       of the first; the second draws twice as much …; 100
     FAKE_COUNTER       the energy counter grows so many times as fast as the power says; 1; 0: it has none
     FAKE_INIT          status of the initialisation
     FAKE_COUNT         status of the call that counts the GPUs, which then leaves its argument untouched
     FAKE_HANG          "init" or "read": never comes back
     FAKE_CRASH         "init" or "read"
     FAKE_NONSENSE      1: every value is one that cannot be
     FAKE_OLD           1: as an older release
   Energy is that since the machine's start at this power, so that counter and trapezoid agree. */
#ifndef FAKE_VENDOR_H
#define FAKE_VENDOR_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static inline double fake_number(const char* name, double otherwise) {
  const char* value = getenv(name);
  return value && *value ? atof(value) : otherwise;
}
static inline int fake_is(const char* name, const char* value) {
  const char* set = getenv(name);
  return set && strcmp(set, value) == 0;
}
static inline int fake_nonsense(void) { return fake_is("FAKE_NONSENSE", "1"); }
static inline void fake_trouble(const char* where) {
  if (fake_is("FAKE_CRASH", where)) raise(SIGSEGV);
  while (fake_is("FAKE_HANG", where)) sleep(1);
}
static inline double fake_power_w(unsigned gpu) { return fake_number("FAKE_POWER_W", 100) * (gpu + 1); }
static inline double fake_energy_j(unsigned gpu) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return fake_power_w(gpu) * ((double)now.tv_sec + (double)now.tv_nsec * 1e-9) * fake_number("FAKE_COUNTER", 1);
}
static inline unsigned fake_gpus(void) { return (unsigned)fake_number("FAKE_GPUS", 2); }

#endif
