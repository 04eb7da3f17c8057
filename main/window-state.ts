import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { screen, type BrowserWindow, type Rectangle } from 'electron'
import { z } from 'zod'

const stateSchema = z.object({
  bounds: z.object({ x: z.number(), y: z.number(), width: z.number().min(400), height: z.number().min(300) }),
  maximized: z.boolean(),
})
type WindowState = z.infer<typeof stateSchema>

const DEFAULT_SIZE = { width: 1440, height: 900 }
/** Pixels of a window that must lie on a display for a person to get hold of it. */
const MIN_VISIBLE = 100

/** Size and place of the window, kept in the settings between starts. */
export class WindowStateFile {
  readonly #file: string

  constructor(settings: string) {
    this.#file = path.join(settings, 'window.json')
  }

  /** What to create the window with; the default where nothing is remembered or its display is gone. */
  load(): { bounds: Partial<Rectangle>; maximized: boolean } {
    const state = this.#read()
    if (state && isOnDisplay(state.bounds)) return state
    return { bounds: DEFAULT_SIZE, maximized: false }
  }

  /** Remembers the window when it closes. Losing this is no reason to keep it from closing. */
  follow(window: BrowserWindow): void {
    window.on('close', () => {
      try {
        this.#write({ bounds: window.getNormalBounds(), maximized: window.isMaximized() })
      } catch {
        return
      }
    })
  }

  #read(): WindowState | undefined {
    try {
      return stateSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
    } catch {
      return undefined
    }
  }

  #write(state: WindowState): void {
    const temporary = `${this.#file}.tmp`
    writeFileSync(temporary, JSON.stringify(state))
    renameSync(temporary, this.#file)
  }
}

function isOnDisplay(bounds: Rectangle): boolean {
  return screen.getAllDisplays().some(({ workArea }) => {
    const width = Math.min(bounds.x + bounds.width, workArea.x + workArea.width) - Math.max(bounds.x, workArea.x)
    const height = Math.min(bounds.y + bounds.height, workArea.y + workArea.height) - Math.max(bounds.y, workArea.y)
    return width >= MIN_VISIBLE && height >= MIN_VISIBLE
  })
}
