/* The anchor: a fixed pool of descriptors in plain C. A pair takes one descriptor, writes 14 words of header, and gives it back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DESCRIPTORS 1024
#define ROUNDS 9

typedef struct descriptor {
  struct descriptor *next;
  uint32_t state;
  uint32_t header[14];
  uint8_t rest[256 - 8 - 4 - 56 - 4];
} descriptor;

static descriptor *memory, *list;
static long out;

__attribute__((noinline)) static descriptor *take(void) {
  descriptor *d = list;
  if (!d) return 0;
  list = d->next;
  out++;
  d->state = 1;
  for (int i = 0; i < 14; i++) d->header[i] = 0;
  return d;
}
__attribute__((noinline)) static void give(descriptor *d) {
  d->state = 0;
  d->next = list;
  list = d;
  out--;
}
static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}
static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
int main(int count, char **arguments) {
  long pairs = count > 1 ? atol(arguments[1]) : 20000000;
  double ns[ROUNDS];
  memory = calloc(DESCRIPTORS, sizeof(descriptor));
  for (int i = DESCRIPTORS - 1; i >= 0; i--) {
    memory[i].next = list;
    list = &memory[i];
  }
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    for (long i = 0; i < pairs; i++) {
      descriptor *d = take();
      __asm__ volatile("" ::"r"(d) : "memory");
      give(d);
    }
    ns[round] = (seconds() - start) * 1e9 / pairs;
  }
  qsort(ns, ROUNDS, sizeof *ns, ascending);
  printf("%.4f\n", ns[ROUNDS / 2]);
  return 0;
}
