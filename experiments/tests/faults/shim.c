/* Makes calls of the C library fail, for tests of what a program does then.
 *
 * Preloaded into a program, it counts the calls that change something below the
 * directory FAULT_UNDER and fails number FAULT_AT with the error number FAULT_ERRNO;
 * where FAULT_LASTING is set, all that follow too, as on a disk that is full: the
 * first write then still finds room for half of its bytes. FAULT_ONLY names the one
 * kind of call to count, and `lock`, `read` and `thread` are counted only where it
 * names them. Each failure is a line of the file FAULT_LOG.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_int counted;

static int number(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int is_below(const char *path) {
    const char *under = getenv("FAULT_UNDER");
    char whole[2 * PATH_MAX];
    if (!under)
        return 0;
    if (path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here))
            return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
    }
    size_t length = strlen(under);
    return !strncmp(whole, under, length) && (whole[length] == '/' || !whole[length]);
}

static void log_failure(const char *call, const char *path) {
    const char *log = getenv("FAULT_LOG");
    char line[2 * PATH_MAX];
    int saved = errno;
    if (!log)
        return;
    int length = snprintf(line, sizeof line, "%s %s\n", call, path);
    int fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd >= 0) {
        if (REAL(write)(fd, line, length) < 0) {
        }
        REAL(close)(fd);
    }
    errno = saved;
}

enum { PASSES, FAILS, FILLS_UP };

/* What is to become of a call; errno is set where it fails. */
static int fate(const char *call, const char *path) {
    const char *only = getenv("FAULT_ONLY");
    int is_special = !strcmp(call, "lock") || !strcmp(call, "read") || !strcmp(call, "thread");
    int at = number("FAULT_AT");
    if (at == 0 || (only ? strcmp(only, call) != 0 : is_special))
        return PASSES;
    if (path && !is_below(path))
        return PASSES;
    int n = atomic_fetch_add(&counted, 1) + 1;
    if (n != at && !(getenv("FAULT_LASTING") && n > at))
        return PASSES;
    log_failure(call, path ? path : "");
    errno = number("FAULT_ERRNO");
    return n == at && getenv("FAULT_LASTING") && !strcmp(call, "write") ? FILLS_UP : FAILS;
}

static int fate_of_fd(const char *call, int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    /* A pipe or a socket is below no directory. */
    if (length < 0 || path[0] != '/')
        return PASSES;
    path[length] = 0;
    return fate(call, path);
}

static int is_to_change(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT); }

#define OPEN(name)                                                                          \
    int name(const char *path, int flags, ...) {                                            \
        va_list rest;                                                                       \
        va_start(rest, flags);                                                              \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;             \
        va_end(rest);                                                                       \
        if (fate(is_to_change(flags) ? "open" : "read", path) != PASSES)                    \
            return -1;                                                                      \
        return REAL(name)(path, flags, mode);                                               \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *bytes, size_t count) {
    switch (fate_of_fd("write", fd)) {
    case FAILS:
        return -1;
    case FILLS_UP:
        count = (count + 1) / 2;
    }
    return REAL(write)(fd, bytes, count);
}

ssize_t read(int fd, void *bytes, size_t count) {
    return fate_of_fd("read", fd) != PASSES ? -1 : REAL(read)(fd, bytes, count);
}

int fsync(int fd) { return fate_of_fd("flush", fd) != PASSES ? -1 : REAL(fsync)(fd); }

int fdatasync(int fd) { return fate_of_fd("flush", fd) != PASSES ? -1 : REAL(fdatasync)(fd); }

int ftruncate(int fd, off_t length) {
    return fate_of_fd("cut", fd) != PASSES ? -1 : REAL(ftruncate)(fd, length);
}

int ftruncate64(int fd, off64_t length) {
    return fate_of_fd("cut", fd) != PASSES ? -1 : REAL(ftruncate64)(fd, length);
}

int flock(int fd, int operation);
int flock(int fd, int operation) {
    return fate_of_fd("lock", fd) != PASSES ? -1 : REAL(flock)(fd, operation);
}

int rename(const char *from, const char *to) {
    return fate("rename", to) != PASSES ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path) { return fate("remove", path) != PASSES ? -1 : REAL(unlink)(path); }

int mkdir(const char *path, mode_t mode) {
    return fate("directory", path) != PASSES ? -1 : REAL(mkdir)(path, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
    if (fate("thread", NULL) != PASSES)
        return errno;
    return REAL(pthread_create)(thread, attributes, start, argument);
}
