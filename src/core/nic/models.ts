import type { DeviceFactory } from './device'
import type { NicModel } from './names'
import { createTeachingNic } from './teaching/teaching-nic'

/** What makes the NICs of a session. */
export const NIC_MODELS: Readonly<Partial<Record<NicModel, DeviceFactory>>> = {
  teaching: createTeachingNic,
}
