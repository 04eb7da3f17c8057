import { expect, it } from 'vitest'
import { fileError, RpcError } from './rpc-error'

const system = (code: string) => Object.assign(new Error(`${code}: internals, open '/x'`), { code })

it.each([
  ['ENOSPC', 'disk', 'a.ts cannot be saved: The disk is full. Free some space and save again'],
  ['EACCES', 'disk', 'a.ts cannot be saved: Permission denied. Save it under another name'],
  ['EROFS', 'disk', 'a.ts cannot be saved: The disk is read-only. Save it in another place.'],
  ['ENOENT', 'not-found', 'a.ts cannot be saved: there is no such file or folder.'],
  ['EWEIRD', 'disk', 'a.ts cannot be saved: the system answered EWEIRD.'],
])('%s says what to do', (code, expected, words) => {
  const error = fileError(system(code), 'a.ts cannot be saved')
  expect(error.code).toBe(expected)
  expect(error.message).toContain(words)
  expect(error.message).not.toContain('internals')
})

it('keeps an answer that is already one', () => {
  const answer = new RpcError('refused', 'no')
  expect(fileError(answer, 'x')).toBe(answer)
})
