/** Hit conditions of the Debug Adapter Protocol: '5' (from the fifth hit on stops at exactly 5), '>= 5', '> 5', '== 5', '% 5'. */
export function hitTest(condition: string | undefined): ((hits: number) => boolean) | null {
  if (condition === undefined || condition.trim() === '') return () => true
  const match = /^\s*(>=|>|==|=|<=|<|%)?\s*(\d+)\s*$/.exec(condition)
  if (!match) return null
  const count = Number(match[2])
  switch (match[1]) {
    case '>=':
      return (hits) => hits >= count
    case '>':
      return (hits) => hits > count
    case '<=':
      return (hits) => hits <= count
    case '<':
      return (hits) => hits < count
    case '%':
      return (hits) => count > 0 && hits % count === 0
    default:
      return (hits) => hits === count
  }
}
