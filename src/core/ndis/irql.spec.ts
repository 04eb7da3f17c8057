import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { cell, createGuest } from '../test-guest'

describe('IRQL (WDM keraiseirql, kelowerirql; DDI ndis_raise_irql_to_dispatch)', () => {
  test('raise gives the old one, lower goes back', () => {
    const guest = createGuest()
    const old = cell()
    guest.call('KeRaiseIrql', 5, old)
    expect([old.value, guest.call('KeGetCurrentIrql'), guest.call('NDIS_CURRENT_IRQL')]).toEqual([0, 5, 5])
    guest.call('KeLowerIrql', old.value)
    guest.call('NDIS_RAISE_IRQL_TO_DISPATCH', old)
    expect([old.value, guest.call('KeGetCurrentIrql')]).toEqual([PASSIVE_LEVEL, DISPATCH_LEVEL])
    guest.call('NDIS_LOWER_IRQL', old.value, DISPATCH_LEVEL)
    expect(guest.call('KeRaiseIrqlToDpcLevel')).toBe(PASSIVE_LEVEL)
    expect(guest.call('KeRaiseIrqlToSynchLevel')).toBe(DISPATCH_LEVEL)
    expect(guest.call('KeGetCurrentIrql')).toBe(27)
    expect(guest.broken()).toEqual([])
  })
  test('a raise that lowers, a lowering that raises: bug checks 0x09 and 0x0A', () => {
    const guest = createGuest({ rules: false })
    guest.call('KeRaiseIrql', 5, cell())
    expect(guest.crash(() => guest.call('KeRaiseIrql', 3, cell()))).toMatchObject({
      code: 0x09,
      parameters: [3, 5, 0, 0],
    })
    const other = createGuest({ rules: false })
    expect(other.crash(() => other.call('KeLowerIrql', 2))).toMatchObject({ code: 0x0a })
  })
  test('DDI ndis_raise_irql_to_dispatch: above DISPATCH_LEVEL it is fatal', () => {
    const guest = createGuest({ rules: false })
    guest.call('KeRaiseIrql', 5, cell())
    expect(guest.crash(() => guest.call('NDIS_RAISE_IRQL_TO_DISPATCH', cell())).code).toBe(0x09)
  })
  test('lowering what a DPC queued runs it', () => {
    const guest = createGuest()
    const { scheduler } = guest.machine.kernel
    const ran: number[] = []
    guest.call('KeRaiseIrqlToDpcLevel')
    scheduler.queueDpc(0, {
      kind: 2,
      name: 'dpc',
      irql: DISPATCH_LEVEL,
      run: () => ran.push(guest.call('KeGetCurrentIrql')),
    })
    expect(ran).toEqual([])
    guest.call('KeLowerIrql', PASSIVE_LEVEL)
    expect(ran).toEqual([DISPATCH_LEVEL])
  })
})
