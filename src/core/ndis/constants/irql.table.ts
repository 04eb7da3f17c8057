/** Interrupt request levels of 32-bit x86. */
export const irqlConstants: Readonly<Record<string, number>> = {
  // wdm.h
  LOW_LEVEL: 0,
  PASSIVE_LEVEL: 0,
  APC_LEVEL: 1,
  DISPATCH_LEVEL: 2,
  PROFILE_LEVEL: 0x1b,
  CLOCK1_LEVEL: 0x1c,
  CLOCK2_LEVEL: 0x1c,
  CLOCK_LEVEL: 0x1c,
  IPI_LEVEL: 0x1d,
  POWER_LEVEL: 0x1e,
  HIGH_LEVEL: 0x1f,
}
