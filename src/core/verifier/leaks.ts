import type { Kernel } from '../kernel/kernel'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { BLOCK_ALLOCATED, OWNER_DRIVER } from '../memory/tagged-pool'
import { DESCRIPTOR_HEADER, POOL_FLAG, POOL_KIND, type DescriptorPools } from '../ndis/descriptor-pool'
import { allocatingStack } from './allocation-stacks'
import { counted } from './counted'
import { tagText } from './hex'
import type { Place } from './verifier'

export interface Leak {
  /** 'pool memory', 'NDIS_PACKET', 'packet pool' ... */
  readonly kind: string
  readonly tag: string
  readonly bytes: number
  readonly count: number
  readonly file: string
  readonly line: number
  readonly accepted?: string
  /** Where it was allocated, innermost first. */
  readonly stack: readonly Place[]
}

const RULE = 'DV:LeakAtUnload'

const DESCRIPTOR_NAMES: Readonly<Record<number, string>> = {
  [POOL_KIND.PACKET]: 'NDIS_PACKET',
  [POOL_KIND.BUFFER]: 'NDIS_BUFFER',
  [POOL_KIND.NET_BUFFER]: 'NET_BUFFER',
  [POOL_KIND.NET_BUFFER_LIST]: 'NET_BUFFER_LIST',
}
const POOL_NAMES: Readonly<Record<number, string>> = {
  [POOL_KIND.PACKET]: 'packet pool',
  [POOL_KIND.BUFFER]: 'buffer pool',
  [POOL_KIND.NET_BUFFER]: 'NET_BUFFER pool',
  [POOL_KIND.NET_BUFFER_LIST]: 'NET_BUFFER_LIST pool',
}

const countedText = (count: number, kind: string): string =>
  kind === 'pool memory' ? `${counted(count, 'block')} of pool memory` : counted(count, kind)

interface Group {
  readonly kind: string
  readonly tag: string
  readonly site: number
  readonly stack: readonly Place[]
  bytes: number
  count: number
  /** How many of them another rule reported before. */
  told: number
}

/** What the driver still has when it is unloaded, grouped by the stack of the call that allocated it; each group is a DV:LeakAtUnload. */
export function findLeaks(
  k: Kernel,
  pools: DescriptorPools,
  siteOf: (site: number) => Place | undefined,
  nameOf: (site: number) => string,
): Leak[] {
  const { pool, space, verifier } = k
  if (verifier.enabled && verifier.level(RULE) === 'off') return []
  const groups = new Map<string, Group>()
  const add = (kind: string, tag: number, bytes: number, site: number, address: number): void => {
    const stack = allocatingStack(k, address, site)
    const key = `${kind} ${tag} ${site} ${stack.map(({ file, line, column }) => `${file}:${line}:${column}`).join(' ')}`
    const group = groups.get(key) ?? { kind, tag: tagText(tag), site, stack, bytes: 0, count: 0, told: 0 }
    group.bytes += bytes
    group.count++
    if (verifier.leftBehind.has(address)) group.told++
    groups.set(key, group)
  }

  pool.forEach((block) => {
    if (
      space.i32[(block + SYS_BLOCK.State) >> 2] === BLOCK_ALLOCATED &&
      space.r32(block + SYS_BLOCK.Owner) === OWNER_DRIVER
    )
      add(
        'pool memory',
        space.r32(block + SYS_BLOCK.PoolTag),
        pool.sizeOf(block),
        space.r32(block + SYS_BLOCK.AllocSite),
        pool.dataOf(block),
      )
  })
  pools.forEachLive((handle) => {
    const kind = pools.get(handle, SYS_POOL.Kind)
    const tag = pools.get(handle, SYS_POOL.Tag)
    const size = pools.get(handle, SYS_POOL.DescriptorSize)
    if (pools.get(handle, SYS_POOL.Flags) & POOL_FLAG.WORKBENCH) return
    pools.forEachOut(handle, (descriptor) =>
      add(
        DESCRIPTOR_NAMES[kind]!,
        tag,
        size,
        pools.get(descriptor - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.AllocSite),
        descriptor,
      ),
    )
    if (pools.get(handle, SYS_POOL.Flags) & POOL_FLAG.SYSTEM) return
    add(
      POOL_NAMES[kind]!,
      tag,
      pools.get(handle, SYS_POOL.Capacity) * pools.get(handle, SYS_POOL.Stride),
      pools.get(handle, SYS_POOL.AllocSite),
      handle,
    )
  })

  k.objects.forEach((object) => {
    if (object.driverFrees) add(object.kind, object.tag, object.bytes, object.allocated, object.address)
  })

  const leaks: Leak[] = []
  for (const { kind, tag, site, stack, bytes, count, told } of groups.values()) {
    const place = siteOf(site)
    const accepted = verifier.accepted(RULE, site)
    leaks.push({
      kind,
      tag,
      bytes,
      count,
      file: place?.file ?? '',
      line: place?.line ?? 0,
      stack,
      ...(accepted !== undefined && { accepted }),
    })
    if (told === count) continue
    verifier.violation(
      RULE,
      nameOf(site),
      `${countedText(count, kind)} (${bytes} bytes, tag '${tag}') ${count > 1 ? 'were' : 'was'} never freed.`,
      { at: site, allocated: site, stack },
    )
  }
  return leaks
}
