import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { MESSAGE_ADDRESS } from '../nic/pci-msi'
import { constant } from './constants'
import { FIRST_MESSAGE_VECTOR, type Interrupt } from './interrupt-line'

const TABLE = layout('IO_INTERRUPT_MESSAGE_INFO', 'UnifiedIrql', 'MessageCount', 'MessageInfo')
const ENTRY = layout(
  'IO_INTERRUPT_MESSAGE_INFO_ENTRY',
  'MessageAddress',
  'TargetProcessorSet',
  'InterruptObject',
  'MessageData',
  'Vector',
  'Irql',
  'Mode',
  'Polarity',
)
/** 'NDmi' */
const TABLE_TAG = 0x696d444e

/** The IO_INTERRUPT_MESSAGE_INFO of a connected interrupt (WDM io_interrupt_message_info); 0 when memory is short. */
export function createMessageTable({ space, pool, site, log, cpus }: Kernel, interrupt: Interrupt): number {
  const { w8, w32, w64 } = space
  const { handle, irql, messages } = interrupt
  const bytes = TABLE.MessageInfo + messages * ENTRY.SIZE
  const address = pool.allocate(bytes, TABLE_TAG, OWNER_NDIS, site.s, log.count())
  if (address === 0) return 0
  space.fill(address, bytes, 0)
  w8(address + TABLE.UnifiedIrql, irql)
  w32(address + TABLE.MessageCount, messages)
  for (let message = 0; message < messages; message++) {
    const entry = address + TABLE.MessageInfo + message * ENTRY.SIZE
    w64(entry + ENTRY.MessageAddress, BigInt(MESSAGE_ADDRESS))
    w32(entry + ENTRY.TargetProcessorSet, (1 << cpus.count) - 1)
    w32(entry + ENTRY.InterruptObject, handle)
    w32(entry + ENTRY.MessageData, FIRST_MESSAGE_VECTOR + message)
    w32(entry + ENTRY.Vector, FIRST_MESSAGE_VECTOR + message)
    w8(entry + ENTRY.Irql, irql)
    w32(entry + ENTRY.Mode, constant('Latched'))
    w32(entry + ENTRY.Polarity, constant('InterruptRisingEdge'))
  }
  return address
}
