import type { IoManager } from '../../src/core/ndis/io-manager'
import type { DeviceFactory } from '../../src/core/nic/device'
import type { RunConfig } from '../../src/shared/engine'

/** A rule, a driver that breaks it and one that comes near and is legal. */
export interface RuleFixture {
  readonly rule: string
  /**
   * A short driver (test/conformance/short-driver.ts). The line that the violation names ends with `// <- here`; unless it lies in a
   * part, the file is 'driver.ts'.
   */
  readonly breaks: string
  /** What the violation names: the call, or the callback of the driver; '' of what no line is to blame for. */
  readonly fn: string
  /** Rules that cannot but be broken with it; none when left out. */
  readonly also?: readonly string[]
  /** Name of the bugcheck that follows. */
  readonly bugcheck?: string
  /** As like it as can be, with nothing wrong: no violation, no bugcheck, no leak. */
  readonly legal: string
  readonly config?: Partial<RunConfig>
  /** What an application does once everything has started. */
  readonly application?: (io: IoManager) => void
  /** Devices beside the NICs of the configuration. */
  readonly devices?: readonly DeviceFactory[]
  /** Files that the driver finds with NdisOpenFile. */
  readonly data?: Readonly<Record<string, Uint8Array>>
}
