import type { CapturedNic } from '../core/wire/capture'
import type { RunConfig } from '../shared/engine'

const MEGABIT = 1_000_000

/** What a capture says of the run that it is of. Behind the NICs of the configuration are `devices` others. */
export function captureFacts(entry: string, { scenario, seed, cpus, nics, link }: RunConfig, devices: number) {
  const models = [...nics, ...Array<string>(devices).fill('device')]
  const described = models.map((model, slot): CapturedNic => ({
    name: `nic${slot}`,
    description: `${model} in slot ${slot}`,
    speed: link.speed * MEGABIT,
  }))
  return {
    comment: `${entry}, scenario ${scenario}, seed ${seed}, ${cpus} CPU${cpus === 1 ? '' : 's'}. Times are virtual: they count from the start of the machine.`,
    nics: described,
  }
}
