/** Capture files that are dropped on the window. */
import { isCapturePath, useCaptures } from './captures'
import { useNotices } from './notices'

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

async function take(files: readonly File[]): Promise<void> {
  const captures = useCaptures()
  for (const file of files) {
    if (!isCapturePath(file.name))
      throw new Error(
        `${file.name} is no capture file. Captures (.pcapng, .pcap) can be dropped here; open others with Open File….`,
      )
    await captures.openDropped(file)
  }
}

/** Without this a browser leaves the page for the file. */
export function followDrops(target: Window): void {
  target.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault()
  })
  target.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return
    event.preventDefault()
    take([...(event.dataTransfer?.files ?? [])]).catch(useNotices().failed)
  })
}
