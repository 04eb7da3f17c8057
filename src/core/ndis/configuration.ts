import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { ADAPTER_OBJECT, type Adapters } from './adapters'
import { createConfigurationParameters, utf16 } from './configuration-parameter'
import { constant } from './constants'
import { MINIPORT_DRIVER_OBJECT } from './miniport6'
import { isObject } from './object-header'
import type { RegistryKey, RegistryValue } from './registry'
import { keyBelow, type RegistryTree } from './registry-tree'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const CONFIGURATION_HANDLE = 'configuration handle'
/** 'NDch' */
const HANDLE_TAG = 0x6863444e
const HANDLE_BYTES = 16
const OBJECT = layout('NDIS_CONFIGURATION_OBJECT', 'NdisHandle')
const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')

/** Pairs of hexadecimal digits, alone or with - or : between them. */
const NETWORK_ADDRESS = /^[0-9a-f]{2}(?:[-:]?[0-9a-f]{2})*$/i

/** An open key, and the blocks that were handed out through its handle. */
interface OpenKey {
  readonly key: RegistryKey
  readonly blocks: number[]
}

/**
 * Registry parameters of an instance (DDI ndisopenconfigurationex, ndisreadconfiguration ...; PV NdisOpenConfiguration).
 * What a handle gave out is live until the handle is closed.
 */
