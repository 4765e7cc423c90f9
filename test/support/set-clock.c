// Gives a process other clocks than those of the machine: it is preloaded (LD_PRELOAD), and reads from the file
// that LSTMD_TEST_CLOCK names how far they are off. Another process may change the file at any time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct settings {
  int64_t wall_ms;
  int64_t boot_ms;
  int64_t is_synchronized;
  /* A file with the id of the boot. */
  char boot_id[232];
};

static const struct settings* shared;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("LSTMD_TEST_CLOCK");
  int (*real)(const char*, int, ...) = dlsym(RTLD_NEXT, "open64");
  int fd = path == NULL ? -1 : real(path, O_RDONLY | O_CLOEXEC);
  void* bytes = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, fd, 0);
  if (bytes != MAP_FAILED) shared = bytes;
  if (fd >= 0) close(fd);
  unsetenv("LSTMD_TEST_CLOCK");
}

static void add(struct timespec* time, int64_t ms) {
  int64_t ns = time->tv_nsec + (ms % 1000) * 1000000;
  time->tv_sec += ms / 1000 + (ns >= 1000000000) - (ns < 0);
  time->tv_nsec = ns + (ns < 0 ? 1000000000 : ns >= 1000000000 ? -1000000000 : 0);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  static int (*real)(clockid_t, struct timespec*);
  if (real == NULL) real = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  if (result == 0 && shared != NULL) {
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) add(time, shared->wall_ms);
    if (clock == CLOCK_BOOTTIME) add(time, shared->boot_ms);
  }
  return result;
}

int gettimeofday(struct timeval* restrict time, void* restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) *result = now.tv_sec;
  return now.tv_sec;
}

int adjtimex(struct timex* state) {
  memset(state, 0, sizeof *state);
  state->status = shared != NULL && shared->is_synchronized ? 0 : STA_UNSYNC;
  return state->status == 0 ? TIME_OK : TIME_ERROR;
}

static const char* redirected(const char* path) {
  int is_boot_id = shared != NULL && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0;
  return is_boot_id ? shared->boot_id : path;
}

int open64(const char* path, int flags, ...) {
  static int (*real)(const char*, int, ...);
  if (real == NULL) real = dlsym(RTLD_NEXT, "open64");
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return real(redirected(path), flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open64(path, flags, mode);
}
