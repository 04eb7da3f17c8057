import { describe, expect, test } from 'vitest'
import { framesOf } from './frames.fixture'
import { Stepper } from './stepper'

const OVER = 'Debugger.stepOver'
const INTO = 'Debugger.stepInto'
const OUT = 'Debugger.stepOut'

describe('over', () => {
  test('leaves the line, however many expressions it has', () => {
    const step = new Stepper(OVER, framesOf('f:4'))
    expect(step.first).toBe(OVER)
    expect(step.landed(framesOf('f:4'))).toBe(OVER)
    expect(step.landed(framesOf('f:5'))).toBeUndefined()
  })
  test('ends in the caller when the function ends', () => {
    expect(new Stepper(OVER, framesOf('g:9', 'f:4')).landed(framesOf('f:4'))).toBeUndefined()
  })
  test('comes back from a call in which something paused', () => {
    const step = new Stepper(OVER, framesOf('f:4'))
    expect(step.landed(framesOf('g:9', 'f:4'))).toBe(OUT)
    expect(step.landed(framesOf('f:4'))).toBe(OVER)
  })
  test('from inside the engine (a call breakpoint) first leaves it', () => {
    const step = new Stepper(OVER, framesOf('(api)', 'f:4'))
    expect(step.first).toBe(OUT)
    expect(step.landed(framesOf('f:4'))).toBe(OVER)
    expect(step.landed(framesOf('f:6'))).toBeUndefined()
  })
  test('out of the driver altogether lets it run', () => {
    expect(new Stepper(OVER, framesOf('f:4')).landed(framesOf('(engine)'))).toBe('resume')
  })
  test('on a loop of one line gives a person a look now and then', () => {
    const step = new Stepper(OVER, framesOf('f:4'))
    let steps = 0
    while (step.landed(framesOf('f:4')) !== undefined) steps++
    expect(steps).toBe(200)
  })
})

describe('into', () => {
  test('passes through the engine to the next code of the driver, a callback too', () => {
    const step = new Stepper(INTO, framesOf('f:4'))
    expect(step.landed(framesOf('(api)', 'f:4'))).toBe(INTO)
    expect(step.landed(framesOf('callback:9', '(engine)', 'f:4'))).toBeUndefined()
  })
  test('ends in a function that is called, also by itself on the same line', () => {
    expect(new Stepper(INTO, framesOf('f:4')).landed(framesOf('f:4', 'f:4'))).toBeUndefined()
  })
})

describe('out', () => {
  test('does not take a pause in the same function for its end', () => {
    const step = new Stepper(OUT, framesOf('(api)', 'g:9', 'f:4'))
    expect(step.first).toBe(OUT)
    expect(step.landed(framesOf('g:9', 'f:4'))).toBe(OUT)
    expect(step.landed(framesOf('f:4'))).toBeUndefined()
  })
  test('of a callback ends in the function whose call ran it', () => {
    const step = new Stepper(OUT, framesOf('callback:9', '(engine)', 'f:4'))
    expect(step.landed(framesOf('(engine)', 'f:4'))).toBe(OUT)
    expect(step.landed(framesOf('f:4'))).toBeUndefined()
  })
})
