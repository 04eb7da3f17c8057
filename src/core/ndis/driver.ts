import type { Kernel } from '../kernel/kernel'
import type { DriverFunction } from '../kernel/text'
import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'

/** DRIVER_OBJECT, 32-bit: the members that a network driver sees. */
const DRIVER_OBJECT = { Type: 0, Size: 2, DriverSize: 16, DriverUnload: 52, SIZE: 168 } as const
const IO_TYPE_DRIVER = 4
const REGISTRY_PATH = '\\Registry\\Machine\\System\\CurrentControlSet\\Services\\Driver'

/** Something that has its part in a driver's life: an adapter that must be initialized, run and halted. */
export interface LifePart {
  /** After DriverEntry succeeded. */
  start?(): void
  /** Before the driver is unloaded. */
  stop?(): void
}

/** The life of the one driver of this machine: DriverEntry, what it registered, unload. */
export interface DriverLife {
  readonly object: number
  readonly parts: LifePart[]
  /** Runs `entry` with DriverObject and RegistryPath; its status. */
  load(entry: (DriverObject: number, RegistryPath: number) => unknown): number
  /** Starts what was registered and lets time pass until nothing is left to do, at most `ticks`. */
  live(ticks: number): void
  unload(): void
  /** Runs driver code as an activation; the only way into it from NDIS. */
  call<T>(kind: number, name: string, irql: number, run: () => T): T
  /** A handler given as a function or as its address; undefined when there is none. */
  handler(target: unknown): ((...args: unknown[]) => unknown) | undefined
}

export function createDriverLife(k: Kernel): DriverLife {
  const { space, scheduler } = k
  let failed = true

  function unicode(text: string): number {
    const buffer = k.image.allocate((text.length + 1) * 2)
    for (let i = 0; i < text.length; i++) space.w16(buffer + 2 * i, text.charCodeAt(i))
    const counted = k.image.allocate(8)
    space.w16(counted, text.length * 2)
    space.w16(counted + 2, text.length * 2 + 2)
    space.w32(counted + 4, buffer)
    return counted
  }
  const object = k.image.allocate(DRIVER_OBJECT.SIZE)
  space.w16(object + DRIVER_OBJECT.Type, IO_TYPE_DRIVER)
  space.w16(object + DRIVER_OBJECT.Size, DRIVER_OBJECT.SIZE)
  const path = unicode(REGISTRY_PATH)
  const parts: LifePart[] = []

  function handler(target: unknown): ((...args: unknown[]) => unknown) | undefined {
    const fn = typeof target === 'number' ? k.text.functionAt(target) : target
    return typeof fn === 'function' ? (fn as DriverFunction as (...args: unknown[]) => unknown) : undefined
  }
  function call<T>(kind: number, name: string, irql: number, run: () => T): T {
    return scheduler.runNested(kind, name, irql, () => {
      const result = run()
      if (result instanceof Promise)
        k.verifier.violation(
          'AsyncCallback',
          name,
          `${name} returned a promise: drivers are synchronous, nothing waits for it.`,
        )
      return result
    })
  }

  return {
    object,
    parts,
    call,
    handler,
    load(entry) {
      const status = Number(call(ACTIVATION.THREAD, 'DriverEntry', PASSIVE_LEVEL, () => entry(object, path)) ?? 0) | 0
      failed = status < 0
      return status
    },
    live(ticks) {
      if (!failed) for (const part of parts) part.start?.()
      scheduler.runUntil(() => false, ticks)
    },
    unload() {
      for (const part of [...parts].reverse()) part.stop?.()
      const unload = handler(space.r32(object + DRIVER_OBJECT.DriverUnload))
      if (unload && !failed) call(ACTIVATION.THREAD, 'DriverUnload', PASSIVE_LEVEL, () => unload(object))
    },
  }
}
