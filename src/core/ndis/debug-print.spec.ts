import { describe, expect, test } from 'vitest'
import { createGuest } from '../test-guest'

function printer() {
  let text = ''
  const guest = createGuest({ environment: { onOutput: (piece) => (text += piece) } })
  const printed = (name: string, ...args: unknown[]): string => {
    text = ''
    guest.call(name, ...args)
    return text
  }
  return { guest, printed }
}

describe('DbgPrint (WDM dbgprint)', () => {
  test.each<[string, unknown[], string]>([
    ['%d %i %u', [-5, 7, -1], '-5 7 4294967295'],
    ['%x %X %#x %o', [255, 255, 255, 8], 'ff FF 0xff 10'],
    ['%p', [0x2000b0], '002000B0'],
    ['%5d|%-5d|%05d|%+d', [42, 42, -42, 42], '   42|42   |-0042|+42'],
    ['%.3d %*d', [7, 4, 7], '007    7'],
    ['%c%C %s %.2s', [0x4e, 'D', 'text', 'text'], 'ND text te'],
    ['%I64d %lld %I64x', [-1n, 2n ** 40n, 255n], '-1 1099511627776 ff'],
    ['100 %%, %s', [0], '100 %, (null)'],
  ])('formats %s', (format, args, expected) => {
    const { printed } = printer()
    expect(printed('DbgPrint', format, ...args)).toBe(expected)
  })
  test('reads strings of kernel memory: %s, %ws, counted %Z and %wZ', () => {
    const { guest, printed } = printer()
    const { space } = guest.machine.kernel
    const ascii = guest.memory(8)
    space.writeAscii(ascii, 'bytes')
    const counted = guest.memory(8)
    guest.call('NdisInitUnicodeString', counted, 'adapter')
    const narrow = guest.memory(8)
    guest.call('NdisInitAnsiString', narrow, 'nic')
    expect(printed('DbgPrint', '%s %wZ %ws %Z', ascii, counted, space.r32(counted + 4), narrow)).toBe(
      'bytes adapter adapter nic',
    )
    expect(printed('DbgPrint', ascii)).toBe('bytes')
  })
  test('DbgPrintEx and KdPrint say the same', () => {
    const { printed } = printer()
    expect(printed('DbgPrintEx', 77, 0, '%d\n', 3)).toBe('3\n')
    expect(printed('KdPrint', '%d\n', 4)).toBe('4\n')
  })
})

test.each(['ASSERT', 'NT_ASSERT'])('%s reports a condition that does not hold', (name) => {
  const { guest } = printer()
  guest.call(name, 1)
  expect(guest.broken()).toEqual([])
  guest.call(name, 0)
  expect(guest.broken()).toEqual(['ASSERT'])
})
