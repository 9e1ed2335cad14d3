// Preloaded into a program (LD_PRELOAD), it moves the clocks that the program reads, at any moment
// and each apart. A kernel can move no clock but the wall clock, and that one for the whole machine.
//
// $UNDERSTUDY_TEST_CLOCKS/NAME, where NAME is the program's, holds two numbers of 64 bits, in
// nanoseconds: what is added to its wall clock, and what to the clocks that stand still while the
// machine sleeps. Time since boot, sleep included, is never moved: neither CLOCK_BOOTTIME nor
// /proc/uptime; with UNDERSTUDY_TEST_NO_UPTIME the latter cannot be opened, as on a server that is
// somebody else's.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct offsets {
  volatile int64_t wall;
  volatile int64_t monotonic;
};

static const struct offsets nothing;
static const struct offsets *offsets = &nothing;
static const int64_t second = 1000000000;

// The mapping is shared, so what PostgreSQL forks sees the same.
__attribute__((constructor)) static void open_offsets(void) {
  const char *folder = getenv("UNDERSTUDY_TEST_CLOCKS");
  char path[4096];
  if (folder == NULL) return;
  snprintf(path, sizeof path, "%s/%s", folder, program_invocation_short_name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof(struct offsets), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) offsets = mapped;
}

static int read_clock(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  return real(clock, now);
}

static int64_t offset_of(clockid_t clock) {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return offsets->wall;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
      return offsets->monotonic;
    default:
      return 0;
  }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = read_clock(clock, now);
  int64_t offset = offset_of(clock);
  if (result != 0 || offset == 0) return result;
  int64_t moved = now->tv_sec * second + now->tv_nsec + offset;
  now->tv_sec = moved / second;
  now->tv_nsec = moved % second;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec precise;
  int result = clock_gettime(CLOCK_REALTIME, &precise);
  if (result != 0) return result;
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *now) {
  struct timespec precise;
  clock_gettime(CLOCK_REALTIME, &precise);
  if (now != NULL) *now = precise.tv_sec;
  return precise.tv_sec;
}

static FILE *open_unless_hidden(const char *name, const char *path, const char *mode) {
  FILE *(*real)(const char *, const char *) =
      (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, name);
  if (strcmp(path, "/proc/uptime") == 0 && getenv("UNDERSTUDY_TEST_NO_UPTIME") != NULL) {
    errno = EACCES;
    return NULL;
  }
  return real(path, mode);
}

FILE *fopen(const char *restrict path, const char *restrict mode) {
  return open_unless_hidden("fopen", path, mode);
}

FILE *fopen64(const char *restrict path, const char *restrict mode) {
  return open_unless_hidden("fopen64", path, mode);
}
