import type { NicTable } from './register-table'
import { TEACHING_NIC } from './teaching/registers.table'

/** The register maps of all models: for the NIC panel, which knows a device by `device`, and the reference pages of docs. */
export const NIC_TABLES: readonly NicTable[] = [TEACHING_NIC]
