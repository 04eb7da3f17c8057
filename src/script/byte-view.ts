import type { Kernel } from '../core/kernel/kernel'

const INDEX = /^(0|[1-9]\d*)$/

/** What `bytes(ptr, length)` gives: indexable like an array, every touch checked, nothing ever thrown. */
export interface ByteView {
  [index: number]: number
  readonly address: number
  readonly length: number
  set(source: ArrayLike<number>, offset?: number): void
  fill(value: number, start?: number, end?: number): ByteView
  slice(start?: number, end?: number): number[]
  subarray(start?: number, end?: number): ByteView
  toString(): string
}

/** Views of memory by what scripts hold: from one to another bytes are copied, without a look at what they are. */
const views = new WeakMap<object, { readonly address: number; readonly length: number }>()

/** A checked byte view over [address, address + length), in memory or in registers. Bytes outside read as 0 after the report. */
export function createByteView(k: Kernel, address: number, length: number): ByteView {
  const { space, access, windows } = k
  const get = (index: number): number =>
    access.check(address + index, 1, false) ? space.r8(address + index) : windows.read(address + index, 1)
  const put = (index: number, value: number): void => {
    if (access.check(address + index, 1, true)) space.w8(address + index, value)
    else windows.write(address + index, 1, value & 0xff)
  }
  /** What nobody wrote is no more written where it is copied to. */
  const copy = (to: number, source: number, count: number): void => {
    if (count === 0 || !access.range('', source, count, false) || !access.range('', to, count, true)) return
    access.copied(to, source, count)
    space.move(to, source, count)
  }
  const bound = (value: number | undefined, otherwise: number): number => {
    const whole = Math.trunc(value ?? otherwise) || 0
    return Math.min(length, Math.max(0, whole < 0 ? length + whole : whole))
  }
  const slice = (start?: number, end?: number): number[] => {
    const list: number[] = []
    for (let i = bound(start, 0); i < bound(end, length); i++) list.push(get(i))
    return list
  }
  const view = {
    address,
    length,
    set(source: ArrayLike<number>, offset = 0) {
      const from = views.get(source)
      if (from && !windows.at(from.address) && !windows.at(address) && from.length <= length - offset)
        return copy(address + offset, from.address, from.length)
      for (let i = 0; i < source.length; i++) put(offset + i, Number(source[i]))
    },
    fill(value: number, start?: number, end?: number) {
      for (let i = bound(start, 0); i < bound(end, length); i++) put(i, value)
      return proxy
    },
    slice,
    subarray: (start?: number, end?: number) =>
      createByteView(k, address + bound(start, 0), Math.max(0, bound(end, length) - bound(start, 0))),
    toString: () =>
      slice()
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(' '),
    *[Symbol.iterator]() {
      for (let i = 0; i < length; i++) yield get(i)
    },
  }
  const proxy: ByteView = new Proxy(view as unknown as ByteView, {
    get: (target, key) => (typeof key === 'string' && INDEX.test(key) ? get(Number(key)) : Reflect.get(target, key)),
    set(_target, key, value) {
      if (typeof key !== 'string' || !INDEX.test(key)) return false
      put(Number(key), Number(value))
      return true
    },
    has: (target, key) =>
      typeof key === 'string' && INDEX.test(key) ? Number(key) < length : Reflect.has(target, key),
  })
  views.set(proxy, { address, length })
  return proxy
}
