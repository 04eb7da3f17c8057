import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readCapture } from '../../src/core/wire/formats/capture-read'
import { capinfos, inFolder, run, runWell, save, seenByTshark, seenHere, useFolder } from './tools'
import { ethernet, expected, write, type Heard } from './written'

useFolder()

/** Both directions, both NICs, every kind of comment, every length from the shortest on. */
const manyFrames = (count: number): Heard[] =>
  Array.from({ length: count }, (_unused, i) => ({
    nic: i & 1,
    direction: i % 3 === 0 ? 'in' : 'out',
    // A step that makes every digit of a time appear, and passes 2^32 ns.
    time: i * 12_345_679,
    bytes: ethernet(60 + (i % 1455), i),
    site: i % 3,
    origin: i % 6 === 0 ? 'peer host: ICMP echo reply' : '',
  }))

describe('a capture that is written here, as tshark reads it', () => {
  test('has every frame, of every length from 60 to 1514, with its time, interface, direction, bytes and comment', () => {
    const frames = manyFrames(1600)
    const file = inFolder('many.pcapng')
    write(file, frames)
    expect(seenByTshark(file)).toEqual(expected(frames))
    expect(seenHere(file)).toEqual(expected(frames))
  })
  test('has frames that are empty, short, and as long as an 82540EM takes', () => {
    const frames = [0, 1, 2, 3, 14, 59, 1515, 9014, 16_384].map((length, i): Heard => ({
      nic: 0,
      direction: 'out',
      time: i,
      bytes: ethernet(length, i),
      site: 1,
    }))
    const file = inFolder('lengths.pcapng')
    write(file, frames)
    expect(seenByTshark(file)).toEqual(expected(frames))
  })
  test('has comments in any letters, and long ones', () => {
    const origins = [
      'ARP reply from 192.168.0.1',
      'Antwort: „größer“ 網路 🚀',
      '"quoted", \\backslash, <tag>',
      'x'.repeat(4000),
    ]
    const frames = origins.map((origin, i): Heard => ({
      nic: 1,
      direction: 'in',
      time: i,
      bytes: ethernet(60, i),
      origin,
    }))
    const file = inFolder('comments.pcapng')
    write(file, frames)
    expect(seenByTshark(file)).toEqual(expected(frames))
    expect(
      runWell(
        'tshark',
        '-r',
        file,
        '-Y',
        'frame.comment contains "größer"',
        '-T',
        'fields',
        '-e',
        'frame.number',
      ).trim(),
    ).toBe('2')
  })
  test('marks frames whose check sequence is wrong', () => {
    const file = inFolder('crc.pcapng')
    write(
      file,
      [true, false].map((intact, i) => ({ nic: 0, direction: 'in', time: i, bytes: ethernet(60, i), intact })),
    )
    const marked = runWell(
      'tshark',
      '-r',
      file,
      '-Y',
      'frame.packet_flags_crc_error == 1',
      '-T',
      'fields',
      '-e',
      'frame.number',
    )
    expect(marked.trim()).toBe('2')
  })
  test('says what it is of', () => {
    const file = inFolder('facts.pcapng')
    write(file, manyFrames(1000))
    expect(Object.fromEntries(capinfos(file))).toMatchObject({
      'File type': 'pcapng',
      'File encapsulation': 'ether',
      'File timestamp precision': 'nanoseconds (9)',
      'Number of packets': '1000',
      'Strict time order': 'True',
      'Capture application': 'NDIS Workbench',
      'Capture comment': 'a spec',
      'Number of interfaces in file': '2',
      Name: 'nic0',
      Description: '82540EM in slot 0',
      Speed: '1000000000',
      'Number of stat entries': '1',
    })
  })
  test('can be empty', () => {
    const file = inFolder('empty.pcapng')
    write(file, [])
    expect(seenByTshark(file)).toEqual([])
    expect(runWell('capinfos', '-cM', file)).toMatch(/Number of packets: +0$/m)
  })
  test('of a run that was broken off has what came before', () => {
    const frames = manyFrames(50)
    const file = inFolder('broken-off.pcapng')
    write(file, frames, { finish: false })
    expect(seenByTshark(file)).toEqual(expected(frames))
  })
})

test('a capture that is cut off anywhere has the same whole frames here as for tshark', () => {
  const file = inFolder('whole.pcapng')
  write(file, manyFrames(6))
  const bytes = readFileSync(file)
  for (let end = bytes.length - 1; end > 200; end -= 97) {
    const cut = save('cut.pcapng', bytes.subarray(0, end))
    const { out } = run('tshark', '-r', cut, '-T', 'fields', '-e', 'frame.number')
    const { frames, problem } = readCapture(readFileSync(cut))
    expect([end, frames.length]).toEqual([end, out.split('\n').filter(Boolean).length])
    if (problem) expect(problem.message).toMatch(/The file ends within the block at byte \d+ .* It was cut off/)
  }
})
