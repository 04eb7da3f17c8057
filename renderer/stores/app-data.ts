/** Facts that come with the product: versions, the API table, the struct tables, the examples. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { AppInfo, ExampleEntry } from '../../src/shared/rpc'
import type { RuleView } from '../../src/shared/dap'
import type { NicTable } from '../../src/shared/views'
import { host } from '../bridge/host'
import { callables, structNames, type Callable, type StructName } from '../model/tables'

export const useAppData = defineStore('app-data', () => {
  const info = shallowRef<AppInfo>()
  const dts = shallowRef('')
  const functions = shallowRef<readonly Callable[]>([])
  const structs = shallowRef<readonly StructName[]>([])
  /** Register maps of NICs by the name of the device. */
  const nics = shallowRef<ReadonlyMap<string, NicTable>>(new Map())
  /** Explanations of rules by name. */
  const rules = shallowRef<ReadonlyMap<string, RuleView>>(new Map())
  const examples = shallowRef<readonly ExampleEntry[]>([])

  const load = async (): Promise<void> => {
    const [about, data, list] = await Promise.all([
      host().request('app/info', {}),
      host().request('app/data', {}),
      host().request('examples/list', {}),
    ])
    info.value = about
    dts.value = data.dts
    functions.value = callables(data.api)
    structs.value = structNames(data.structs)
    nics.value = new Map((data.nics as readonly NicTable[]).map((table) => [table.device, table]))
    rules.value = new Map((data.rules as readonly RuleView[]).map((rule) => [rule.name, rule]))
    examples.value = list.examples
  }
  return { info, dts, functions, structs, nics, rules, examples, load }
})
