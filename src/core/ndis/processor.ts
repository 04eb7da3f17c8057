import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'

const NUMBER = layout('PROCESSOR_NUMBER', 'Group', 'Number')
const ALL_GROUPS = constant('ALL_PROCESSOR_GROUPS')
const INVALID_INDEX = constant('INVALID_PROCESSOR_INDEX')
const STATUS_SUCCESS = constant('STATUS_SUCCESS')
const STATUS_INVALID_PARAMETER = constant('STATUS_INVALID_PARAMETER')
/** All processors of this machine are in one group, the first. */
const GROUP = 0

/** Processors by group and number, and by their index (DDI ndisgroupactiveprocessorcount ...; WDM kegetprocessorindexfromnumber). */
export function createProcessors(k: Kernel) {
  const { cpus, space, image, preempt } = k
  const { r8, r16, w8, w16 } = space
  const records = new Map<number, number>()

  function write(ProcNumber: number, index: number): void {
    w16(ProcNumber + NUMBER.Group, GROUP)
    w8(ProcNumber + NUMBER.Number, index)
    w8(ProcNumber + NUMBER.Number + 1, 0)
  }
  function indexOf(ProcNumber: number): number {
    const index = r8(ProcNumber + NUMBER.Number)
    return r16(ProcNumber + NUMBER.Group) === GROUP && index < cpus.count ? index : INVALID_INDEX
  }
  /** A PROCESSOR_NUMBER that C gives by value: its address to a script. */
  function record(index: number): number {
    const known = records.get(index)
    if (known !== undefined) return known
    const address = image.allocate(NUMBER.SIZE)
    if (address === 0) return 0
    write(address, index)
    records.set(index, address)
    return address
  }
  const told = (value: number): number => {
    preempt()
    return value
  }
  const countOf = (group: number): number => (group === GROUP || group === ALL_GROUPS ? cpus.count : 0)
  return {
    NdisActiveGroupCount: (): number => told(1),
    NdisMaxGroupCount: (): number => told(1),
    NdisGroupActiveProcessorCount: (Group: number): number => told(countOf(Group)),
    NdisGroupActiveProcessorMask: (Group: number): number => told(Group === GROUP ? (1 << cpus.count) - 1 : 0),
    NdisGroupMaxProcessorCount: (Group: number): number => told(countOf(Group)),
    NdisCurrentGroupAndProcessor: (): number => told(record(cpus.current())),
    NdisProcessorNumberToIndex: (ProcNum: number): number => told(indexOf(ProcNum)),
    KeQueryActiveProcessorCountEx: (GroupNumber: number): number => told(countOf(GroupNumber)),
    KeGetCurrentProcessorNumberEx(ProcNumber?: number): number {
      preempt()
      if (ProcNumber) write(ProcNumber, cpus.current())
      return cpus.current()
    },
    KeGetProcessorIndexFromNumber: (ProcNumber: number): number => told(indexOf(ProcNumber)),
    KeGetProcessorNumberFromIndex(ProcIndex: number, ProcNumber: number): number {
      preempt()
      if (ProcIndex >>> 0 >= cpus.count) return STATUS_INVALID_PARAMETER
      write(ProcNumber, ProcIndex)
      return STATUS_SUCCESS
    },
  }
}
