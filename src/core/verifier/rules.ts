/** What a family of rules looks like to the binding of the interface. One family a file. */

/**
 * Looks at a call before it is carried out. `true` refuses it: the violation is reported and the call is not made,
 * because carrying it out would only wreck the machine (a second free, for instance).
 */
export type Before = (...args: never[]) => boolean
export type After = (result: never, ...args: never[]) => void

export interface RuleFamily {
  readonly before?: Readonly<Record<string, Before>>
  readonly after?: Readonly<Record<string, After>>
  /** Driver code returned: index of its activation. */
  readonly activationEnded?: (index: number) => void
  /** The driver is unloaded; what is still out is a leak. */
  readonly unloaded?: () => void
  /** Nothing of the driver runs any more: it is unloaded, the system stopped, or the machine did with a bugcheck. */
  readonly ended?: () => void
}
