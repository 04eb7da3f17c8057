import { API } from '../core/ndis/api'

/** Functions and callbacks of the interface at which a rule is checked, sorted: those that name it in the API table. */
export const watchesOf = (rule: string): string[] =>
  API.filter(({ rules }) => rules.includes(rule))
    .map(({ name }) => name)
    .sort()
