/* The wall clock of a program that is started with LD_PRELOAD: the machine's, and so many
   seconds more as the file KAIRAN_TEST_CLOCK says. It is read at every look, so that the clock
   can jump while the program runs. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int (*machine)(clockid_t, struct timespec *);
static int file = -1;

__attribute__((constructor)) static void begin(void) {
  machine = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("KAIRAN_TEST_CLOCK");
  if (path) file = open(path, O_RDONLY | O_CLOEXEC);
}

int clock_gettime(clockid_t id, struct timespec *now) {
  if (!machine) begin();
  int answer = machine(id, now);
  char text[32];
  if (answer == 0 && id == CLOCK_REALTIME && file >= 0) {
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    if (length > 0) {
      text[length] = 0;
      now->tv_sec += atol(text);
    }
  }
  return answer;
}
