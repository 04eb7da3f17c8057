import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { createStackGuest, type StackGuest } from '../test-stack6'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'

const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')

/** Asks for a name, reads it, and frees its buffer as the caller must; undefined when there is none. */
function nameBy(guest: StackGuest, fn: string, handle: number): string | undefined {
  const { space } = guest.machine.kernel
  const string = guest.memory(STRING.SIZE)
  if (guest.call(fn, string, handle) !== NDIS_STATUS_SUCCESS) return undefined
  const buffer = space.r32(string + STRING.Buffer)
  const length = space.r16(string + STRING.Length)
  expect(space.r16(string + STRING.MaximumLength)).toBe(length + 2)
  expect(space.r16(buffer + length)).toBe(0)
  const units = Array.from({ length: length / 2 }, (_unused, index) => space.r16(buffer + 2 * index))
  guest.call('NdisFreeMemory', buffer, length + 2, 0)
  return String.fromCharCode(...units)
}

describe('friendly names (DDI ndismqueryadapterinstancename, ndisqueryadapterinstancename, ndisquerybindinstancename)', () => {
  test('are the same for the miniport, a binding and a bind that is underway', () => {
    const guest = createStackGuest()
    const miniport = guest.miniport()
    const protocol = guest.protocol('protocol')
    let duringBind: string | undefined
    guest.protocol('curious', {
      BindAdapterHandlerEx: (_context: number, BindContext: number) => {
        duringBind = nameBy(guest, 'NdisQueryBindInstanceName', BindContext)
        return NDIS_STATUS_FAILURE
      },
    })
    guest.start()
    expect(duringBind).toMatch(/#1$/)
    expect(nameBy(guest, 'NdisMQueryAdapterInstanceName', miniport.handle)).toBe(duringBind)
    expect(nameBy(guest, 'NdisQueryAdapterInstanceName', protocol.handle)).toBe(duringBind)
    expect(guest.broken()).toEqual([])
  })
  test('there is none behind what is no handle', () => {
    const guest = createStackGuest()
    guest.start()
    const string = guest.memory(STRING.SIZE)
    expect(guest.call('NdisQueryAdapterInstanceName', string, 0x1234) | 0).toBe(NDIS_STATUS_FAILURE)
  })
})

describe('NdisMRemoveMiniport (DDI)', () => {
  test('takes the adapter down once its caller has returned: protocols unbind, then it is paused and halted', () => {
    const guest = createStackGuest()
    const miniport = guest.miniport()
    guest.protocol('protocol')
    guest.start()
    expect(guest.call('NdisMRemoveMiniport', miniport.handle)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.log.some((line) => /halt/.test(line))).toBe(false)
    guest.idle(100)
    const after = guest.log.join('\n')
    expect(after).toMatch(/unbind[^]*pause[^]*halt/)
    expect(guest.machine.executive.adapters.find(miniport.handle)).toBeUndefined()
    guest.unload()
    expect(guest.log.filter((line) => /halt/.test(line))).toHaveLength(1)
  })
})
