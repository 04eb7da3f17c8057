import { INTEL_82540EM } from './82540em/82540em.table'
import type { NicModel } from './names'
import type { NicTable } from './register-table'
import { TEACHING_NIC } from './teaching/registers.table'

/** The register maps of the models: for the NIC panel, which knows a device by `device`, and for the reference pages of docs. */
export const NIC_TABLES: Readonly<Record<NicModel, NicTable>> = { '82540EM': INTEL_82540EM, teaching: TEACHING_NIC }
