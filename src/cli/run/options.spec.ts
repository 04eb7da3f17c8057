import { describe, expect, it } from 'vitest'
import { parseRunOptions, RUN_HELP, type RunOptions } from './options'

const refused = (...args: string[]) => {
  try {
    parseRunOptions(['driver.ts', ...args])
  } catch (error) {
    return (error as Error).message
  }
  throw new Error(`${args.join(' ')} was accepted`)
}

describe('options of run', () => {
  it('fill a run configuration', () => {
    const given = ['--platform', 'ce', '--seed', '42', '--cpus', '4', '--rules', 'off', '--no-log', '--nic', 'none']
    expect(parseRunOptions(['driver.ts', ...given])).toMatchObject({
      driver: 'driver.ts',
      config: { platform: 'ce', seed: 42, cpus: 4, rules: false, log: false },
      hardware: { nics: [] },
    })
  })

  it('take NICs in place of those of the configuration file', () => {
    const nics = (...args: string[]) => {
      const options = parseRunOptions(['driver.ts', ...args])
      return options === 'help' ? undefined : options.hardware
    }
    expect(nics()).toEqual({})
    expect(nics('--nic', 'none')).toEqual({ nics: [] })
    expect(nics('--nic', '82540EM,teaching')).toEqual({ nics: ['82540EM', 'teaching'] })
  })

  it('take levels of rules, the later one last', () => {
    const given = parseRunOptions([
      'driver.ts',
      '--rule',
      'SpinLock=log',
      '--rule',
      'Irql_*=off',
      '--rule',
      'SpinLock=break',
    ])
    expect(given).toMatchObject({ levels: { 'Irql_*': 'off', SpinLock: 'break' } })
    expect(refused('--rule', 'SpinLock')).toBe(
      "--rule takes NAME=off|log|break, such as SpinLock=break, not 'SpinLock'",
    )
    expect(refused('--rule', 'SpinLock=on')).toMatch(/not 'SpinLock=on'$/)
  })

  it('take a scenario by its name, and how many frames', () => {
    const given = parseRunOptions(['driver.ts', '--scenario', 'echo', '--frames', '5'])
    expect(given).toMatchObject({ hardware: { scenario: 'echo', frames: 5 } })
    expect(() => parseRunOptions(['driver.ts', '--scenario', 'storm'])).toThrow(
      "--scenario takes default or lifecycle or send or receive or echo or stress or flood or shutdown, not 'storm'",
    )
  })

  it.each([
    [['--nic', 'e1000'], "--nic takes 82540EM or teaching, with commas between several, or none, not 'e1000'"],
    [['--nic', '82540EM,none'], "--nic takes 82540EM or teaching, with commas between several, or none, not 'none'"],
    [['--link', 'speed=5'], "--link: 'speed=5' of the link: speed takes megabits a second: 10, 100, 1000"],
    [['--nic', Array(9).fill('82540EM').join()], '--nic takes at most 8 NICs, not 9'],
    [
      ['--fail-alloc', 'often'],
      "--fail-alloc takes sweep, or a number, a share such as 5%, tag:ABCD, function:NAME or NAME*, stack:KEY; commas between several: 'often' is none of them",
    ],
    [
      ['--fail-alloc', 'sweep', '--remove-at', 'sweep'],
      '--fail-alloc sweep and --remove-at sweep are two sweeps: one at a time',
    ],
    [['--low-memory', '64Q'], "--low-memory takes bytes, such as 65536, 64K or 1M, or 64K@10, not '64Q'"],
    [['--completions', 'never'], "--completions takes delayed or unordered, or unordered@200, not 'never'"],
    [['--remove-at', '0'], "--remove-at takes a whole number from 1 to 1000000000, not '0'"],
    [['--cpus', '9'], "--cpus takes a whole number from 1 to 8, not '9'"],
    [['--seed', '1.5'], "--seed takes a whole number from 0 to 4294967295, not '1.5'"],
    [['--seed', ''], "--seed takes a whole number from 0 to 4294967295, not ''"],
    [['--timeout', '0'], "--timeout takes a whole number from 1 to 86400, not '0'"],
    [['--platform', 'vms'], "--platform takes nt or ce, not 'vms'"],
    [['--fast'], 'unknown option --fast; see ndis-workbench run --help'],
    [['--seed'], '--seed needs a value; see ndis-workbench run --help'],
    [['--json=yes'], '--json takes no value; see ndis-workbench run --help'],
    [['--keyword', 'RingSize'], "--keyword takes NAME=VALUE or NAME:TYPE=VALUE, not 'RingSize'"],
    [['--keyword', ' =5'], "--keyword takes NAME=VALUE or NAME:TYPE=VALUE, not ' =5'"],
    [['other.ts'], 'run takes one driver, 2 are given'],
  ])('%j is answered with what to do', (args, message) => {
    expect(refused(...args)).toBe(message)
  })

  it.each([
    [['--fail-alloc', '3'], { faults: { allocations: { nth: 3 } } }],
    [['--fail-alloc', 'tag:Abcd,5%'], { faults: { allocations: { tag: 'Abcd', share: 0.05 } } }],
    [['--low-memory', '64K@10'], { faults: { memory: { bytes: 65536, from: 10 } } }],
    [['--completions', 'unordered@200'], { faults: { completions: { order: 'unordered', ticks: 2000 } } }],
    [['--remove-at', '7'], { faults: { removeAt: 7 } }],
    [['--fail-alloc', 'sweep', '--low-memory', '1m'], { faults: { memory: { bytes: 1 << 20 } }, sweep: 'allocations' }],
    [['--remove-at', 'sweep'], { sweep: 'removal' }],
  ])('take faults: %j', (args, faults) => {
    expect(parseRunOptions(['driver.ts', ...args])).toMatchObject(faults)
  })

  it('take no faults when none are given', () => {
    expect(parseRunOptions(['driver.ts'])).not.toHaveProperty('faults')
  })

  it('take keywords, as many as are wanted', () => {
    const given = ['--keyword', 'RingSize=64', '--keyword=Name:string=7']
    expect(parseRunOptions(['driver.ts', ...given])).toMatchObject({
      keywords: [
        { name: 'RingSize', text: '64' },
        { name: 'Name', type: 'string', text: '7' },
      ],
    })
  })

  it('take a link, in place of the configuration file', () => {
    const { hardware } = parseRunOptions([
      'driver.ts',
      '--link',
      'loss=1%,pull=10ms/2ms',
      '--nic',
      'teaching',
    ]) as RunOptions
    expect(hardware).toEqual({
      nics: ['teaching'],
      link: { loss: 0.01, pulls: [{ atNs: 10_000_000, forNs: 2_000_000 }] },
    })
  })

  it('take captures to read and to write', () => {
    expect(parseRunOptions(['driver.ts', '--in', 'a.pcap', '--out', 'b.pcapng'])).toMatchObject({
      in: 'a.pcap',
      out: 'b.pcapng',
    })
  })

  it('take a time limit in seconds', () => {
    expect(parseRunOptions(['driver.ts', '--timeout', '3'])).toMatchObject({ timeoutMs: 3000 })
    expect(parseRunOptions(['driver.ts'])).not.toHaveProperty('timeoutMs')
  })

  it('are all in the help', () => {
    expect(parseRunOptions(['--help'])).toBe('help')
    for (const option of [
      'platform',
      'seed',
      'cpus',
      'scenario',
      'check',
      'keyword',
      'link',
      'timeout',
      'rules',
      'no-log',
      'json',
      'sarif',
      'junit',
      'in',
      'out',
    ])
      expect(RUN_HELP).toContain(`--${option}`)
  })
})

