import { expect, test } from 'vitest'
import { createMachine } from '../machine'

const seen = (report: (violation: ReturnType<typeof createMachine>['kernel']['verifier']['violation']) => void) => {
  const { verifier } = createMachine({ log: false }).kernel
  report(verifier.violation)
  return verifier.violations.map(({ message, count }) => `${message} x${count}`)
}
const object = (address: number) => ({ kind: 'NDIS_SPIN_LOCK', address, offset: 0, size: 8 })

test('what a line is to blame for is one finding, whatever it is about', () => {
  expect(
    seen((violation) => {
      violation('SpinLock', 'NdisAcquireSpinLock', 'first', { at: 3, object: object(0x100) })
      violation('SpinLock', 'NdisAcquireSpinLock', 'second', { at: 3, object: object(0x200) })
      violation('SpinLock', 'NdisAcquireSpinLock', 'another line', { at: 4, object: object(0x200) })
    }),
  ).toEqual(['first x2', 'another line x1'])
})

test('without a line, each object is a finding of its own, and without an object each message', () => {
  expect(
    seen((violation) => {
      violation('SpinLock', '', 'of one', { at: 0, object: object(0x100) })
      violation('SpinLock', '', 'of the other', { at: 0, object: object(0x200) })
      violation('SpinLock', '', 'of one, later', { at: 0, object: object(0x100) })
      violation('SpinLock', '', 'one thing', { at: 0 })
      violation('SpinLock', '', 'another thing', { at: 0 })
      violation('SpinLock', '', 'one thing', { at: 0 })
    }),
  ).toEqual(['of one x2', 'of the other x1', 'one thing x2', 'another thing x1'])
})
