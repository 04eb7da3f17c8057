import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'

const NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')

const setUp = () => {
  const guest = createGuest()
  function create(name: string, create = 1, many = 1): [status: number, object: number] {
    const [attributes, string, object] = [guest.memory(layout('OBJECT_ATTRIBUTES').SIZE), guest.memory(8), cell()]
    guest.call('RtlInitUnicodeString', string, name)
    guest.call('InitializeObjectAttributes', attributes, name === '' ? 0 : string, 0, 0, 0)
    return [guest.call('ExCreateCallback', object, attributes, create, many), object.value]
  }
  const calls: unknown[][] = []
  const register = (object: number, context: number, run: () => void = () => undefined): number =>
    guest.call('ExRegisterCallback', object, (...args: unknown[]) => (calls.push(args), run()), context)
  const release = (object: number) => guest.call('ObDereferenceObject', object)
  const isLive = (object: number): boolean => guest.machine.executive.routines.callbacks.references.has(object)
  return { guest, create, register, release, isLive, calls }
}

describe('callback objects (WDM excreatecallback, exregistercallback, exnotifycallback, exunregistercallback)', () => {
  test('call every function in the order of registration, until it is taken back', () => {
    const { guest, create, register, release, isLive, calls } = setUp()
    const [status, object] = create('\\Callback\\Mine')
    expect(status).toBe(0)
    const handles = [register(object, 1), register(object, 2)]
    guest.call('ExNotifyCallback', object, 8, 9)
    expect(calls).toEqual([
      [1, 8, 9],
      [2, 8, 9],
    ])
    guest.call('ExUnregisterCallback', handles[0])
    guest.call('ExNotifyCallback', object, 0, 0)
    expect(calls.slice(2)).toEqual([[2, 0, 0]])
    guest.call('ExUnregisterCallback', handles[1])
    release(object)
    expect([isLive(object), guest.broken()]).toEqual([false, []])
  })
  test('are found by name, and live as long as somebody refers to them', () => {
    const { guest, create, register, release, isLive } = setUp()
    const [, object] = create('\\Callback\\Mine')
    expect(create('\\callback\\MINE', 0)).toEqual([0, object])
    const handle = register(object, 0)
    release(object)
    release(object)
    expect(isLive(object)).toBe(true)
    guest.call('ExUnregisterCallback', handle)
    expect(isLive(object)).toBe(false)
    expect(create('\\Callback\\Mine', 0)[0]).toBe(NOT_FOUND)
    expect(create('\\Callback\\PowerState', 0)[0]).toBe(0)
    expect(create('')[1]).not.toBe(create('')[1])
    expect(guest.broken()).toEqual([])
  })
  test('take one function only where the maker said so', () => {
    const { create, register } = setUp()
    const [, object] = create('', 1, 0)
    expect(register(object, 1)).not.toBe(0)
    expect(register(object, 2)).toBe(0)
  })
  test('a function may take another one back while they are called', () => {
    const { guest, create, register, calls } = setUp()
    const [, object] = create('')
    const later: number[] = []
    register(object, 1, () => void guest.call('ExUnregisterCallback', later[0]))
    later.push(register(object, 2))
    guest.call('ExNotifyCallback', object, 0, 0)
    expect(calls.map(([context]) => context)).toEqual([1])
    expect(guest.broken()).toEqual([])
  })
  test('what is no object, no registration and no function is reported', () => {
    const { guest, create } = setUp()
    const [, object] = create('')
    expect(guest.call('ExRegisterCallback', 5, () => undefined, 0)).toBe(0)
    expect(guest.call('ExRegisterCallback', object, 0, 0)).toBe(0)
    guest.call('ExUnregisterCallback', object)
    guest.call('ExNotifyCallback', 5, 0, 0)
    guest.call('ObDereferenceObject', 5)
    expect(guest.broken()).toEqual([
      'InvalidHandle',
      'CallbackFunction',
      'InvalidHandle',
      'InvalidHandle',
      'InvalidHandle',
    ])
  })
})