describe('--explore and --schedule', () => {
  it('explores on two CPUs, and keeps what a replay needs', () => {
    const given = [
      '--explore',
      '200',
      '--seed',
      '5',
      '--nic',
      '82540EM',
      '--keyword',
      'A=1',
      '--keyword',
      'B=2',
      '--json',
    ]
    expect(parseRunOptions(['driver.ts', ...given])).toMatchObject({
      explore: 200,
      config: { cpus: 2, seed: 5 },
      given: ['--nic', '82540EM', '--keyword', 'A=1', '--keyword', 'B=2'],
    })
    expect(parseRunOptions(['driver.ts', '--explore', '9', '--cpus', '4'])).toMatchObject({ config: { cpus: 4 } })
    expect(parseRunOptions(['driver.ts', '--schedule', '340@1'])).toMatchObject({
      schedule: '340@1',
      config: { cpus: 1 },
    })
  })
  it.each([
    [['--explore', '0'], '--explore takes a whole number from 1 to 1000000'],
    [['--explore', '5', '--schedule', '1@0'], '--schedule goes with one run'],
    [
      ['--explore', '5', '--sarif', 'x'],
      '--sarif goes with one run; leave it out, and give it with the --seed and --schedule',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parseRunOptions(['driver.ts', ...args])).toThrow(message)
  })
})
