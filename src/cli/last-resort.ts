const REPORT =
  'This is a fault of ndis-workbench itself. Please report it with the command you ran; NDIS_WORKBENCH_DEBUG=1 shows where it happened.'

/** One line for a failure that nothing else caught, and the stack only for those who ask for it. */
export function describeFault(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  const line = error instanceof Error ? error.message.split('\n')[0] : String(error)
  const stack = env.NDIS_WORKBENCH_DEBUG === '1' && error instanceof Error ? `\n${error.stack}` : ''
  return `ndis-workbench: ${line}\n${REPORT}${stack}\n`
}

/** Ends the process with exit code 2 for an exception or rejection that nobody handles. */
export function lastResort(env: Readonly<Record<string, string | undefined>>, write: (text: string) => void): void {
  const end = (error: unknown) => {
    write(describeFault(error, env))
    process.exit(2)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}
