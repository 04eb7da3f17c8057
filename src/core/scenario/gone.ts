import { constant } from '../ndis/constants'
import type { Machine } from '../machine'

const SURPRISE_REMOVED = constant('NdisDevicePnPEventSurpriseRemoved')

/** Ends a scenario early: the hardware that it plays with is gone. */
export class HardwareGone extends Error {
  constructor() {
    super('The hardware was removed.')
  }
}
export const isGone = ({ faults }: Machine): boolean => faults?.points.gone() ?? false

/** Between two things that a scenario does. @throws HardwareGone */
export function checkHardware(machine: Machine): void {
  if (isGone(machine)) throw new HardwareGone()
}
/** Lets time pass until nothing is left to do, at most `ticks`. @throws HardwareGone */
export function pass(machine: Machine, ticks: number): void {
  machine.kernel.scheduler.runUntil(() => isGone(machine), ticks)
  checkHardware(machine)
}
/** NDIS tells the drivers of adapters whose hardware is gone; then everything is taken down as for an orderly end. */
export function tellRemoved({ executive }: Machine): void {
  executive.adapters.forEach(({ control }) => control?.pnpEvent(SURPRISE_REMOVED))
}
