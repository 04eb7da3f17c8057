import type { Kernel } from '../kernel/kernel'

/** Reports what a scenario saw of the drivers as a whole: no line of theirs is to blame, so that it names none. */
export function reportOfScenario(k: Kernel, rule: string, fn: string, message: string): void {
  const site = k.site.s
  k.site.s = 0
  k.verifier.violation(rule, fn, message)
  k.site.s = site
}
