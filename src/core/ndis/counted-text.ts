import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

const STRING = layout('UNICODE_STRING', 'Length', 'Buffer')

/** The text of a UNICODE_STRING; '' for NULL and for a string whose buffer is nowhere. */
export function countedText(k: Kernel, counted: number): string {
  if (counted === 0) return ''
  const { r16, r32 } = k.space
  const buffer = r32(counted + STRING.Buffer)
  const units = buffer === 0 ? 0 : Math.min(r16(counted + STRING.Length) >> 1, (k.shadow.base - buffer) >> 1)
  let text = ''
  for (let i = 0; i < units; i++) text += String.fromCharCode(r16(buffer + 2 * i))
  return text
}
