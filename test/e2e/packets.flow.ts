import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCapture } from '../../src/core/wire/formats/capture-read'
import { FRAMES } from '../../src/core/wire/formats/dissect/frames.fixture'
import { removeSettings, root, type FrontEnd, type WorkbenchApp } from './front-ends/workbench-app'
import { runToEnd, until } from './page-tools'

const DRIVER = path.join(root, 'test/e2e/drivers/rings.ts')
const CALL = 'WRITE_REGISTER_ULONG'
const KNOWN = Object.values(FRAMES)

/** A classic pcap file of these frames, a second apart. */
function pcap(frames: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(65_535, 16)
  head.writeUInt32LE(1, 20)
  const records = frames.flatMap((frame, index) => {
    const record = Buffer.alloc(16)
    record.writeUInt32LE(1_700_000_000 + index, 0)
    record.writeUInt32LE(frame.length, 8)
    record.writeUInt32LE(frame.length, 12)
    return [record, Buffer.from(frame)]
  })
  return Buffer.concat([head, ...records])
}

/** Frames of a file and of a run: filtered, looked into, exported, sent into a NIC. */
export function describePackets(frontEnd: FrontEnd): void {
  describe(`${frontEnd.name}: packets`, () => {
    let app: WorkbenchApp
    let folder: string
    const id = (name: string) => app.page.getByTestId(name)
    const panelTab = (name: string) => app.page.getByRole('tab', { name, exact: true }).click()
    const answer = async (file: string) => {
      if (app.answerDialog) return
      await id('dialog-input').fill(file)
      await app.page.keyboard.press('Enter')
    }
    const open = async (file: string) => {
      app.answerDialog?.([file])
      await app.page.keyboard.press('Control+o')
      await answer(file)
    }
    const filterBy = async (text: string) => {
      await id('packet-filter').fill(text)
      await id('packet-filter').press('Enter')
    }

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'workbench-captures-'))
      await writeFile(path.join(folder, 'known.pcap'), pcap(KNOWN))
      app = await frontEnd.open()
      await app.page.waitForFunction(() => document.querySelector('.monaco-editor'))
    })
    afterAll(async () => {
      await app.close()
      await removeSettings(app.settings)
      await rm(folder, { recursive: true, force: true })
    })

    it('says how to get frames', async () => {
      await panelTab('Packets')
      await until(app.page, 'panel-packets', /as they pass the NICs of a run.*Choose one for the next run/s)
    })

    it('lists the frames of a file', async () => {
      await open(path.join(folder, 'known.pcap'))
      await until(app.page, 'packet-count', /19 frames/)
      await until(app.page, 'panel-packets', /Who has 10\.0\.0\.2\? Tell 10\.0\.0\.1/)
      await id('packet-maximize').click()
    })

    it('shows the fields of a frame, and marks the bytes of the one that is selected', async () => {
      await id('packet-row').nth(3).click()
      await until(app.page, 'packet-bytes', /0000.*001B/s)
      await app.page.getByRole('tree', { name: 'Fields of the frame' }).focus()
      await id('packet-field-udp.dstport').click()
      await expect.poll(() => id('frame-byte-0024').getAttribute('class')).toMatch(/field-on/)
      expect(await id('frame-byte-0026').getAttribute('class')).not.toMatch(/field-on/)
      await until(app.page, 'packet-field-ip.hdr_len', /\.{4} 0101.*20 bytes/)
    })

    it('leads from a byte to its field, and on by keyboard', async () => {
      await id('frame-byte-0017').click()
      const selected = () => app.page.locator('[role=treeitem][aria-selected=true]').getAttribute('data-testid')
      await expect.poll(selected).toBe('packet-field-ip.proto')
      await id('panel-packets').getByRole('grid', { name: 'Bytes of the frame' }).focus()
      await app.page.keyboard.press('ArrowRight')
      await expect.poll(selected).toBe('packet-field-ip.checksum')
    })

    it('goes red with words while a filter is wrong, completes names, and filters', async () => {
      await id('packet-filter').fill('ip.addr == 10.0.0.300')
      expect(await id('packet-filter').getAttribute('aria-invalid')).toBe('true')
      await until(app.page, 'packet-filter-problem', /At 12: '10\.0\.0\.300' is not an IPv4 address/)
      await id('packet-filter').fill('')
      await id('packet-filter').pressSequentially('udp.dst')
      await id('packet-name-udp.dstport').waitFor()
      await app.page.keyboard.press('Tab')
      await app.page.keyboard.type(' == 7')
      await app.page.keyboard.press('Enter')
      await until(app.page, 'packet-count', /2 of 19/)
    })

    it('filters on a field from its menu', async () => {
      await filterBy('')
      await until(app.page, 'packet-count', /19 frames/)
      await id('packet-row').nth(0).click()
      await id('packet-field-arp.opcode').click({ button: 'right' })
      await app.page.getByRole('menuitem', { name: 'Filter: arp.opcode == 1' }).click()
      await until(app.page, 'packet-count', /2 of 19/)
    })

    it('exports what is shown, each frame as it was', async () => {
      await filterBy('icmp')
      await until(app.page, 'packet-count', /2 of 19/)
      const file = path.join(folder, 'part.pcap')
      app.answerDialog?.([file])
      await id('packet-export').click()
      await answer(file)
      await expect
        .poll(
          () =>
            readFile(file).then(
              (bytes) => readCapture(bytes).frames.length,
              () => 0,
            ),
          { timeout: 15_000 },
        )
        .toBe(2)
      const [first] = readCapture(await readFile(file)).frames
      expect(first && Buffer.from(first.bytes)).toEqual(Buffer.from(FRAMES.PING))
    })

    it('shows frames of a run as they pass, with the line and the event behind each', async () => {
      await id('packet-maximize').click()
      await id('packet-source').selectOption({ label: 'Live' })
      await filterBy('')
      await open(DRIVER)
      await until(app.page, 'editor', /Rings.of.an.82540EM/)
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /Clean/)
      await panelTab('Packets')
      await until(app.page, 'packet-count', /^[1-9]\d* frames$/)
      await id('packet-row').nth(0).click()
      await until(app.page, 'panel-packets', /WRITE_REGISTER_ULONG in write at rings\.ts:\d+/)
      await id('packet-event').click()
      await expect
        .poll(() => id('event-row').filter({ hasText: CALL }).first().isVisible(), { timeout: 15_000 })
        .toBe(true)
    })

    it('sends a frame of a file into the NIC of a run that stands', async () => {
      await id('call-picker-open').click()
      await id('call-picker-input').fill(CALL)
      await id(`call-picker-item-${CALL}`).click()
      await app.page.keyboard.press('Escape')
      await app.page.keyboard.press('F5')
      await until(app.page, 'status-state', /stopped/i)
      await panelTab('Packets')
      await id('packet-source').selectOption({ label: 'known.pcap' })
      await id('packet-row').nth(2).click({ button: 'right' })
      await app.page.getByRole('menuitem', { name: /Inject the frame into 82540EM/ }).click()
      await app.page.getByText('1 frame sent into 82540EM.').waitFor()
      await app.page.getByTitle('Remove all line and call breakpoints').click()
      await id('packet-source').selectOption({ label: 'Live' })
      await runToEnd(app.page)
      await until(app.page, 'panel-report', /Clean/)
      await panelTab('Packets')
      await filterBy('direction == in and icmp')
      await until(app.page, 'panel-packets', /Echo \(ping\) request, id 7, sequence 1/)
    })

    it('had no problem on the way', () => {
      expect(app.problems).toEqual([])
    })
  })
}
