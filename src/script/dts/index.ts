/** The ambient module 'ndis' for TypeScript: editors, `run --check` and anyone's tsc. */
import { apiByName } from '../../core/ndis/api'
import { CONSTANTS } from '../../core/ndis/constants'
import { STRUCTS } from '../../core/memory/structs'
import { SCALARS } from '../cells'
import { allTypeNames } from './c-types'
import { callbackDeclarations, functionDeclarations } from './functions'
import { PRELUDE } from './prelude'
import { literalDeclarations, structDeclarations } from './structs'
import { definition, given } from './type-text'

const hex = (value: number): string => `0x${(value >>> 0).toString(16).toUpperCase()}`

/** Initializers, not annotations: `let status = NDIS_STATUS_SUCCESS` is then a number, as anyone expects. */
const constantDeclarations = (): string =>
  Object.entries(CONSTANTS)
    .map(([name, value]) => `/** ${hex(value)} */\nexport const ${name} = ${value}`)
    .join('\n')

const isPlain = (name: string): boolean => !STRUCTS.has(name) && !apiByName.has(name)

const typeDeclarations = (): string =>
  allTypeNames()
    .filter(isPlain)
    .map((name) => `export type ${name} = ${definition(name)}`)
    .join('\n')

const scalarDeclarations = (): string =>
  Object.keys(SCALARS)
    .filter((name) => !STRUCTS.has(name))
    .map((name) => `export const ${name}: ScalarType<${given(name)}, '${name}'>`)
    .join('\n')

/** The type names of ndis.h are global, as everywhere after #include <ndis.h>. */
const globals = (): string =>
  allTypeNames()
    .map((name) => `type ${name} = import('ndis').${name}`)
    .join('\n')

/**
 * Text of ndis.d.ts.
 *
 * @param implemented names of the functions that this product emulates: hovers then say which are not. Left out, they do not.
 */
export function dts(implemented?: ReadonlySet<string>): string {
  const parts = [
    PRELUDE.trim(),
    typeDeclarations(),
    scalarDeclarations(),
    structDeclarations(),
    literalDeclarations(),
    callbackDeclarations(),
    functionDeclarations(implemented),
    constantDeclarations(),
  ]
  return `// Generated from the tables of NDIS Workbench: the driver interface for scripts.\ndeclare module 'ndis' {\n${parts.join('\n\n')}\n}\n\n${globals()}\n`
}
