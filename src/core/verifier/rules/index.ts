/** Every rule that a run can report, by area. */
import { NIC_RULES } from '../../nic/rules.table'
import { HARDWARE_RULES } from './hardware.table'
import { IO_RULES } from './io.table'
import { IRQL_RULES } from './irql.table'
import { KERNEL_RULES } from './kernel.table'
import { LOCK_RULES } from './locks.table'
import { MEMORY_RULES } from './memory.table'
import { NET_BUFFER_RULES } from './net-buffers.table'
import { PACKET_RULES } from './packets.table'
import { SCENARIO_RULES } from './scenarios.table'
import { STACK5_RULES } from './stacks5.table'
import { STACK6_RULES } from './stacks6.table'
import type { Rule } from './types'

export type { Rule }

export interface RuleArea {
  readonly title: string
  readonly rules: readonly Rule[]
}

export const RULE_AREAS: readonly RuleArea[] = [
  { title: 'Locks, mutexes, events and waits', rules: LOCK_RULES },
  { title: 'The level that code runs at', rules: IRQL_RULES },
  { title: 'Pool, pointers, lookaside lists and linked lists', rules: MEMORY_RULES },
  { title: 'Packets, buffers, MDLs and their pools', rules: PACKET_RULES },
  { title: 'NET_BUFFERs, their lists and pools', rules: NET_BUFFER_RULES },
  { title: 'Miniports and protocols of NDIS 5', rules: STACK5_RULES },
  { title: 'Miniports, protocols and filters of NDIS 6', rules: STACK6_RULES },
  { title: 'DMA, interrupts, ports and device memory', rules: HARDWARE_RULES },
  { title: 'Requests of applications, devices, handles', rules: IO_RULES },
  { title: 'Timers, DPCs, work items and callbacks', rules: KERNEL_RULES },
  { title: 'What a scenario measures', rules: SCENARIO_RULES },
  { title: 'Use of a NIC by its driver', rules: NIC_RULES },
]

export const RULES: ReadonlyMap<string, Rule> = new Map(
  RULE_AREAS.flatMap(({ rules }) => rules.map((rule) => [rule.name, rule] as const)),
)
