import { create82540em } from './82540em/82540em'
import type { DeviceFactory } from './device'
import type { NicModel } from './names'
import { createTeachingNic } from './teaching/teaching-nic'

/** What makes the NICs of a session. */
export const NIC_MODELS: Readonly<Record<NicModel, DeviceFactory>> = {
  '82540EM': create82540em,
  teaching: createTeachingNic,
}