export function createConfigurations(k: Kernel, adapters: Adapters, { instance, services }: RegistryTree) {
  const { space, objects, pool, site, preempt } = k
  const { r32, w16, w32 } = space
  const { put32 } = k.cells
  const parameters = createConfigurationParameters(k)
  const open = new Map<number, OpenKey>()
  /** Keywords that every key answers (PV NdisReadConfiguration). */
  const predefined: Readonly<Record<string, number>> = {
    ENVIRONMENT: constant('NdisEnvironmentWindowsNt'),
    PROCESSORTYPE: 0, // NdisProcessorX86
    NDISVERSION: k.traits.version,
  }

  function openKey(ConfigurationHandle: OutParam, key: RegistryKey | undefined): number {
    put32(ConfigurationHandle, 0)
    if (!key) return NDIS_STATUS_FAILURE
    const handle = objects.create(CONFIGURATION_HANDLE, HANDLE_TAG, HANDLE_BYTES)
    if (handle === 0) return NDIS_STATUS_RESOURCES
    open.set(handle, { key, blocks: [] })
    put32(ConfigurationHandle, handle)
    return NDIS_STATUS_SUCCESS
  }
  function lookUp(key: RegistryKey, keyword: string): RegistryValue | undefined {
    const data = predefined[keyword.toUpperCase()]
    return key.value(keyword) ?? (data === undefined ? undefined : { type: 'REG_DWORD', data })
  }
  function read(ParameterValue: OutParam, handle: number, Keyword: number, ParameterType: number): number {
    put32(ParameterValue, 0)
    const opened = open.get(handle)
    const value = opened && lookUp(opened.key, parameters.unicode(Keyword))
    if (!opened || !value) return NDIS_STATUS_FAILURE
    const placed = parameters.put(value, ParameterType >>> 0)
    if (placed === 'memory') return NDIS_STATUS_RESOURCES
    if (placed === 'type') return NDIS_STATUS_FAILURE
    opened.blocks.push(placed.address)
    put32(ParameterValue, placed.address)
    return NDIS_STATUS_SUCCESS
  }
  function readAddress(NetworkAddress: OutParam, NetworkAddressLength: OutParam, handle: number): number {
    put32(NetworkAddress, 0)
    put32(NetworkAddressLength, 0)
    const opened = open.get(handle)
    const value = opened?.key.value('NetworkAddress')
    if (!opened || value?.type !== 'REG_SZ' || !NETWORK_ADDRESS.test(value.data)) return NDIS_STATUS_FAILURE
    const bytes = Uint8Array.from(value.data.match(/[0-9a-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16))
    const address = parameters.place(bytes)
    if (address === 0) return NDIS_STATUS_RESOURCES
    opened.blocks.push(address)
    put32(NetworkAddress, address)
    put32(NetworkAddressLength, bytes.length)
    return NDIS_STATUS_SUCCESS
  }
  function write(handle: number, Keyword: number, ParameterValue: number): number {
    const key = open.get(handle)?.key
    const value = key && parameters.take(ParameterValue)
    if (!key || !value) return NDIS_STATUS_FAILURE
    key.write(parameters.unicode(Keyword), value)
    return NDIS_STATUS_SUCCESS
  }
  function openAt(handle: number, Index: number, KeyName: number, KeyHandle: OutParam): number {
    const opened = open.get(handle)
    const below = opened?.key.keyAt(Index >>> 0)
    const status = openKey(KeyHandle, below?.key)
    if (!opened || !below || status !== NDIS_STATUS_SUCCESS) return status
    const name = utf16(`${below.name}\0`)
    const buffer = parameters.place(name)
    if (buffer !== 0) opened.blocks.push(buffer)
    w16(KeyName + STRING.Length, buffer === 0 ? 0 : name.length - 2)
    w16(KeyName + STRING.MaximumLength, buffer === 0 ? 0 : name.length)
    w32(KeyName + STRING.Buffer, buffer)
    return NDIS_STATUS_SUCCESS
  }
  /** Whom NDIS knows: an adapter, or a driver that registered. */
  const isKnown = (handle: number): boolean =>
    objects.find(handle, ADAPTER_OBJECT) !== undefined || objects.find(handle, MINIPORT_DRIVER_OBJECT) !== undefined

  const expected = {
    type: constant('NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT'),
    size: constant('NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1'),
  }
  const told = (Status: OutParam, status: number): void => {
    put32(Status, status)
    preempt()
  }
  return {
    NdisOpenConfiguration: (Status: OutParam, ConfigurationHandle: OutParam, Context: number): void =>
      told(Status, openKey(ConfigurationHandle, adapters.ofConfiguration(Context) && instance)),
    NdisOpenConfigurationEx(ConfigObject: number, ConfigurationHandle: OutParam): number {
      preempt()
      put32(ConfigurationHandle, 0)
      if (!isObject(space, ConfigObject, expected)) return NDIS_STATUS_INVALID_PARAMETER
      return openKey(ConfigurationHandle, isKnown(r32(ConfigObject + OBJECT.NdisHandle)) ? instance : undefined)
    },
    /** The section is a path below the services (PV NdisOpenProtocolConfiguration: SystemSpecific1 of ProtocolBindAdapter). */
    NdisOpenProtocolConfiguration(Status: OutParam, ConfigurationHandle: OutParam, ProtocolSection: number): void {
      told(Status, openKey(ConfigurationHandle, keyBelow(services, parameters.unicode(ProtocolSection))))
    },
    NdisOpenConfigurationKeyByName(Status: OutParam, handle: number, SubKeyName: number, KeyHandle: OutParam): void {
      told(Status, openKey(KeyHandle, open.get(handle)?.key.key(parameters.unicode(SubKeyName))))
    },
    NdisOpenConfigurationKeyByIndex: (
      Status: OutParam,
      handle: number,
      Index: number,
      KeyName: number,
      KeyHandle: OutParam,
    ): void => told(Status, openAt(handle, Index, KeyName, KeyHandle)),
    NdisReadConfiguration: (
      Status: OutParam,
      ParameterValue: OutParam,
      handle: number,
      Keyword: number,
      ParameterType: number,
    ): void => told(Status, read(ParameterValue, handle, Keyword, ParameterType)),
    NdisWriteConfiguration: (Status: OutParam, handle: number, Keyword: number, ParameterValue: number): void =>
      told(Status, write(handle, Keyword, ParameterValue)),
    NdisReadNetworkAddress: (Status: OutParam, Address: OutParam, Length: OutParam, handle: number): void =>
      told(Status, readAddress(Address, Length, handle)),
    NdisCloseConfiguration(ConfigurationHandle: number): void {
      const opened = open.get(ConfigurationHandle)
      if (opened) {
        open.delete(ConfigurationHandle)
        for (const block of opened.blocks) if (pool.problem(block) === null) pool.free(block, site.s)
        objects.destroy(ConfigurationHandle)
      }
      preempt()
    },
  }
}
