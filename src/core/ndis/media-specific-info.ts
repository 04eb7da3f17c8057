import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { LONGEST_CHAIN } from './mdl'

const INFO = layout('NET_BUFFER_LIST', 'NetBufferListInfo').NetBufferListInfo
const PLAIN = layout('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION', 'NextEntry', 'Tag')
const EX = layout('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX', 'NextEntry', 'Tag')

/** Lists of media-specific information, which drivers hang on NET_BUFFER_LISTs (DDI ndis_nbl_add_media_specific_info ...). */
export function createMediaSpecificInfo(k: Kernel) {
  const { preempt } = k
  const { put32 } = k.cells
  const { i32 } = k.space
  const get = (address: number): number => i32[address >> 2]! >>> 0
  const set = (address: number, value: number): void => {
    i32[address >> 2] = value
  }

  function listIn(slot: number, { NextEntry, Tag }: typeof PLAIN) {
    const headOf = (list: number): number => list + INFO + 4 * slot
    /** Address of the link to the first entry with the tag, 0 when there is none. */
    function linkTo(list: number, tag: number): number {
      let link = headOf(list)
      for (let links = 0; links < LONGEST_CHAIN; links++) {
        const entry = get(link)
        if (entry === 0) return 0
        if (get(entry + Tag) === tag >>> 0) return link
        link = entry + NextEntry
      }
      return 0
    }
    return {
      /** At the front. */
      add(List: number, MediaSpecificInfo: number): void {
        set(MediaSpecificInfo + NextEntry, get(headOf(List)))
        set(headOf(List), MediaSpecificInfo)
        preempt()
      },
      /** NULL when no entry has the tag. */
      find(List: number, WantedTag: number, MediaSpecificInfo: OutParam): void {
        preempt()
        const link = linkTo(List, WantedTag)
        put32(MediaSpecificInfo, link === 0 ? 0 : get(link))
      },
      /** The entry with the tag of the one that is given. */
      remove(List: number, MediaSpecificInfo: number): void {
        const link = linkTo(List, get(MediaSpecificInfo + Tag))
        if (link !== 0) set(link, get(get(link) + NextEntry))
        preempt()
      },
    }
  }
  const plain = listIn(constant('MediaSpecificInformation'), PLAIN)
  const extended = listIn(constant('MediaSpecificInformationEx'), EX)
  return {
    NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO: plain.add,
    NDIS_NBL_GET_MEDIA_SPECIFIC_INFO: plain.find,
    NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO: plain.remove,
    NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO_EX: extended.add,
    NDIS_NBL_GET_MEDIA_SPECIFIC_INFO_EX: extended.find,
    NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO_EX: extended.remove,
  }
}
