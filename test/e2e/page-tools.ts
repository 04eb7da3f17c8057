import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** Brings a line of the open file into view: Monaco draws only what is seen. */
export async function revealLine(page: Page, text: string): Promise<number> {
  // The text may still be on its way into the editor: its first page is looked at again.
  for (let attempt = 0; attempt < 2; attempt++) {
    await page.getByTestId('editor').locator('.monaco-editor .view-lines').first().click()
    await page.keyboard.press('Control+Home')
    for (let turn = 0; turn < 20; turn++) {
      const line = page.getByTestId('editor').locator('.monaco-editor .view-line', { hasText: text }).first()
      if ((await line.count()) > 0) {
        await line.click()
        const active = await page
          .getByTestId('editor')
          .locator('.monaco-editor .line-numbers.active-line-number')
          .first()
          .textContent()
        return Number(active)
      }
      await page.keyboard.press('PageDown')
      // Monaco draws the next page in its own time.
      await page.waitForTimeout(150)
    }
  }
  throw new Error(`the example has no line '${text}'`)
}

/** Clicks left of the number of a line. */
export async function clickGutter(page: Page, line: number): Promise<void> {
  const number = page
    .locator('.monaco-editor .line-numbers')
    .filter({ hasText: new RegExp(`^${line}$`) })
    .first()
  const box = await number.boundingBox()
  if (!box) throw new Error(`line ${line} is not in view`)
  await page.mouse.click(box.x - 8, box.y + box.height / 2)
}

export const text = async (page: Page, id: string): Promise<string> =>
  (await page.getByTestId(id).first().textContent()) ?? ''
export const until = (page: Page, id: string, pattern: RegExp): Promise<void> =>
  expect.poll(() => text(page, id), { timeout: 15_000 }).toMatch(pattern)

/** Starts the driver, or lets it go on, and waits until that very run has ended and its report, or its problems, came to the front. */
export async function runToEnd(page: Page): Promise<void> {
  const now = () => page.getByTestId('status-state').evaluate(({ dataset }) => ({ ...dataset }))
  const before = await now()
  await page.keyboard.press('F5')
  const ended = async (): Promise<boolean> => {
    const { state, run } = await now()
    return state === 'ended' && (before['state'] === 'stopped' || run !== before['run'])
  }
  await expect.poll(ended, { timeout: 15_000 }).toBe(true)
}
