import { describe, expect, test } from 'vitest'
import { linkText, parseLink, PERFECT_LINK, type LinkOptions } from './link-options'

describe('a link on a command line', () => {
  test('says what it says', () => {
    const text = 'speed=100,delay=5us,loss=1%,reorder=1%,duplicate=0.1%,corrupt=0.1%,pull=10ms/2ms,pull=50ms/5ms'
    expect(parseLink(text)).toEqual({
      speed: 100,
      delayNs: 5000,
      loss: 0.01,
      reorder: 0.01,
      duplicate: 0.001,
      corrupt: 0.001,
      pulls: [
        { atNs: 10_000_000, forNs: 2_000_000 },
        { atNs: 50_000_000, forNs: 5_000_000 },
      ],
    })
  })
  test('has times of any unit, shares of any form, and spaces', () => {
    expect(parseLink('delay=1.5us')).toEqual({ delayNs: 1500 })
    expect(parseLink(' loss = 0.5 , corrupt=100% ')).toEqual({ loss: 0.5, corrupt: 1 })
    expect(parseLink('pull=0ns/1s')).toEqual({ pulls: [{ atNs: 0, forNs: 1_000_000_000 }] })
    expect(parseLink('perfect')).toEqual({})
  })
  test.each([
    ['', "'' of the link: a link is written like speed=100,"],
    ['fast', "'fast' of the link: a link is written like"],
    ['speed=100,', "'' of the link: a link is written like"],
    ['speed=2500', "'speed=2500' of the link: speed takes megabits a second: 10, 100, 1000"],
    ['speed=', 'speed takes megabits'],
    ['speed=100,speed=10', "'speed=10' of the link: speed is said twice"],
    ['delay=5', 'delay takes a time up to 4s, such as 500ns or 5us'],
    ['delay=0.5ns', 'delay takes a time'],
    ['delay=5s', 'delay takes a time'],
    ['delay=1us,delay=2us', 'delay is said twice'],
    ['loss=101%', 'loss takes a share of the frames: 0% to 100%, or 0 to 1'],
    ['loss=-1', 'loss takes a share'],
    ['corrupt=a', 'corrupt takes a share'],
    ['pull=10ms', 'pull takes when the cable is pulled and for how long, such as 10ms/2ms'],
    ['pull=10ms/2ms/3ms', 'pull takes when'],
    ['pull=1=2', 'pull takes when'],
    ['constructor=1', 'a link is written like'],
  ])('%s is refused with the piece and what it takes', (text, message) => {
    expect(() => parseLink(text)).toThrow(message)
  })
  test('is printed as it is read', () => {
    const options: LinkOptions[] = [
      PERFECT_LINK,
      { ...PERFECT_LINK, speed: 10, delayNs: 1234, loss: 1e-6 },
      { ...PERFECT_LINK, delayNs: 0, pulls: [{ atNs: 1, forNs: 3_000_000_000 }] },
      { speed: 100, delayNs: 2_000_000, loss: 0.07, duplicate: 0.29, reorder: 1 / 3, corrupt: 1, pulls: [] },
    ]
    for (const each of options) {
      const again = { ...PERFECT_LINK, ...parseLink(linkText(each)) }
      expect(again.reorder).toBeCloseTo(each.reorder, 9)
      expect({ ...again, reorder: 0 }).toEqual({ ...each, reorder: 0 })
    }
    expect(linkText(PERFECT_LINK)).toBe('perfect')
    expect(linkText(options[1]!)).toBe('speed=10,delay=1234ns,loss=0.0001%')
  })
})
