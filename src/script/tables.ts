import { API } from '../core/ndis/api'
import { CONSTANTS } from '../core/ndis/constants'
import { STRUCTS } from '../core/memory/structs'
import type { InterfaceTables } from './interface'
import { typeNames } from './names'

/** The interface of this product: all tables together. */
export const tables: InterfaceTables = { api: API, structs: STRUCTS, constants: CONSTANTS, types: typeNames }
