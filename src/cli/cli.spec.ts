import { describe, expect, it } from 'vitest'
import { browserCommand } from './browser'
import { runCli } from './cli'
import type { CliIo } from './io'
import { describeFault } from './last-resort'

async function cli(...args: string[]) {
  let out = ''
  let err = ''
  const io: CliIo = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env: {},
    cwd: process.cwd(),
    colors: false,
  }
  return { code: await runCli(args, io), out, err }
}

describe('the command line', () => {
  it('explains itself', async () => {
    const { code, out } = await cli()
    expect(code).toBe(0)
    for (const command of ['run', 'apis', 'dap', 'serve', 'bench']) expect(out).toContain(`ndis-workbench ${command}`)
    expect(await cli('--help')).toEqual({ code: 0, out, err: '' })
    expect((await cli('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [['frob'], "there is no command 'frob'"],
    [['toString'], "there is no command 'toString'"],
    [['run'], 'run needs a driver'],
    [['run', 'a.ts', '--fail-alloc', '0'], '--fail-alloc takes sweep, or a number'],
    [['apis', '--implemented', '--missing'], 'exclude each other'],
    [['serve', '--port', '70000'], '--port takes a whole number from 0 to 65535'],
    [['serve', '--page', 'http://example.com'], '--page takes an address of this machine'],
    [['serve', 'x'], "serve takes no 'x'"],
  ])('%j is a usage error in one line', async (args, words) => {
    const { code, out, err } = await cli(...args)
    expect({ code, out, lines: err.split('\n').length }).toEqual({ code: 2, out: '', lines: 2 })
    expect(err).toContain(words)
  })

  it.each(['run', 'apis', 'serve', 'bench'])('%s --help needs nothing else', async (command) => {
    const { code, out } = await cli(command, '--help')
    expect(code).toBe(0)
    expect(out).toContain(`ndis-workbench ${command}`)
  })
})

describe('a fault of our own', () => {
  const fault = new Error('first line\nsecond line')
  it('is one line and what to do', () => {
    const text = describeFault(fault, {})
    expect(text).toMatch(
      /^ndis-workbench: first line\nThis is a fault of ndis-workbench itself\. .*NDIS_WORKBENCH_DEBUG=1.*\n$/,
    )
  })
  it('shows its stack to those who ask', () => {
    expect(describeFault(fault, { NDIS_WORKBENCH_DEBUG: '1' })).toContain('cli.spec.ts')
  })
})

describe('opening a browser', () => {
  const url = 'http://127.0.0.1:1/#token=x'
  it('uses what each system has', () => {
    expect(browserCommand(url, 'darwin', {})).toEqual({ program: 'open', args: [url] })
    expect(browserCommand(url, 'linux', { DISPLAY: ':0' })).toEqual({ program: 'xdg-open', args: [url] })
    expect(browserCommand(url, 'win32', {})?.program).toBe('rundll32')
  })
  it('is left out where nobody would see it', () => {
    expect(browserCommand(url, 'linux', {})).toBeUndefined()
    expect(browserCommand(url, 'darwin', { CI: 'true' })).toBeUndefined()
    expect(browserCommand(url, 'linux', { DISPLAY: ':0', SSH_CONNECTION: 'x' })).toBeUndefined()
  })
})
