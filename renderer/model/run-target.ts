/** Which document a press on Run means. */
import { driverOf, isConfiguration } from './configuration-uri'

export interface Candidate {
  readonly uri: string
  readonly text: string
}

/** One driver, or several of one session. */
const ENTRY =
  /\bexport\s+(?:function|const|let)\s+(?:DriverEntry|drivers)\b|\bexport\s*\{[^}]*\b(?:DriverEntry|drivers)\b/
const folderOf = (uri: string): string => uri.replace(/[^\\/]*$/, '')
const ENTRY_NAMES = /[\\/](?:driver|index)\.ts$/

/**
 * The driver beside an active configuration file; the active document when it has a DriverEntry; else the entry file of its folder, when that is open; else the only
 * open document with a DriverEntry; else the active one all the same, so that the engine can say what is missing.
 */
export function runTarget(active: Candidate | undefined, open: readonly Candidate[]): string | undefined {
  if (active && isConfiguration(active.uri)) return driverOf(active.uri)
  if (active && ENTRY.test(active.text)) return active.uri
  const drivers = open.filter((candidate) => ENTRY.test(candidate.text))
  const sibling = active && drivers.find(({ uri }) => folderOf(uri) === folderOf(active.uri) && ENTRY_NAMES.test(uri))
  if (sibling) return sibling.uri
  if (drivers.length === 1) return drivers[0]?.uri
  return active?.uri
}
