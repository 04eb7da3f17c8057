// Kept from before the lockdown, which takes Function away from everybody else.
const Compile = Function

const compiled = new Map<string, (...values: unknown[]) => unknown>()

/**
 * Runs the body of a function that sees the names of the scope, and gives what it returns. A text is compiled once a thread:
 * each machine asks for the same ones, and only what their names stand for differs.
 */
export function compileIn(scope: Readonly<Record<string, unknown>>, body: string): unknown {
  const names = Object.keys(scope).join(',')
  const key = `${names}\n${body}`
  const known = compiled.get(key)
  const factory = known ?? (Compile(names, body) as (...values: unknown[]) => unknown)
  if (!known) compiled.set(key, factory)
  return factory(...Object.values(scope))
}
