import { expect } from 'vitest'

const equal = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((item, i) => equal(item, b[i])) : a === b

/** Compares numbers, strings and arrays of them. An expectation of its own costs too much where millions are compared. */
export function same(actual: unknown, expected: unknown, what?: string): void {
  if (!equal(actual, expected)) expect(actual, what).toEqual(expected)
}
