/* The anchors: `anchor [pairs|frames] [count]`, nanoseconds each. A fixed pool of descriptors in plain C: a pair takes one descriptor, writes 14 words of header, and gives it back. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DESCRIPTORS 1024
#define ROUNDS 100

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
/* A frame: packet and buffer are taken and chained, 64 bytes are copied into a slot of a ring, it is completed, both are given back. */
#define SLOTS 256
#define SLOT_BYTES 128
#define FRAME_BYTES 64
typedef struct {
  uint64_t address;
  uint32_t length, flags;
} slot;
static uint8_t ring[SLOTS * SLOT_BYTES] __attribute__((aligned(64))), source[FRAME_BYTES];
static slot slots[SLOTS];
static uint32_t produced, consumed;

static void pairs(long count) {
  for (long i = 0; i < count; i++) {
    descriptor *d = take();
    __asm__ volatile("" ::"r"(d) : "memory");
    give(d);
  }
}
static void frames(long count) {
  for (long i = 0; i < count; i++) {
    descriptor *packet = take(), *buffer = take();
    memcpy(&buffer->rest, &(uint8_t *){source}, sizeof(uint8_t *));
    buffer->header[0] = FRAME_BYTES;
    memcpy(&packet->rest, &buffer, sizeof buffer);
    packet->header[0] = FRAME_BYTES;
    uint32_t at = produced++ % SLOTS;
    uint8_t *bytes;
    memcpy(&bytes, &buffer->rest, sizeof bytes);
    memcpy(ring + at * SLOT_BYTES, bytes, FRAME_BYTES);
    __asm__ volatile("" ::: "memory");
    slots[at] = (slot){(uint64_t)(ring + at * SLOT_BYTES), FRAME_BYTES, 1};
    __asm__ volatile("" ::: "memory");
    slots[consumed++ % SLOTS].flags = 2;
    packet->state = 2;
    give(buffer);
    give(packet);
  }
}
int main(int count, char **arguments) {
  int asFrames = count > 1 && strcmp(arguments[1], "frames") == 0;
  long rounds = count > 2 ? atol(arguments[2]) : 1000000;
  double ns[ROUNDS];
  memory = calloc(DESCRIPTORS, sizeof(descriptor));
  for (int i = DESCRIPTORS - 1; i >= 0; i--) {
    memory[i].next = list;
    list = &memory[i];
  }
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    (asFrames ? frames : pairs)(rounds);
    ns[round] = (seconds() - start) * 1e9 / rounds;
  }
  qsort(ns, ROUNDS, sizeof *ns, ascending);
  printf("%.4f\n", ns[ROUNDS / 2]);
  return 0;
}
