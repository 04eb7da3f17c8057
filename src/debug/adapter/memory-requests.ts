import type { DebugProtocol } from '@vscode/debugprotocol'
import { DapError } from './connection'
import type { RunningEngine } from './ports'

/** Bytes that one request may ask for. */
const MOST_BYTES = 16 * 1024 * 1024
const HIGHEST = 0xffff_ffff

function addressOf(reference: string, offset = 0): number {
  const address = /^(0x[0-9a-f]+|\d+)$/i.test(reference.trim()) ? Number(reference) + offset : Number.NaN
  if (Number.isInteger(address) && address >= 0 && address <= HIGHEST) return address
  throw new DapError(`'${reference}' with offset ${offset} is no address; write it as 0x12345678`)
}
const hex = (address: number): string => `0x${address.toString(16).padStart(8, '0')}`

export function readMemory(
  engine: RunningEngine,
  { memoryReference, offset, count }: DebugProtocol.ReadMemoryArguments,
): DebugProtocol.ReadMemoryResponse['body'] {
  const address = addressOf(memoryReference, offset)
  if (!Number.isInteger(count) || count < 0 || count > MOST_BYTES)
    throw new DapError(`count is ${count}; it may be 0 to ${MOST_BYTES}`)
  const bytes = engine.read(address, count)
  return {
    address: hex(address),
    data: Buffer.from(bytes).toString('base64'),
    ...(bytes.length < count && { unreadableBytes: count - bytes.length }),
  }
}

/** Only a stopped machine is written to: a running one could be in the middle of the same bytes. */
export function writeMemory(
  engine: RunningEngine,
  { memoryReference, offset, data, allowPartial }: DebugProtocol.WriteMemoryArguments,
): { address: number; bytesWritten: number } {
  const address = addressOf(memoryReference, offset)
  const bytes = Buffer.from(data, 'base64')
  const fitting = engine.read(address, bytes.length).length
  if (fitting < bytes.length && !allowPartial)
    throw new DapError(`only ${fitting} of ${bytes.length} bytes at ${hex(address)} are memory; nothing was written`)
  return { address, bytesWritten: engine.write(address, bytes.subarray(0, fitting)) }
}
