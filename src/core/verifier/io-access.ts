import type { Kernel } from '../kernel/kernel'
import type { Width } from '../nic/device'
import type { Executive } from '../ndis/executive'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const WIDTHS: Readonly<Record<string, Width>> = { uchar: 1, ushort: 2, ulong: 4 }
const PORT = /^(?:NdisRaw(Read|Write)Port|(READ|WRITE)_PORT_)(Buffer|BUFFER_)?(\w+)$/
const IMMEDIATE = /^NdisImmediate(Read|Write)(Port|SharedMemory)\w*$/
const REGISTER_BUFFER = /^(READ|WRITE)_REGISTER_BUFFER_(\w+)$/
const BUS_DATA = /^Ndis(?:(Read|Write)PciSlotInformation|M(Get|Set)BusData)$/

/** Ports that nobody registered (PortNotRegistered), and what NDIS fills or reads for the driver while it talks to a device. */
export function ioAccessRules(k: Kernel, { adapters, claims, functions, resources }: Executive): RuleFamily {
  const { access } = k
  const { violation } = k.verifier
  const address = (value: unknown): number => Number(value) >>> 0
  const bytesOf = (count: unknown, width: Width): number => address(count) * width
  const invalid = (fn: string, value: unknown, what: string): void =>
    violation('InvalidHandle', fn, `${fn} was given ${hex(address(value))}, ${what}.`)

  function port(fn: string, first: number, width: Width): void {
    const registered = claims
      .portRanges()
      .some((range) => first >= range.first && first + width <= range.first + range.count)
    if (registered) return
    violation(
      'PortNotRegistered',
      fn,
      `${fn} touches ${width === 1 ? 'the port' : `${width} ports at`} ${hex(first)}, which no call of NdisMRegisterIoPortRange covers.`,
    )
  }
  function portRule(fn: string): Before | undefined {
    const [, mixed, upper, buffer, type = ''] = PORT.exec(fn) ?? []
    const width = WIDTHS[type.toLowerCase()]
    if (width === undefined) return undefined
    const fills = (mixed ?? upper ?? '').toLowerCase() === 'read'
    return (Port: number, Buffer: number, Length: number) => {
      port(fn, address(Port), width)
      return buffer !== undefined && !access.range(fn, address(Buffer), bytesOf(Length, width), fills)
    }
  }
  function immediateRule(fn: string): Before | undefined {
    const [, verb, what] = IMMEDIATE.exec(fn) ?? []
    if (verb === undefined) return undefined
    return (context: number, _address: number, Buffer: number, Length: number) => {
      const phase = adapters.ofConfiguration(context)?.phase
      if (phase === 'initializing')
        return what === 'SharedMemory' && !access.range(fn, address(Buffer), address(Length), verb === 'Read')
      invalid(
        fn,
        context,
        phase === undefined
          ? 'which is no WrapperConfigurationContext'
          : 'a WrapperConfigurationContext that was valid inside of MiniportInitialize only',
      )
      return true
    }
  }
  function registerBufferRule(fn: string): Before | undefined {
    const [, verb, type = ''] = REGISTER_BUFFER.exec(fn) ?? []
    const width = WIDTHS[type.toLowerCase()]
    if (width === undefined) return undefined
    const fills = verb === 'READ'
    return (Register: number, Buffer: number, Count: number) =>
      !access.mapped(fn, address(Register), bytesOf(Count, width), !fills) ||
      !access.range(fn, address(Buffer), bytesOf(Count, width), fills)
  }
  function busDataRule(fn: string): Before | undefined {
    const [, verb, verb6] = BUS_DATA.exec(fn) ?? []
    if (verb === undefined && verb6 === undefined) return undefined
    const fills = verb === 'Read' || verb6 === 'Get'
    return (handle: number, _slot: number, _offset: number, Buffer: number, Length: number) => {
      if (!adapters.find(handle)) invalid(fn, handle, 'which is no adapter')
      return !access.range(fn, address(Buffer), address(Length), fills)
    }
  }
  const before: Record<string, Before> = {
    NdisMQueryAdapterResources(_status: unknown, context: number, list: number, size: { value: number } | number) {
      const fn = 'NdisMQueryAdapterResources'
      const adapter = adapters.ofConfiguration(context)
      if (!adapter) invalid(fn, context, 'which is no WrapperConfigurationContext')
      const needed = adapter ? resources.bytes(adapter) : 0
      const given = typeof size === 'object' ? size.value >>> 0 : k.space.r32(size)
      return given >= needed && !access.range(fn, address(list), needed, true)
    },
    NdisMPciAssignResources(handle: number) {
      if (!adapters.find(handle)) invalid('NdisMPciAssignResources', handle, 'which is no adapter')
      return false
    },
    IoGetDeviceProperty(_device: number, _property: number, length: number, Buffer: number) {
      return !access.range('IoGetDeviceProperty', address(Buffer), address(length), true)
    },
    NdisMGetDeviceProperty(handle: number) {
      if (adapters.find(handle)) return false
      invalid('NdisMGetDeviceProperty', handle, 'which is no adapter')
      return true
    },
  }
  for (const fn of Object.keys(functions)) {
    const rule = portRule(fn) ?? immediateRule(fn) ?? registerBufferRule(fn) ?? busDataRule(fn)
    if (rule) before[fn] = rule
  }
  return { before }
}
