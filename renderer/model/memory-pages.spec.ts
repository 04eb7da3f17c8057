import { describe, expect, it } from 'vitest'
import { MemoryPages, PAGE_BYTES, pageOf, type Page } from './memory-pages'

const page = (fill: (index: number) => number): Page => ({
  bytes: Uint8Array.from({ length: PAGE_BYTES }, (_, index) => fill(index)),
  kinds: Array.from({ length: PAGE_BYTES }, () => '.' as const),
})

describe('changed bytes', () => {
  it('are those that differ from the stop before, and no others', () => {
    const pages = new MemoryPages()
    pages.set(
      0x80001000,
      page(() => 0),
    )
    pages.advance()
    pages.set(
      0x80001000,
      page((index) => (index === 5 ? 0xaa : 0)),
    )
    expect(pages.cell(0x80001005)).toMatchObject({ value: 0xaa, before: 0 })
    expect(pages.cell(0x80001006).before).toBeUndefined()
  })
  it('show nothing for a page that was not looked at before', () => {
    const pages = new MemoryPages()
    pages.advance()
    pages.set(
      0x80001000,
      page(() => 1),
    )
    expect(pages.cell(0x80001000).before).toBeUndefined()
  })
  it('keep the old bytes on screen until the new ones are there', () => {
    const pages = new MemoryPages()
    pages.set(
      0x80001000,
      page(() => 7),
    )
    pages.advance()
    expect(pages.cell(0x80001000)).toMatchObject({ value: 7 })
    expect(pages.missing(0x80001000, 16)).toEqual([0x80001000])
  })
  it('are forgotten with a new run', () => {
    const pages = new MemoryPages()
    pages.set(
      0x80001000,
      page(() => 7),
    )
    pages.clear()
    expect(pages.cell(0x80001000)).toEqual({ address: 0x80001000 })
  })
})

it('asks for every page that a window touches', () => {
  expect(new MemoryPages().missing(0x80001000 + PAGE_BYTES - 16, 32)).toEqual([0x80001000, 0x80001000 + PAGE_BYTES])
  expect(pageOf(0x80001003)).toBe(0x80001000)
})

it('reads little-endian words above 2 GiB as positive numbers', () => {
  const pages = new MemoryPages()
  pages.set(
    0x80001000,
    page((index) => [0x40, 0x1a, 0x00, 0x80][index] ?? 0),
  )
  expect(pages.word(0x80001000)).toBe(0x80001a40)
})
