/** What a command may touch of the process, so that specs run commands without one. */
export interface CliIo {
  out(text: string): void
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Standard output is a terminal that shows colours. */
  readonly colors: boolean
  /** Standard error is a terminal, where a line may be written over. */
  readonly terminal?: boolean
}

/** 0 clean; 1 violations, leaks or a bugcheck; 2 usage or load error. */
export type ExitCode = 0 | 1 | 2

/** Wrong arguments: one line that says what to do, exit code 2. */
export class UsageError extends Error {}
