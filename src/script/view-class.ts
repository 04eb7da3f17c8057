import type { Kernel } from '../core/kernel/kernel'
import { deviceAccess, SCALAR_SIZE, scalarAccess, type ScalarKind } from './cells'
import { compileIn } from './compile'

/** How a member is read and written, given the address of its first byte. */
export interface Accessor {
  get(address: number): unknown
  set(address: number, value: unknown): void
}
/** A member of a view: a number in memory, or anything else by an accessor. */
export interface ViewMember {
  readonly name: string
  /** Bytes from the address of the view. */
  readonly offset: number
  readonly access: ScalarKind | Accessor
}

/** By these, code of ours recognizes a view and asks it for its address and for the bytes of its struct. */
const ADDRESS = Symbol('address')
const SIZE = Symbol('size')
interface AnyView {
  readonly [ADDRESS]?: () => number
  readonly [SIZE]?: number
}
/** 0 for what is no view. */
export const addressOf = (view: object): number => (view as AnyView)[ADDRESS]?.() ?? 0
/** Bytes; 0 for what is no view. */
export const sizeOf = (view: object): number => (view as AnyView)[SIZE] ?? 0

/** What people may give for a number: out parameters, booleans, bigints for what fits. */
const plainNumber = (value: unknown): number | bigint =>
  typeof value === 'bigint' || typeof value === 'number'
    ? value
    : typeof value === 'boolean'
      ? Number(value)
      : Number((value as { value?: unknown } | null)?.value ?? 0)

/**
 * The text of a class of views. It is generated, a class of its own for each type, for the reason that bindings are: V8 then
 * sees one class at each use, inlines what reads or writes the member and makes no object for the view at all.
 */
function classText(members: readonly ViewMember[]): string {
  const bodies = members.map(({ name, offset, access }, i) => {
    const at = `const at=this.#address+${offset};`
    const key = JSON.stringify(name)
    if (typeof access !== 'string')
      return `get ${key}(){${at}return m${i}.get(at)}set ${key}(value){${at}m${i}.set(at,value)}`
    const size = SCALAR_SIZE[access]
    return (
      `get ${key}(){${at}return check(at,${size},false)?m${i}.read(at):d${i}.read(at)}` +
      `set ${key}(value){${at}const plain=typeof value==='number'?value:plainNumber(value);` +
      `if(check(at,${size},true))m${i}.write(at,plain);else d${i}.write(at,plain)}`
    )
  })
  return (
    // As an argument the class gets no name from anywhere: debuggers then show the name of the struct, its toStringTag.
    `return((View)=>({View,at:(address)=>new View(Number(address)>>>0)}))` +
    `(class{#address;constructor(address){this.#address=address}[ADDRESS](){return this.#address}${bodies.join('')}})`
  )
}

/** A class of views of `size` bytes; debuggers show its name. Its prototype is frozen. */
export function compileView(
  k: Kernel,
  name: string,
  size: number,
  members: readonly ViewMember[],
): (address: number) => object {
  const scope: Record<string, unknown> = { ADDRESS, check: k.access.check, plainNumber }
  members.forEach(({ access }, i) => {
    scope[`m${i}`] = typeof access === 'string' ? scalarAccess(k, access) : access
    if (typeof access === 'string') scope[`d${i}`] = deviceAccess(k, access)
  })
  const { View, at } = compileIn(scope, classText(members)) as {
    View: { readonly prototype: object }
    at: (address: number) => object
  }
  for (const { name: member } of members)
    Object.defineProperty(View.prototype, member, {
      ...Object.getOwnPropertyDescriptor(View.prototype, member),
      enumerable: true,
    })
  Object.defineProperty(View.prototype, SIZE, { value: size })
  Object.defineProperty(View.prototype, Symbol.toStringTag, { value: name })
  Object.freeze(View.prototype)
  Object.freeze(View)
  return at
}
