import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from '../ndis/constants'
import { LONGEST_CHAIN } from '../ndis/mdl'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const INFO = layout('NET_BUFFER_LIST', 'NetBufferListInfo').NetBufferListInfo
const PLAIN = layout('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION', 'NextEntry')
const EX = layout('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX', 'NextEntry')

/** Lists of media-specific information that are followed: entries that are gone, circles, an entry that is added twice. */
export function mediaSpecificInfoRules(k: Kernel): RuleFamily {
  const { r32 } = k.space
  const { violation } = k.verifier

  function follow(fn: string, slot: number, at: typeof PLAIN, added?: number): (list: number) => boolean {
    return (list) => {
      let entry = r32(list + INFO + 4 * slot)
      for (let links = 0; entry !== 0; links++, entry = r32(entry + at.NextEntry)) {
        const twice = entry === added
        if (twice || links >= LONGEST_CHAIN) {
          violation(
            'MediaSpecificInfoLoop',
            fn,
            twice
              ? `The information at ${hex(entry)} is in this list already: adding it again makes a circle.`
              : `The media-specific information of the list at ${hex(list)} is linked in a circle.`,
          )
          return true
        }
        if (!k.access.range(fn, entry, at.SIZE, false)) return true
      }
      return false
    }
  }
  const family = (suffix: string, slot: number, at: typeof PLAIN): Record<string, Before> => {
    const name = (verb: string): string => `NDIS_NBL_${verb}_MEDIA_SPECIFIC_INFO${suffix}`
    return {
      [name('ADD')]: (list: number, entry: number) => follow(name('ADD'), slot, at, entry >>> 0)(list),
      [name('GET')]: follow(name('GET'), slot, at),
      [name('REMOVE')]: follow(name('REMOVE'), slot, at),
    }
  }
  return {
    before: {
      ...family('', constant('MediaSpecificInformation'), PLAIN),
      ...family('_EX', constant('MediaSpecificInformationEx'), EX),
    },
  }
}
