import { useNotices } from '../stores/notices'

/** @param what begins the sentence that confirms it: 'The report' */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    useNotices().info(`${what} was copied.`)
  } catch {
    useNotices().trouble(`${what} could not be copied: the browser refused access to the clipboard.`)
  }
}
